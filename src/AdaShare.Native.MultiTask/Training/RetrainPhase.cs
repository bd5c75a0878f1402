using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>Retraining of one sampled policy: fresh weights under its own seed, Adam, the whole training set, the policy fixed.</summary>
internal sealed class RetrainPhase : Phase
{
    private readonly BatchLoader _loader;
    private readonly Adam _weights;
    private readonly StepSchedule _schedule;
    private readonly DiscretePolicy _policy;
    private readonly IReadOnlyList<IReadOnlyList<Gate>> _gates;
    private readonly ulong _seed;

    public RetrainPhase(TrainingSession session, long done)
        : base(session, RunPhase.Retrain, session.Config.Train.RetrainTotalIters ?? session.Config.Train.TotalIters)
    {
        AdaShareNetwork network = session.Network;
        TrainConfig train = session.Config.Train;
        int index = session.State.Policy;
        _seed = session.RetrainSeed(index);
        _policy = new DiscretePolicy(session.State.Policies[index]);
        _gates = _policy.ToGates(session.Rules.DroppedBlocksSilent ? GateKind.Silent : GateKind.Off);
        if (done == 0)
        {
            Start(session);
        }

        network.BackboneGroup.Trainable = true;
        network.HeadGroup.Trainable = true;
        network.LogitGroup.Trainable = false;
        _weights = WeightOptimizers.Adam(network, train);
        _schedule = new StepSchedule(_weights, train.DecayLrFreq, train.DecayLrRate);
        _loader = session.Loader(Split.Train, _seed, $"retrain/{index}", done);
        Optimizers = new Dictionary<string, Optimizer> { ["weights"] = _weights };
    }

    public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    private string Checkpoint => $"retrain_{Session.State.Policy}";

    public override StepRecord Run(long done) => Train($"retrain/{Session.State.Policy}", done, _loader, _weights, _schedule, _seed, _ => _gates);

    public override void AfterStep(long done, CancellationToken stop)
    {
        if (Due(done, Session.Config.Train.ValFreq))
        {
            KeepBest(Session.Validate(_policy, stop), done, Checkpoint);
        }
    }

    public override void Finish(CancellationToken stop)
    {
        RunState state = Session.State;
        if (Session.Config.Test.WhichIter == "latest")
        {
            CheckpointStore.SaveModel(Session, Checkpoint);
            state.BestStep = Steps;
        }
        else
        {
            CheckpointStore.LoadModel(Session, Checkpoint);
        }

        state.Retrained.Add(new RetrainResult(state.BestScore ?? 0, state.BestStep, Session.Test(_policy, stop).Copy()));
        bool last = state.Policy + 1 >= state.Policies.Length;
        MoveTo(last ? RunPhase.Done : RunPhase.Retrain, last ? 0 : state.Policy + 1);
    }

    public override void Dispose()
    {
        _loader.Dispose();
        _weights.Dispose();
    }

    private void Start(TrainingSession session)
    {
        if (session.Config.RetrainFromPl)
        {
            CheckpointStore.LoadModel(session, session.Config.Train.PolicyIter == "best" ? "policy_best" : "policy_latest");
        }
        else
        {
            session.Network.Store.Initialize(_seed);
        }
    }
}
