using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.Mixtures;

namespace AdaShare.Native.Methods.Ltb;

/// <summary>
/// A backbone for each task, cut into stem and stages; what each branch of a stage reads is a choice among the branches before it. In training all branches run and choices are sampled from
/// logits; otherwise the likeliest are made, and what no task runs is not computed.
/// </summary>
public sealed class BranchingNetwork : TaskNetwork
{
    private readonly Backbone[] _branches;
    private readonly BranchSchedule _schedule;
    private readonly Parameter _logits;
    private readonly WeightGroup _weights;

    /// <summary>Declares and allocates the network.</summary>
    /// <param name="spec">The size of each backbone.</param>
    /// <param name="schedule">How choices are made in training.</param>
    /// <param name="rateFactor">The factor on the backbone's learning rate for the logits.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public BranchingNetwork(NetworkSpec spec, BranchSchedule schedule, double rateFactor, Backend backend, DType type = DType.Float32)
        : base(spec, backend)
    {
        _schedule = schedule;
        _branches = [.. spec.Tasks.Select((_, branch) => new Backbone(Builder, spec.Backbone, Prefix(branch)))];
        DeclareHeads(static task => TaskNames.Head(task.Name));
        ParameterGroup group = Builder.Store.Group("branches");
        _logits = group.Add("branches.logits", new Shape(Stages * spec.Tasks.Count, spec.Tasks.Count), Initializers.Constant(1));
        _weights = new WeightGroup(group, RateKind.Backbone, rateFactor);
        Allocate(type);
    }

    /// <summary>The choices: row s K + b has a logit for each branch that branch b of stage s may read.</summary>
    public Parameter Logits => _logits;

    /// <summary>The likeliest choices, as the logits now are.</summary>
    public BranchTree Tree => BranchTree.Of(_logits.Value.ToDoubles(), _branches.Length);

    /// <inheritdoc/>
    protected override IEnumerable<WeightGroup> MoreWeights => [_weights];

    /// <summary>What the names of a branch's parameters begin with: its number, since it belongs to no task.</summary>
    private static string Prefix(int branch) => $"branches.{branch}";

    /// <summary>Every branch may be read by every task.</summary>
    /// <param name="parameter">A parameter of the store.</param>
    public override bool IsShared(Parameter parameter) => IsNoHead(parameter);

    private int Stages => Spec.Backbone.Blocks.Count;

    /// <inheritdoc/>
    public override Shape FeatureShape(Shape input) => _branches[0].FeatureShape(input);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, int[]> FindBranches()
    {
        BranchTree tree = Tree;
        return Enumerable.Range(0, _branches.Length).ToDictionary(task => Tasks[task].Name, task => tree.Path(task).ToArray());
    }

