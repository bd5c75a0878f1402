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

namespace AdaShare.Native.Methods.SpotTune;

/// <summary>
/// A given backbone, a second copy of its residual blocks, and a policy network that says for each image and block which of the two runs. Under <see cref="GateTable.Shared"/> the given backbone alone
/// runs; under <see cref="GateTable.Decided"/> it is frozen, running statistics included, and the copies are trained.
/// </summary>
public sealed class SpotTuneNetwork : TaskNetwork
{
    /// <summary>The group of the given weights.</summary>
    public const string GivenGroup = "given";

    /// <summary>What the names of the given backbone's parameters begin with: the official ones.</summary>
    public const string GivenPrefix = "backbone";

    private const string TunedPrefix = "tuned";

    private long[] _tuned;
    private double[] _probability;
    private long _images;
    private long _passes;

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public SpotTuneNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32)
        : base(spec, backend)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Given = new Backbone(Builder.In(GivenGroup), spec.Backbone, GivenPrefix);
        Tuned = new ResidualStages(Builder, spec.Backbone, TunedPrefix);
        Policy = new PolicyNetwork(Builder, spec.Backbone, 2 * spec.Backbone.BlockCount);
        DeclareHeads();
        Allocate(type);
        (_tuned, _probability) = (new long[Blocks], new double[Blocks]);
    }

    /// <summary>The given backbone.</summary>
    public Backbone Given { get; }

    /// <summary>The copies of its blocks.</summary>
    public ResidualStages Tuned { get; }

    /// <summary>What decides: two logits for each block, given and tuned.</summary>
    public PolicyNetwork Policy { get; }

    /// <summary>Whether the given backbone is what is trained; otherwise copies and policy network are.</summary>
    public bool TrainsGiven { get; set; }

    /// <summary>The factor on the backbone's rate for the policy network.</summary>
    public double PolicyRate { get; set; } = 1;

    /// <summary>The Gumbel temperature of the decisions.</summary>
    public double Temperature { get; set; } = 5;

    /// <summary>Whether a block is one of the two in the forward pass (the paper), with the soft sample's gradient; otherwise a mixture of both.</summary>
    public bool StraightThrough { get; set; } = true;

    /// <inheritdoc/>
    protected override IEnumerable<WeightGroup> MoreWeights => TrainsGiven
        ? [new(Store.Group(GivenGroup), RateKind.Backbone)]
        : [new(Store.Group(PolicyNetwork.GroupName), RateKind.Backbone, PolicyRate)];

    private int Blocks => Spec.Backbone.BlockCount;

    /// <summary>Makes the copies what the given blocks are.</summary>
    public void CopyGiven()
    {
        foreach (Parameter copy in Store.Parameters.Where(static p => p.Name.StartsWith(TunedPrefix + ".", StringComparison.Ordinal)))
        {
            copy.Value.CopyFromDoubles(Store[Original(copy.Name)].Value.ToDoubles());
        }

        Dictionary<string, Counter> counters = Store.Counters.ToDictionary(static counter => counter.Name);
        foreach (Counter copy in Store.Counters.Where(static c => c.Name.StartsWith(TunedPrefix + ".", StringComparison.Ordinal)))
        {
            copy.Value = counters[Original(copy.Name)].Value;
        }
    }

    /// <inheritdoc/>
    public override Shape FeatureShape(Shape input) => Given.FeatureShape(input);

    /// <inheritdoc/>
    public override void ClearDecisions() => (_tuned, _probability, _images, _passes) = (new long[Blocks], new double[Blocks], 0, 0);

    /// <inheritdoc/>
    public override DecisionCost? DecidedCost(int height, int width)
    {
        if (_images == 0)
        {
            return null;
        }

        // Either of the two blocks costs the same, so that nothing depends on the decisions.
        var image = Spec.Backbone.InputShape(height, width);
        double one = Given.MultiplyAdds(image), own = Policy.MultiplyAdds(image), passes = own + ((double)_passes / _images * one);
        double[] share = Array.ConvertAll(_tuned, count => (double)count / _images), probability = Array.ConvertAll(_probability, sum => sum / _images);
        return new DecisionCost
        {
            Images = _images,
            Runs = [.. Tasks.Select(_ => share)],
            Probability = [.. Tasks.Select(_ => probability)],
            Expected = passes,
            Passes = passes,
            Executed = own + one,
        };
    }

    /// <inheritdoc/>
    protected override ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Gates.IsShared)
        {
            Tensor stem = Given.Stem.Forward(step, input, context.Training);
            Tensor features = Given.Stages.Forward(step, stem, context.Training, context.Training && RecomputesBlocks);
            step.Release(stem);
            return new FeatureList(step, [features]);
        }

        if (!context.Gates.IsDecided)
        {
            throw new ArgumentException($"gates: {GetType().Name} takes no table; give GateTable.Decided, or GateTable.Shared for the given backbone alone", nameof(context));
        }

        return context.Samples ? Mixed(step, input, context) : Chosen(step, input, tasks.Count);
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        long given = LayerCost.Parameters(Store.Group(GivenGroup)), more = LayerCost.Parameters(BackboneGroup) + LayerCost.Parameters(Store.Group(PolicyNetwork.GroupName));
        long one = Given.MultiplyAdds(image), own = gates.IsDecided ? Policy.MultiplyAdds(image) : 0;
        return new BackboneCost(given + more, gates.IsDecided ? given + more : given, one + own, (tasks.Count * one) + own, tasks.Count * one);
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(gates);
        var image = Spec.Backbone.InputShape(height, width);

        // A training step computes both blocks; the stem is the given one's.
        long twins = gates.IsDecided ? Given.Stages.MultiplyAdds(Given.Stem.OutputShape(image)) : 0;
        return base.MultiplyAdds(gates, tasks, height, width) + twins;
    }

    private static string Original(string name) => GivenPrefix + name[TunedPrefix.Length..];

    private FeatureList Mixed(Step step, Tensor input, ForwardContext context)
    {
        Tensor[] choices;
        using (SectionScope section = step.Backend.EnterSection(StepSections.Policy))
        {
            choices = Sample(step, Policy.Forward(step, input, context.Training), context);
        }

        bool recompute = context.Training && RecomputesBlocks;
        Tensor x = Given.Stem.Forward(step, input, training: false);
        for (int b = 0; b < Blocks; b++)
        {
            Tensor given = Given.Stages.RunBlock(step, b, x, training: false, recompute), tuned = Tuned.RunBlock(step, b, x, context.Training, recompute);
            step.Release(x);
            x = Add(step, Weigh(step, given, choices[2 * b]), Weigh(step, tuned, choices[(2 * b) + 1]));
        }

        return new FeatureList(step, [x]);
    }

    private static Tensor Weigh(Step step, Tensor features, Tensor weight)
    {
        Tensor weighed = step.Multiply(features, weight);
        step.Release(features);
        step.Release(weight);
        return weighed;
    }

    private static Tensor Add(Step step, Tensor left, Tensor right)
    {
        Tensor sum = step.Add(left, right);
        step.Release(left);
        step.Release(right);
        return sum;
    }

    /// <summary>For each block the weights of the given and of the tuned one, [N, 1, 1, 1], in the type of the activations.</summary>
    private Tensor[] Sample(Step step, Tensor outputs, ForwardContext context)
    {
        int images = outputs.Shape[0];
        Tensor logits = step.Reshape(outputs, new Shape(images, Blocks, 2));
        Tensor noise = step.GumbelNoise(logits.Shape, logits.DType, RandomStream.For(context.Seed, "gumbel/images", context.Time));
        Tensor sample = step.GumbelSoftmax(logits, noise, Temperature, StraightThrough);
        Tensor flat = step.Reshape(sample, outputs.Shape), typed = Spec.Activations == DType.BFloat16 ? step.Cast(flat, DType.BFloat16) : flat;
        return [.. Enumerable.Range(0, 2 * Blocks).Select(i =>
        {
            Tensor column = step.Slice(typed, 1, i, 1);
            Tensor weight = step.Reshape(column, new Shape(images, 1, 1, 1));
            step.Release(column);
            return weight;
        })];
    }

    /// <summary>Each image through the likelier blocks alone.</summary>
    private ITaskFeatures Chosen(Step step, Tensor input, int tasks)
    {
        double[] logits;
        using (SectionScope section = step.Backend.EnterSection(StepSections.Policy))
        {
            logits = Policy.Forward(step, input, training: false).ToDoubles();
        }

        double Alpha(int image, int block)
        {
            int at = 2 * ((image * Blocks) + block);
            return 1 / (1 + Math.Exp(logits[at] - logits[at + 1]));
        }

        bool[][] tuned = [.. Enumerable.Range(0, input.Shape[0]).Select(i => Enumerable.Range(0, Blocks).Select(b => Alpha(i, b) >= 0.5).ToArray())];
        (_images, _passes) = (_images + tuned.Length, _passes + (tuned.Length * tasks));
        for (int b = 0; b < Blocks; b++)
        {
            int block = b;
            _tuned[b] += tuned.Count(image => image[block]);
            _probability[b] += Enumerable.Range(0, tuned.Length).Sum(i => Alpha(i, block));
        }

        var table = GateTable.Common([.. Enumerable.Range(0, Blocks).Select(b => Gate.PerImage([.. tuned.Select(image => image[b])]))]);
        return ImageGroups.Forward(step, input, ImageGroups.Of(table, tuned.Length), (images, first) => Run(step, images, tuned[first]));
    }

    private FeatureList Run(Step step, Tensor images, bool[] tuned)
    {
        Tensor x = Given.Stem.Forward(step, images, training: false);
        for (int b = 0; b < tuned.Length; b++)
        {
            Tensor y = (tuned[b] ? Tuned : Given.Stages).RunBlock(step, b, x, training: false);
            step.Release(x);
            x = y;
        }

        return new FeatureList(step, [x]);
    }
}
