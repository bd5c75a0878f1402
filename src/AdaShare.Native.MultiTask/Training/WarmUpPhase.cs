using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>Warm-up: all tasks share every block; Adam (betas 0.5, 0.999; weight decay 1e-4) moves the weights on the whole training set.</summary>
internal sealed class WarmUpPhase : Phase
{
    private readonly BatchLoader _loader;
    private readonly Adam _weights;
    private readonly StepSchedule _schedule;

    public WarmUpPhase(TrainingSession session, long done)
        : base(session, RunPhase.WarmUp, session.Config.Policy ? session.Config.Train.WarmUpIters : session.Config.Train.TotalIters)
    {
        AdaShareNetwork network = session.Network;
        network.BackboneGroup.Trainable = true;
        network.HeadGroup.Trainable = true;
        network.LogitGroup.Trainable = false;
        _weights = WeightOptimizers.Adam(network, session.Config.Train);
        _schedule = new StepSchedule(_weights, session.Config.Train.DecayLrFreq, session.Config.Train.DecayLrRate);
        _loader = session.Loader(Split.Train, session.Seed, "warm_up", done);
        Optimizers = new Dictionary<string, Optimizer> { ["weights"] = _weights };
    }

    public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    public override StepRecord Run(long done) => Train("warm_up", done, _loader, _weights, _schedule, Session.Seed, gates: null);

    public override void AfterStep(long done, CancellationToken stop)
    {
        if (Due(done, Session.Config.Train.ValFreq))
        {
            MetricTable metrics = Session.Validate(policy: null, stop);
            if (done == Steps)
            {
                Session.State.Reference = metrics.Copy();
            }
        }
    }

    public override void Finish(CancellationToken stop)
    {
        Session.State.WarmUp = Session.Test(policy: null, stop).Copy();
        CheckpointStore.SaveModel(Session, "warmup");
        MoveTo(Session.Config.Policy ? RunPhase.Search : RunPhase.Done);
    }

    public override void Dispose()
    {
        _loader.Dispose();
        _weights.Dispose();
    }
}

/// <summary>The weight optimisers of the official code.</summary>
internal static class WeightOptimizers
{
    private const double WeightDecay = 1e-4;
    private const double Beta1 = 0.5;
    private const double Beta2 = 0.999;
    private const double Momentum = 0.9;

    /// <summary>Adam of warm-up and retraining.</summary>
    public static Adam Adam(AdaShareNetwork network, TrainConfig train) =>
        new(network.Store, Groups(network, train), [network.LogitGroup], Beta1, Beta2, weightDecay: WeightDecay);

    /// <summary>SGD of the search.</summary>
    public static Sgd Sgd(AdaShareNetwork network, TrainConfig train) =>
        new(network.Store, Groups(network, train), [network.LogitGroup], Momentum, WeightDecay);

    private static OptimizerGroup[] Groups(AdaShareNetwork network, TrainConfig train) =>
        [new OptimizerGroup(network.HeadGroup, train.Lr), new OptimizerGroup(network.BackboneGroup, train.BackboneLr)];
}
