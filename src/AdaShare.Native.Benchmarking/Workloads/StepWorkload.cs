using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Golden;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;
using AdaShare.Native.MultiTask.Training;

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

    private static readonly LossRules Official = new(
        SharingWeights.Top, SharingDistance.Logit, SparsityForm.CrossEntropy, WeighSparsityByDepth: false, DecodedNormals: false, DroppedBlocksSilent: true);

    private static int _workloads;

    private readonly StepSpec _spec;

    // A workload of its own is a step of its own: under one name for all, a captured graph would count as missed whenever another one runs.
    private readonly string _key;
    private readonly GumbelSource? _noise;
    private readonly int _open;
    private readonly Batch _batch;
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
        Network = new AdaShareNetwork(new NetworkSpec(spec.Backbone, spec.Tasks, spec.HeadChannels, spec.Dropout, SkipLayer: 0) { Activations = spec.Activations }, backend) { RecomputesBlocks = spec.Recompute };
        Restart();
        _open = Math.Min(spec.OpenBlocks, Network.Spec.DecisionCount);
        bool policy = spec.Kind == StepKind.Policy;
        Network.BackboneGroup.Trainable = Network.HeadGroup.Trainable = !policy;
        Network.LogitGroup.Trainable = policy;
        OptimizerGroup[] weights = policy ? [] : [new OptimizerGroup(Network.HeadGroup, LearningRate), new OptimizerGroup(Network.BackboneGroup, LearningRate)];
        Optimizer = spec.Kind switch
        {
            StepKind.WarmUp => new Adam(Network.Store, weights, [Network.LogitGroup], 0.5, 0.999, weightDecay: 1e-4),
            StepKind.Weights => new Sgd(Network.Store, weights, [Network.LogitGroup], momentum: 0.9, weightDecay: 1e-4),
            _ => new Adam(Network.Store, [new OptimizerGroup(Network.LogitGroup, LogitRate)], [Network.BackboneGroup, Network.HeadGroup], weightDecay: 5e-4),
        };
        Shape features = Network.Backbone.FeatureShape(new Shape(1, spec.Height, spec.Width, 3));
        LabelKind[] labels = [.. spec.Tasks.Select(static task => task.Label).Distinct()];
        _batch = SyntheticData.Batch(labels, new BatchShape(spec.Batch, spec.Height, spec.Width, features[1], features[2]));
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
        IReadOnlyList<Tensor> losses = [];
        step.Backend.RunStep(_key, () =>
        {
            (_, losses) = Forward(step);
            Optimizer.BackwardAndStep(step, losses[^1]);
        });
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        foreach (Tensor loss in losses)
        {
            if (!double.IsFinite(loss.Item()))
            {
                throw new AdaShareException($"{_spec.Name}: a loss is no longer finite, so that what is timed is not training; report it with the device and the numerics");
            }
        }
    }

    /// <summary>Everything of a step but the backward pass and the update. The last loss is the total.</summary>
    /// <param name="step">The step that owns outputs and losses.</param>
    public (IReadOnlyList<Tensor> Outputs, IReadOnlyList<Tensor> Losses) Forward(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        long time = _time++;
        IReadOnlyList<IReadOnlyList<Gate>>? gates = _spec.Kind == StepKind.WarmUp
            ? null
            : SoftPolicy.Sample(step, Network, Temperature, _open, _noise ?? GumbelSource.Of(Seed, time), straightThrough: false);
        IReadOnlyList<Tensor> outputs = Network.Forward(step, NetworkInput.Of(step, _batch, DType.Float32), gates, training: true, Seed, time);
        IReadOnlyList<Tensor> losses = TaskLosses.Of(step, _spec.Tasks, outputs, _batch);
        Tensor total = TaskLosses.Total(step, _spec.Tasks, losses);
        if (_spec.Kind == StepKind.Policy)
        {
            total = TaskLosses.Add(step, total, PolicyRegularizer.Sharing(step, Network, Official), SharingWeight);
            total = TaskLosses.Add(step, total, PolicyRegularizer.Sparsity(step, Network, Official, _open), SparsityWeight);
        }

        return (outputs, [.. losses, total]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }
}
