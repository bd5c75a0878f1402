using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;

namespace AdaShare.Native.Methods.BlockDrop;

/// <summary>A shared network whose policy network gives for each image and block the logit of the probability that the block runs, for all tasks at once.</summary>
public sealed class BlockDropNetwork : DecidingNetwork
{
    private readonly Counter _open;

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public BlockDropNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32)
        : base(spec, backend, type, spec.Backbone.BlockCount) => _open = Store.AddCounter("policy.open_blocks");

    /// <summary>How many of the last blocks have a decision; the others run. It is part of the network's state, since the decisions of other blocks are not learnt.</summary>
    public int OpenBlocks
    {
        get => (int)_open.Value;
        set => _open.Value = value;
    }

    /// <summary>How far probabilities are trusted where decisions are drawn, see <see cref="BlockDropOptions.Alpha"/>; null where the likelier decisions are taken.</summary>
    public double? Alpha { get; set; }

    /// <summary>What the last pass decided [image][block].</summary>
    public bool[][] LastRuns { get; private set; } = [];

    /// <inheritdoc/>
    protected override bool DecidesForAllTasks => true;

    /// <summary>Decisions as gates: one row for all tasks.</summary>
    /// <param name="runs">[image][block].</param>
    public static GateTable Gates(bool[][] runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return GateTable.Common([.. Enumerable.Range(0, runs[0].Length).Select(b => Gate.PerImage([.. runs.Select(image => image[b])]))]);
    }

    /// <summary>The likelier decisions [image][block].</summary>
    /// <param name="probability">[image][block].</param>
    public static bool[][] Likelier(double[][] probability) => [.. probability.Select(static image => Array.ConvertAll(image, static p => p >= 0.5))];

    /// <inheritdoc/>
    protected override ImageDecision Decide(Step step, Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(context);
        double? alpha = context.Samples ? Alpha : null;
        Tensor outputs = Policy.Forward(step, input, training: alpha is not null);
        double[] logits = outputs.ToDoubles();
        int blocks = Spec.Backbone.BlockCount;
        double[][] probability = [.. Enumerable.Range(0, outputs.Shape[0]).Select(i => Enumerable.Range(0, blocks).Select(b => b < blocks - OpenBlocks ? 1 : 1 / (1 + Math.Exp(-logits[(i * blocks) + b]))).ToArray())];
        LastRuns = alpha is { } trusted ? Draw(probability, trusted, RandomStream.For(context.Seed, "blockdrop", context.Time)) : Likelier(probability);
        return new ImageDecision(Gates(LastRuns), outputs, [.. probability.Select(static image => new[] { image })]);
    }

    private bool[][] Draw(double[][] probability, double alpha, RandomStream stream) =>
    [
        .. probability.Select((image, i) => image.Select((p, b) =>
            b < image.Length - OpenBlocks || stream.UniformDouble((ulong)((i * image.Length) + b)) < (alpha * p) + ((1 - alpha) * (1 - p))).ToArray()),
    ];
}
