using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>Batch normalisation with scale, shift and running statistics.</summary>
/// <remarks>PyTorch: <c>nn.BatchNorm2d</c>; state is <c>name.weight</c>, <c>.bias</c>, <c>.running_mean</c>, <c>.running_var</c>, <c>.num_batches_tracked</c>.</remarks>
public sealed class BatchNormLayer
{
    private static readonly int[] OneGroup = [0];

    /// <summary>Adds the layer's parameters and buffers to groups.</summary>
    /// <param name="group">Where scale and shift lie.</param>
    /// <param name="buffers">Where the running statistics lie.</param>
    /// <param name="store">Keeps the counter of batches.</param>
    /// <param name="name">The prefix of the names.</param>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="momentum">The share of a batch's statistics in the running ones.</param>
    public BatchNormLayer(ParameterGroup group, ParameterGroup buffers, ParameterStore store, string name, int channels, double epsilon = 1e-5, double momentum = 0.1)
    {
        var shape = new Shape(channels);
        Epsilon = epsilon;
        Momentum = momentum;
        Gamma = group.Add(name + ".weight", shape, Initializers.Constant(1));
        Beta = group.Add(name + ".bias", shape, Initializers.Constant(0));
        RunningMean = buffers.Add(name + ".running_mean", shape, Initializers.Constant(0));
        RunningVariance = buffers.Add(name + ".running_var", shape, Initializers.Constant(1));
        BatchesTracked = store.AddCounter(name + ".num_batches_tracked");
    }

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; }

    /// <summary>The share of a batch's statistics in the running ones.</summary>
    public double Momentum { get; }

    /// <summary>The scale.</summary>
    public Parameter Gamma { get; }

    /// <summary>The shift.</summary>
    public Parameter Beta { get; }

    /// <summary>The running mean.</summary>
    public Parameter RunningMean { get; }

    /// <summary>The running, unbiased variance.</summary>
    public Parameter RunningVariance { get; }

    /// <summary>The number of updates of the running statistics.</summary>
    public Counter BatchesTracked { get; }

    /// <summary>Normalises [N, …, C]. Where <see cref="Step.IsRecomputing"/>, running statistics and counter have moved before and stay; in a step without <see cref="Step.HasEffects"/> they never move.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, …, C].</param>
    /// <param name="training">Whether the batch's own statistics are used and the running ones updated.</param>
    /// <param name="relu">Whether ReLU follows.</param>
    /// <param name="groups">Parts of the batch with statistics of their own, in training.</param>
    /// <param name="updates">The groups whose statistics update the running ones, in order; each once if null.</param>
    public Tensor Forward(Step step, Tensor input, bool training, bool relu = false, int groups = 1, IReadOnlyList<int>? updates = null)
    {
        if (!training)
        {
            return step.BatchNormInference(input, Gamma.Value, Beta.Value, RunningMean.Value, RunningVariance.Value, Epsilon, relu);
        }

        RunningStatistics? running = Running(step, input, groups, updates);
        Tensor output = step.BatchNorm(input, Gamma.Value, Beta.Value, Epsilon, relu, groups, running);
        Count(running);
        return output;
    }

    /// <summary>Ends a residual block: normalises, adds the residual, applies ReLU, and mixes with the residual where there are gates.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[B, H, W, C], the output of the block's last convolution.</param>
    /// <param name="residual">[B, H, W, C].</param>
    /// <param name="gates">[S, 2]: column 0 selects the block, column 1 skips it; null where the block runs.</param>
    /// <param name="sharedInput">Whether the S streams of the gates share the B images, so that the output has S * B.</param>
    /// <param name="training">Whether the batch's own statistics are used and the running ones updated.</param>
    /// <param name="groups">Parts of the batch with statistics of their own, in training.</param>
    /// <param name="updates">The groups whose statistics update the running ones, in order; each once if null.</param>
    public Tensor ForwardResidual(
        Step step, Tensor input, Tensor residual, Tensor? gates, bool sharedInput, bool training, int groups = 1, IReadOnlyList<int>? updates = null)
    {
        if (!training)
        {
            return step.BatchNormResidualInference(input, Gamma.Value, Beta.Value, RunningMean.Value, RunningVariance.Value, residual, gates, sharedInput, Epsilon);
        }

        RunningStatistics? running = Running(step, input, groups, updates);
        Tensor output = step.BatchNormResidual(input, Gamma.Value, Beta.Value, residual, gates, sharedInput, Epsilon, groups, running);
        Count(running);
        return output;
    }

    private RunningStatistics? Running(Step step, Tensor input, int groups, IReadOnlyList<int>? updates)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(input);
        if (step.IsRecomputing || !step.HasEffects)
        {
            return null;
        }

        if (groups != 1)
        {
            BatchNormOps.CheckGroups("batch_norm", input, groups);
        }

        return new RunningStatistics(RunningMean.Value, RunningVariance.Value, Momentum, updates ?? (groups == 1 ? OneGroup : [.. Enumerable.Range(0, groups)]));
    }

    // Only once the op has gone well: it may refuse its arguments.
    private void Count(RunningStatistics? running) => BatchesTracked.Value += running?.Updates.Count ?? 0;
}
