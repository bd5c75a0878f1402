using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>
/// Policy search: SGD moves the weights on one part of the training set, Adam moves the logits on the other, in turns, with soft gates, curriculum and a falling
/// temperature.
/// </summary>
internal sealed class SearchPhase : Phase
{
    private const double LogitWeightDecay = 5e-4;

    private readonly BatchLoader _weightLoader;
    private readonly BatchLoader _policyLoader;
    private readonly Sgd _weights;
    private readonly Adam _logits;
    private readonly StepSchedule? _decay;
    private readonly SearchSchedule _schedule;

    public SearchPhase(TrainingSession session, long done)
        : base(session, RunPhase.Search, Math.Max(0, session.Config.Train.TotalIters - session.Config.Train.WarmUpIters))
    {
        AdaShareNetwork network = session.Network;
        TrainConfig train = session.Config.Train;
        _weights = WeightOptimizers.Sgd(network, train);
        _logits = new Adam(
            network.Store, [new OptimizerGroup(network.LogitGroup, train.PolicyLr)], [network.BackboneGroup, network.HeadGroup], weightDecay: LogitWeightDecay);
        _decay = train is { PolicyDecayLrFreq: { } period, PolicyDecayLrRate: { } rate } ? new StepSchedule(_weights, period, rate) : null;
        _weightLoader = session.Loader(Split.TrainWeights, session.Seed, "search/weights", 0);
        _policyLoader = session.Loader(Split.TrainPolicy, session.Seed, "search/policy", 0);
        _schedule = new SearchSchedule(
            train.WeightIterAlternate ?? _weightLoader.StepsPerEpoch, train.AlphaIterAlternate ?? _policyLoader.StepsPerEpoch, train,
            session.Config.IsCurriculum ? session.Config.CurriculumSpeed : null, network.Spec.DecisionCount);
        _weightLoader.Seek(_schedule.WeightBatch(done));
        _policyLoader.Seek(_schedule.PolicyBatch(done));
        Optimizers = new Dictionary<string, Optimizer> { ["weights"] = _weights, ["logits"] = _logits };
        Publish(done);
    }

    public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    public override StepRecord Run(long done)
    {
        bool updatesPolicy = _schedule.UpdatesPolicy(done);
        double temperature = _schedule.Temperature(done);
        int open = _schedule.OpenBlocks(done);
        Free(updatesPolicy);
        StepRecord record = updatesPolicy
            ? Train($"search/policy/{open}", done, _policyLoader, _logits, null, Session.Seed, Gates, step => Regularizers(step, open))
            : Train($"search/weights/{open}", done, _weightLoader, _weights, _decay, Session.Seed, Gates);
        Publish(done + 1);
        return record with { UpdatesPolicy = updatesPolicy, Temperature = temperature, OpenBlocks = open };

        IReadOnlyList<IReadOnlyList<Gate>> Gates(Step step) =>
            SoftPolicy.Sample(step, Session.Network, temperature, open, GumbelSource.Of(Session.Seed, done), Session.Config.Train.HardSampling);
    }

    public override void AfterStep(long done, CancellationToken stop)
    {
        // Only a finished cycle with every block open can be the best; the last step counts in any case, so that there is a policy.
        bool cycleEnds = done % _schedule.CycleLength == 0 && _schedule.OpenBlocks(done - 1) == Session.Network.Spec.DecisionCount;
        if (done == Steps || (cycleEnds && done - Session.State.LastValidation >= Session.Config.Train.ValFreq))
        {
            Session.State.LastValidation = done;
            MetricTable metrics = Session.Validate(LikeliestPolicy(done), stop);
            KeepBest(metrics, done, "policy_best");
        }
    }

    public override void Finish(CancellationToken stop)
    {
        CheckpointStore.SaveModel(Session, "policy_latest");
        if (Session.Config.Train.PolicyIter == "best" && Session.State.BestScore is not null)
        {
            CheckpointStore.LoadModel(Session, "policy_best");
        }

        PolicyDistribution distribution = Learnt();
        RunState state = Session.State;
        state.Distribution = distribution.ToArray();
        state.Policies = [.. Enumerable.Range(0, Session.Config.Retrain.Policies)
            .Select(i => distribution.Sample(RandomStream.For(Session.RetrainSeed(i), "policy", i)).ToArray())];
        RunResults.WritePolicy(Session, selected: null);
        MoveTo(RunPhase.Retrain);
    }

    public override void Dispose()
    {
        _weightLoader.Dispose();
        _policyLoader.Dispose();
        _weights.Dispose();
        _logits.Dispose();
    }

    /// <summary>The likelier decision of every open block; closed blocks run.</summary>
    private DiscretePolicy LikeliestPolicy(long done) => Distribution(_schedule.OpenBlocks(done - 1)).ArgMax();

    /// <summary>What the search has learnt. A block that it never opened has an untouched logit, which is no decision: it runs.</summary>
    private PolicyDistribution Learnt()
    {
        int decisions = Session.Network.Spec.DecisionCount;
        int open = Steps == 0 ? 0 : _schedule.OpenBlocks(Steps - 1);
        if (open < decisions)
        {
            Session.Observer.Notice(
                $"the search ended with {open} of {decisions} decisions open: the blocks before run for every task; lengthen the search (train.total_iters) or lower curriculum_speed");
        }

        return Distribution(open);
    }

    private PolicyDistribution Distribution(int open)
    {
        double[][] alpha = PolicyDistribution.Of(Session.Network).ToArray();
        foreach (double[] row in alpha)
        {
            Array.Fill(row, 1, 0, row.Length - open);
        }

        return new PolicyDistribution(alpha);
    }

    private List<(string Name, double Weight, Tensor Loss)> Regularizers(Step step, int open)
    {
        var losses = new List<(string Name, double Weight, Tensor Loss)>();
        if (Session.Config.IsSharing)
        {
            losses.Add(("sharing", Session.Config.Train.RegWHamming, PolicyRegularizer.Sharing(step, Session.Network, Session.Rules)));
        }

        if (Session.Config.IsSparse)
        {
            losses.Add(("sparsity", Session.Config.Train.RegW, PolicyRegularizer.Sparsity(step, Session.Network, Session.Rules, open)));
        }

        return losses;
    }

    private void Free(bool policy)
    {
        AdaShareNetwork network = Session.Network;
        network.BackboneGroup.Trainable = !policy;
        network.HeadGroup.Trainable = !policy;
        network.LogitGroup.Trainable = policy;
        if (!policy && Session.Config.FixBatchNorm)
        {
            foreach (BatchNormLayer norm in network.Backbone.NormsOfBlocksAndStem)
            {
                norm.Gamma.Trainable = false;
                norm.Beta.Trainable = false;
            }
        }
    }

    private void Publish(long done)
    {
        Session.State.Temperature = _schedule.Temperature(done);
        Session.State.OpenBlocks = _schedule.OpenBlocks(done);
    }
}