    /// <summary>Those of all branches, but for the last stage's of other tasks: in training choices need the features of every branch that they could fall on.</summary>
    /// <param name="gates">There are none.</param>
    /// <param name="tasks">The tasks that have the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public override long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var image = Spec.Backbone.InputShape(height, width);
        long[] costs = PlaceCosts(image);
        return (_branches.Length * costs[..^1].Sum()) + (tasks.Count * costs[^1]) + HeadMultiplyAdds(tasks, image);
    }

    /// <inheritdoc/>
    protected override ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(context);
        RequireNoGates(context);
        return new FeatureList(step, context.Training ? Train(step, input, tasks, context) : Follow(step, input, tasks));
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        BranchTree tree = Tree;
        long[] costs = PlaceCosts(image);
        long executed = costs.Select((cost, place) => cost * tree.At(place, tasks).Count).Sum();
        long logits = LayerCost.Parameters(_weights.Parameters), all = LayerCost.Parameters(BackboneGroup);
        long used = PlaceParameters().Select((count, place) => count * tree.At(place, tasks).Count).Sum();
        return new BackboneCost(all + logits, used, executed, tasks.Count * costs.Sum(), tasks.Count * costs.Sum());
    }

    /// <summary>An evaluation: the branches of the tree, each once.</summary>
    private Tensor[] Follow(Step step, Tensor input, IReadOnlyList<int> tasks)
    {
        BranchTree tree = Tree;
        var features = tree.At(0, tasks).ToDictionary(static branch => branch, branch => _branches[branch].Stem.Forward(step, input, training: false));
        for (int stage = 0; stage < Stages; stage++)
        {
            var next = new Dictionary<int, Tensor>();
            foreach (int branch in tree.At(stage + 1, tasks))
            {
                next[branch] = _branches[branch].Stages.RunStage(step, stage, features[tree.Parent(stage + 1, branch)], training: false);
            }

            Release(step, features.Values);
            features = next;
        }

        return [.. tasks.Select(task => features[task])];
    }

    /// <summary>A training step: all branches, each behind what it chose.</summary>
    private Tensor[] Train(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        int[] all = [.. Enumerable.Range(0, _branches.Length)];
        Tensor? choices = _schedule.IsWarmUp(context.Time) ? null : Choose(step, context);
        Tensor[] features = [.. all.Select(branch => _branches[branch].Stem.Forward(step, input, training: true))];
        for (int stage = 0; stage < Stages; stage++)
        {
            IReadOnlyList<int> running = stage == Stages - 1 ? tasks : all;
            Tensor[] inputs = choices is null ? Sum(step, features, running.Count) : Mix(step, choices, stage, features, running);
            Release(step, features);
            int now = stage;
            features = [.. running.Select((branch, i) => _branches[branch].Stages.RunStage(step, now, inputs[i], training: true, RecomputesBlocks))];
            Release(step, inputs);
        }

        if (choices is not null)
        {
            step.Release(choices);
        }

        return features;
    }

    /// <summary>A sample of every choice, [stages K, K], through which gradients reach the logits.</summary>
    private Tensor Choose(Step step, ForwardContext context)
    {
        using SectionScope section = step.Backend.EnterSection(Learning.StepSections.Policy);
        Tensor noise = step.GumbelNoise(_logits.Shape, _logits.Value.DType, RandomStream.For(context.Seed, "branches", context.Time));
        Tensor sample = step.GumbelSoftmax(_logits.Value, noise, _schedule.Temperature(context.Time), _schedule.IsHard);
        step.Release(noise);
        return sample;
    }

    /// <summary>The sum of all features, for each branch the same tensor.</summary>
    private static Tensor[] Sum(Step step, Tensor[] features, int branches)
    {
        Tensor sum = step.Reshape(features[0], features[0].Shape);
        foreach (Tensor more in features.Skip(1))
        {
            Tensor total = step.Add(sum, more);
            step.Release(sum);
            sum = total;
        }

        return [.. Enumerable.Repeat(sum, branches)];
    }

    /// <summary>For each branch the features of all branches before it, times its choices.</summary>
    private static Tensor[] Mix(Step step, Tensor choices, int stage, Tensor[] features, IReadOnlyList<int> branches)
    {
        using var mixer = new FeatureMixer(step, features[0]);
        Tensor ofStage = step.Narrow(choices, stage * features.Length, features.Length);
        IReadOnlyList<Tensor> weights = mixer.Spread(ofStage);
        step.Release(ofStage);
        Tensor[] inputs = [.. branches.Select(branch => mixer.Sum([.. features.Select((parent, j) => (parent, weights[(branch * features.Length) + j]))]))];
        Release(step, weights);
        return inputs;
    }

    private static void Release(Step step, IEnumerable<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors.Distinct())
        {
            step.Release(tensor);
        }
    }

    /// <summary>Multiply-adds of a branch at each place: stem, stages.</summary>
    private long[] PlaceCosts(Shape image)
    {
        Backbone branch = _branches[0];
        Shape shape = branch.Stem.OutputShape(image);
        long before = branch.Stages.MultiplyAdds(shape, 0);
        var costs = new List<long> { branch.Stem.MultiplyAdds(image) };
        for (int stage = 0; stage < Stages; stage++)
        {
            (int first, int count) = branch.Stages.Stage(stage);
            long upTo = branch.Stages.MultiplyAdds(shape, first + count);
            costs.Add(upTo - before);
            before = upTo;
        }

        return [.. costs];
    }

    /// <summary>Parameters of a branch at each place.</summary>
    private long[] PlaceParameters()
    {
        string prefix = Prefix(0);
        long[] ofStages = [.. Enumerable.Range(0, Stages).Select(stage => Parameters($"{prefix}.blocks.{stage}.") + Parameters($"{prefix}.ds.{stage}."))];
        return [Parameters(prefix + ".") - ofStages.Sum(), .. ofStages];
    }

    private long Parameters(string prefix) => BackboneGroup.Parameters.Where(parameter => parameter.Name.StartsWith(prefix, StringComparison.Ordinal)).Sum(static parameter => parameter.Count);
}
