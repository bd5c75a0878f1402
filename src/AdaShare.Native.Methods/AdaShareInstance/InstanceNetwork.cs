using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.AdaShareInstance;

/// <summary>How decisions are drawn in a training step.</summary>
/// <param name="Temperature">The Gumbel temperature, above 0.</param>
/// <param name="StraightThrough">Whether gates are one-hot, with the gradient of the soft sample.</param>
public sealed record InstanceSampling(double Temperature, bool StraightThrough);

/// <summary>A shared network whose policy network gives two logits, select and skip, for each task and block of an image.</summary>
public sealed class InstanceNetwork : DecidingNetwork
{
    private readonly Counter _open;

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public InstanceNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32)
        : base(spec, backend, type, 2 * spec.Tasks.Count * spec.Backbone.BlockCount) => _open = Store.AddCounter("policy.open_blocks");

    /// <summary>How many of the last blocks have a decision; the others run. It is part of the network's state, since the decisions of other blocks are not learnt.</summary>
    public int OpenBlocks
    {
        get => (int)_open.Value;
        set => _open.Value = value;
    }

    /// <summary>How decisions are drawn in training; null where the likelier ones are taken there too.</summary>
    public InstanceSampling? Sampling { get; set; }

    /// <inheritdoc/>
    protected override bool DecidesForAllTasks => false;

    private int Blocks => Spec.Backbone.BlockCount;

    /// <summary>The logits of a task, [N, L, 2], of what the policy network said.</summary>
    /// <param name="step">The step that owns them.</param>
    /// <param name="outputs">[N, 2 K L].</param>
    /// <param name="task">The task, from 0.</param>
    public Tensor LogitsOf(Step step, Tensor outputs, int task)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(outputs);
        Tensor own = step.Slice(outputs, 1, 2 * Blocks * task, 2 * Blocks);
        Tensor logits = step.Reshape(own, new Shape(outputs.Shape[0], Blocks, 2));
        step.Release(own);
        return logits;
    }

    /// <inheritdoc/>
    protected override ImageDecision Decide(Step step, Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(context);
        InstanceSampling? sampling = context.Samples ? Sampling : null;
        Tensor outputs = Policy.Forward(step, input, training: sampling is not null);
        return sampling is null ? Likeliest(outputs) : new ImageDecision(Sampled(step, outputs, sampling, context), outputs, null);
    }

    private GateTable Sampled(Step step, Tensor outputs, InstanceSampling sampling, ForwardContext context)
    {
        int images = outputs.Shape[0], tasks = Tasks.Count;
        Tensor logits = step.Reshape(outputs, new Shape(images, tasks * Blocks, 2));
        Tensor noise = step.GumbelNoise(logits.Shape, logits.DType, RandomStream.For(context.Seed, "gumbel/images", context.Time));
        Tensor sample = step.GumbelSoftmax(logits, noise, sampling.Temperature, sampling.StraightThrough);
        step.Release(logits);
        step.Release(noise);
        var gates = new Gate[tasks][];
        for (int t = 0; t < tasks; t++)
        {
            gates[t] = [.. Enumerable.Range(0, Blocks).Select(b => b < Blocks - OpenBlocks ? Gate.On : Gate.Soft(PairOf((t * Blocks) + b)))];
        }

        step.Release(sample);
        return GateTable.PerTask(gates);

        Tensor PairOf(int decision)
        {
            Tensor own = step.Slice(sample, 1, decision, 1);
            Tensor pair = step.Reshape(own, new Shape(images, 2));
            step.Release(own);
            return pair;
        }
    }

    private ImageDecision Likeliest(Tensor outputs)
    {
        double[] values = outputs.ToDoubles();
        int images = outputs.Shape[0], tasks = Tasks.Count;
        double Alpha(int image, int task, int block)
        {
            int at = 2 * ((((image * tasks) + task) * Blocks) + block);
            return block < Blocks - OpenBlocks ? 1 : 1 / (1 + Math.Exp(values[at + 1] - values[at]));
        }

        double[][][] alpha = [.. Enumerable.Range(0, images).Select(i => Enumerable.Range(0, tasks).Select(t => Enumerable.Range(0, Blocks).Select(b => Alpha(i, t, b)).ToArray()).ToArray())];
        Gate[][] gates = [.. Enumerable.Range(0, tasks).Select(t => Enumerable.Range(0, Blocks).Select(b => Gate.PerImage([.. alpha.Select(image => image[t][b] >= 0.5)])).ToArray())];
        return new ImageDecision(GateTable.PerTask(gates), outputs, alpha);
    }
}
