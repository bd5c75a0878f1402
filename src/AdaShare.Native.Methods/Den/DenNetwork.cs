using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Den;

/// <summary>Where the levels of a training step come from.</summary>
public enum LevelSource
{
    /// <summary>What the selector prefers.</summary>
    Likeliest,

    /// <summary>Whole for most images, random for the others.</summary>
    Random,

    /// <summary>Drawn from the selector's distribution, mixed with a random one.</summary>
    Drawn,
}

/// <summary>A shared backbone of elastic blocks, and a selector that gives for each image and block the logits of four levels. Under <see cref="GateTable.Shared"/> every block is whole.</summary>
public sealed class DenNetwork : TaskNetwork
{
    private readonly ElasticBackbone _backbone;
    private LevelCount _count = new();
    private readonly Dictionary<int, (int[][] Levels, bool Selects)> _last = [];

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public DenNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32)
        : base(spec, backend)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _backbone = new ElasticBackbone(Builder, spec.Backbone);
        Selector = new PolicyNetwork(Builder, spec.Backbone, ElasticBlock.Levels * spec.Backbone.BlockCount);
        DeclareHeads();
        Allocate(type);
    }

    /// <summary>The selector.</summary>
    public PolicyNetwork Selector { get; }

    /// <summary>Where the levels of training steps come from.</summary>
    public LevelSource Source { get; set; }

    /// <summary>Under <see cref="LevelSource.Random"/> the share of images that are whole.</summary>
    public double WholeShare { get; set; } = 0.75;

    /// <summary>Under <see cref="LevelSource.Drawn"/> the share of the random distribution.</summary>
    public double Exploration { get; set; }

    /// <summary>The levels of the last pass that decided, [image][block].</summary>
    public int[][] LastLevels { get; private set; } = [];

    /// <summary>Under <see cref="LevelSource.Drawn"/> the probabilities of all levels in the last pass, [N, L, 4], a tensor of its step.</summary>
    public Tensor? LastProbability { get; private set; }

    private int Blocks => Spec.Backbone.BlockCount;

    /// <summary>The density of an image: the mean share of channels over the blocks.</summary>
    /// <param name="levels">Its level in each block.</param>
    public static double Density(int[] levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        return levels.Average(ElasticBlock.Share);
    }

    /// <inheritdoc/>
    public override Shape FeatureShape(Shape input) => _backbone.FeatureShape(input);

    /// <inheritdoc/>
    public override void ClearDecisions() => _count = new LevelCount();

    /// <inheritdoc/>
    public override DecisionCost? DecidedCost(int height, int width)
    {
        var image = Spec.Backbone.InputShape(height, width);
        return _count.Cost(_backbone, Selector.MultiplyAdds(image), Tasks.Count, image);
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        var image = Spec.Backbone.InputShape(height, width);
        return gates.IsDecided && _last.TryGetValue(tasks[0], out (int[][] Levels, bool Selects) pass)
            ? Executed(image, pass.Levels) + (pass.Selects ? Selector.MultiplyAdds(image) : 0) + HeadMultiplyAdds(tasks, image)
            : base.MultiplyAdds(gates, tasks, height, width);
    }

    /// <inheritdoc/>
    protected override ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Gates.IsDecided)
        {
            RequireNoGates(context);
            int[][] whole = [.. Enumerable.Range(0, input.Shape[0]).Select(_ => Enumerable.Repeat(ElasticBlock.Groups, Blocks).ToArray())];
            return new FeatureList(step, [_backbone.Forward(step, input, whole, context.Training, context.Training && RecomputesBlocks)]);
        }

        using (SectionScope section = step.Backend.EnterSection(StepSections.Policy))
        {
            LastLevels = Decide(step, input, tasks.Count, context);
        }

        if (context.Samples)
        {
            _last[tasks[0]] = (LastLevels, Source != LevelSource.Random);
        }

        return Run(step, input, LastLevels, context.Training);
    }

    /// <summary>The features under given levels.</summary>
    /// <param name="step">The step that owns them.</param>
    /// <param name="input">[N, H, W, 3].</param>
    /// <param name="levels">[image][block].</param>
    /// <param name="training">Whether batch norms are in training mode; otherwise images of the same levels are a batch of their own, so that each costs what it runs.</param>
    private ITaskFeatures Run(Step step, Tensor input, int[][] levels, bool training)
    {
        if (training)
        {
            return new FeatureList(step, [_backbone.Forward(step, input, levels, training: true, RecomputesBlocks)]);
        }

        int[][] groups = [.. Enumerable.Range(0, levels.Length).GroupBy(i => string.Concat(levels[i])).Select(static alike => alike.ToArray())];
        return ImageGroups.Forward(step, input, groups, (images, first) =>
            new FeatureList(step, [_backbone.Forward(step, images, [.. Enumerable.Repeat(levels[first], images.Shape[0])], training: false, recompute: false)]));
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        (long always, long[][] groups) = _backbone.MultiplyAdds(image);
        long backbone = LayerCost.Parameters(BackboneGroup), selector = LayerCost.Parameters(Store.Group(PolicyNetwork.GroupName));
        long one = always + groups.Sum(static block => block.Sum()), own = gates.IsDecided ? Selector.MultiplyAdds(image) : 0;
        return new BackboneCost(backbone + selector, backbone + (gates.IsDecided ? selector : 0), one + own, (tasks.Count * one) + own, tasks.Count * one);
    }

    private int[][] Decide(Step step, Tensor input, int tasks, ForwardContext context)
    {
        LastProbability = null;
        int images = input.Shape[0];
        LevelSource source = context.Samples ? Source : LevelSource.Likeliest;
        if (source == LevelSource.Random)
        {
            return RandomLevels(images, RandomStream.For(context.Seed, "den/levels", context.Time));
        }

        Tensor logits = step.Reshape(Selector.Forward(step, input, training: source == LevelSource.Drawn), new Shape(images, Blocks, ElasticBlock.Levels));
        Tensor probability = step.Softmax(logits);
        if (source == LevelSource.Drawn)
        {
            LastProbability = Mixed(step, probability, RandomStream.For(context.Seed, "den/exploration", context.Time));
            return Draw(LastProbability.ToDoubles(), images, RandomStream.For(context.Seed, "den/draw", context.Time));
        }

        double[] values = probability.ToDoubles();
        int[][] levels = [.. Enumerable.Range(0, images).Select(i => Enumerable.Range(0, Blocks).Select(b => Likeliest(values.AsSpan(Start(i, b), ElasticBlock.Levels))).ToArray())];
        if (!context.Samples)
        {
            _count.Add(levels, values, tasks);
        }

        return levels;
    }

    private int Start(int image, int block) => ElasticBlock.Levels * ((image * Blocks) + block);

    private static int Likeliest(ReadOnlySpan<double> probability)
    {
        int best = 0;
        for (int level = 1; level < probability.Length; level++)
        {
            best = probability[level] > probability[best] ? level : best;
        }

        return best;
    }

    private int[][] RandomLevels(int images, RandomStream stream) =>
    [
        .. Enumerable.Range(0, images).Select(i => Enumerable.Range(0, Blocks).Select(b =>
            i < WholeShare * images ? ElasticBlock.Groups : stream.Integer((ulong)((i * Blocks) + b), ElasticBlock.Levels)).ToArray()),
    ];

    /// <summary>(1 - e) p + e q, with q the softmax of uniform numbers.</summary>
    private Tensor Mixed(Step step, Tensor probability, RandomStream stream)
    {
        var random = new double[probability.Count];
        for (int start = 0; start < random.Length; start += ElasticBlock.Levels)
        {
            double sum = 0;
            for (int level = 0; level < ElasticBlock.Levels; level++)
            {
                random[start + level] = Math.Exp(stream.UniformDouble((ulong)(start + level)));
                sum += random[start + level];
            }

            for (int level = 0; level < ElasticBlock.Levels; level++)
            {
                random[start + level] *= Exploration / sum;
            }
        }

        return step.Add(step.Scale(probability, 1 - Exploration), step.FromDoubles(probability.Shape, probability.DType, random));
    }

    private int[][] Draw(double[] probability, int images, RandomStream stream) =>
        [.. Enumerable.Range(0, images).Select(i => Enumerable.Range(0, Blocks).Select(b => Drawn(probability.AsSpan(Start(i, b), ElasticBlock.Levels), stream.UniformDouble((ulong)((i * Blocks) + b)))).ToArray())];

    private static int Drawn(ReadOnlySpan<double> probability, double uniform)
    {
        int level = 0;
        for (double below = probability[0]; level < probability.Length - 1 && uniform >= below; below += probability[level])
        {
            level++;
        }

        return level;
    }

    /// <summary>Multiply-adds of an image in a training step, where a group of channels that any image runs is computed for all.</summary>
    private long Executed(Shape image, int[][] levels)
    {
        (long always, long[][] groups) = _backbone.MultiplyAdds(image);
        return always + groups.Select((costs, b) => costs.Take(levels.Max(own => own[b])).Sum()).Sum();
    }
}
