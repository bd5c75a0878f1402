using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>
/// Training steps as the trainer's phases run them: upload, input from stored bytes, gates, forward, losses, backward, update, and the losses read back, over one random
/// batch. Loading images is left out.
/// </summary>
public sealed class StepWorkload : IDisposable
{
    private const double LearningRate = 1e-4;
    private const double LogitRate = 0.01;
    private const double Temperature = 5;
    private const double SharingWeight = 0.05;
    private const double SparsityWeight = 0.05;
    private const ulong Seed = 1;

    private static int _workloads;

    private readonly StepSpec _spec;

    // A workload of its own is a step of its own: under one name for all, a captured graph would count as missed whenever another one runs.
    private readonly string _key;
    private readonly GumbelSource? _noise;
    private readonly int _open;
    private readonly TrainingBatch _batch;
    private readonly WeightingRun? _weighting;
    private long _time;

    /// <summary>Makes the network with the golden weights, its optimiser and a batch.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="spec">What is trained and how large it is.</param>
    /// <param name="noise">The noise of the gates, or null for numbers that differ from step to step.</param>
    /// <exception cref="ConfigurationException">No array holds so many images.</exception>
    public StepWorkload(Backend backend, StepSpec spec, GumbelSource? noise = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        SyntheticData.Check(spec.Batch, spec.Height, spec.Width);
        (_spec, _noise) = (spec, noise);
        _key = $"{spec.KindName} ({Interlocked.Increment(ref _workloads)})";
        Network = new AdaShareNetwork(new NetworkSpec(spec.Backbone, spec.Tasks, spec.HeadChannels, spec.Dropout) { Activations = spec.Activations }, backend) { RecomputesBlocks = spec.Recompute };
        Restart();
        _open = Math.Min(spec.OpenBlocks, Network.DecisionCount);
        bool policy = spec.Kind == StepKind.Policy;
        WeightOptimizers.Train(Network, weights: !policy);
        OptimizerGroup[] weights = policy ? [] : [new OptimizerGroup(Network.HeadGroup, LearningRate), new OptimizerGroup(Network.BackboneGroup, LearningRate)];
        Optimizer = spec.Kind switch
        {
            StepKind.WarmUp => new Adam(Network.Store, weights, [Network.LogitGroup], 0.5, 0.999, weightDecay: 1e-4),
            StepKind.Weights => new Sgd(Network.Store, weights, [Network.LogitGroup], momentum: 0.9, weightDecay: 1e-4),
            _ => new Adam(Network.Store, [new OptimizerGroup(Network.LogitGroup, LogitRate)], [Network.BackboneGroup, Network.HeadGroup], weightDecay: 5e-4),
        };
        _weighting = policy ? null : WeightingRun.Begin(new RunConfig { Weighting = { Method = spec.Weighting } }, new WeightingSetting(spec.Tasks.Count, Seed, StepsPerEpoch: 1), null);
        Shape features = Network.Backbone.FeatureShape(spec.Backbone.InputShape(spec.Height, spec.Width));
        Label[] labels = [.. spec.Tasks.Select(static task => task.Label).Distinct()];
        _batch = new TrainingBatch(SyntheticData.Batch(labels, new BatchShape(spec.Batch, spec.Height, spec.Width, features[1], features[2]), spec.Backbone.Inputs), spec.Tasks.Count);
    }

    /// <summary>The network that is trained.</summary>
    public AdaShareNetwork Network { get; }

    /// <summary>What moves its parameters.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Bytes of the parameters and of the optimiser's state, which are live whatever a step does.</summary>
    public long StateBytes => sizeof(float) * (Network.Store.ParameterCount + Optimizer.State.Sum(static buffer => buffer.Tensor.Count));

    /// <summary>Sets the weights and the number of the step back to the start. The optimiser's memory stays.</summary>
    public void Restart()
    {
        GoldenFormula.Initialize(Network.Store);
        _time = 0;
    }

    /// <summary>Does one step.</summary>
    /// <exception cref="AdaShareException">A loss is no longer finite: what is timed would not be training.</exception>
    public void Run()
    {
        using var step = new Step(Network.Backend);
        StepLosses losses = TrainingStep.Run(step, Network, _batch, Plan());
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        foreach (Tensor loss in AllLosses(losses))
        {
            if (!double.IsFinite(loss.Item()))
            {
                throw new AdaShareException($"{_spec.Name}: a loss is no longer finite, so that what is timed is not training; report it with the device and the numerics");
            }
        }

        if (losses.Weights is { } weights)
        {
            _weighting!.Learn(weights, [.. losses.OfTasks.Select((loss, t) => Network.Tasks[t].Lambda * loss.Item())]);
        }
    }

    /// <summary>Everything of a step but the backward pass and the update. The last loss is the total.</summary>
    /// <param name="step">The step that owns outputs and losses.</param>
    public (IReadOnlyList<Tensor> Outputs, IReadOnlyList<Tensor> Losses) Forward(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        StepLosses losses = TrainingStep.Forward(step, Network, _batch, Plan());
        return (losses.Outputs, AllLosses(losses));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }

    private static IReadOnlyList<Tensor> AllLosses(StepLosses losses) => [.. losses.OfTasks, losses.Total];

    private StepPlan Plan()
    {
        long time = _time++;
        return new StepPlan(_key, Optimizer, Seed, time)
        {
            Gates = _spec.Kind == StepKind.WarmUp
                ? null
                : step => SoftPolicy.Sample(step, Network, Temperature, _open, _noise ?? GumbelSource.Of(Seed, time), straightThrough: false),
            Weighting = _weighting,
            Regularizers = _spec.Kind == StepKind.Policy ? Regularizers : null,
        };
    }

    private WeightedLoss[] Regularizers(Step step) =>
    [
        new("sharing", SharingWeight, PolicyRegularizer.Sharing(step, Network, LossRules.Official)),
        new("sparsity", SparsityWeight, PolicyRegularizer.Sparsity(step, Network, LossRules.Official, _open)),
    ];
}
