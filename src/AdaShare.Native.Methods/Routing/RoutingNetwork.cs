using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Routing;

/// <summary>What an agent did in a pass.</summary>
/// <param name="Task">Its task, from 0.</param>
/// <param name="Depth">Its depth, from 0.</param>
/// <param name="Probability">[N, M] or [1, M], a tensor of the step.</param>
/// <param name="Values">The same as numbers [image][function].</param>
/// <param name="Chosen">The function block of each image.</param>
public sealed record RoutingDecision(int Task, int Depth, Tensor Probability, double[][] Values, int[] Chosen);

/// <summary>Shared stages, then at every depth several function blocks, of which each task's agent chooses one for each image. Decisions are made under <see cref="GateTable.Decided"/>.</summary>
public sealed class RoutingNetwork : TaskNetwork
{
    private const string AgentGroup = "agents";

    private readonly BackboneStem _stem;
    private readonly ResidualStages _shared;
    private readonly List<(ResidualBlock Body, Projection? Projection)[]> _functions = [];
    private readonly List<RoutingAgent[]> _agents = [];
    private readonly Dictionary<int, long[]> _last = [];
    private long[][] _chosen = [];
    private double[][] _probability = [];
    private long[] _ofTask = [];
    private long[] _computed = [];
    private long _images;

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="options">What is routed, and by whom.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public RoutingNetwork(NetworkSpec spec, Backend backend, RoutingOptions options, DType type = DType.Float32)
        : base(spec, backend)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        int first = spec.Backbone.Blocks.Count - options.Stages;
        Functions = options.FunctionBlocks ?? spec.Tasks.Count;
        _stem = new BackboneStem(Builder, spec.Backbone);
        _shared = new ResidualStages(Builder, spec.Backbone, stages: first);
        ParameterGroup agents = Builder.Store.Group(AgentGroup);
        int channels = first == 0 ? spec.Backbone.StemChannels : spec.Backbone.Channels[first - 1];
        for (int stage = first; stage < spec.Backbone.Blocks.Count; stage++)
        {
            for (int block = 0; block < spec.Backbone.Blocks[stage]; block++)
            {
                (int s, int b, int c, int depth) = (stage, block, channels, _functions.Count);
                _functions.Add([.. Enumerable.Range(0, Functions).Select(m => ResidualStages.Declare(Builder, spec.Backbone, $"function.{m}", s, b))]);
                _agents.Add([.. spec.Tasks.Select(task => new RoutingAgent(agents, $"agent.{task.Name}.{depth}", c, Functions, options))]);
                channels = spec.Backbone.Channels[stage];
            }
        }

        AgentRate = options.RateFactor;
        DeclareHeads();
        Allocate(type);
        ClearDecisions();
    }

    /// <summary>The number of function blocks at a depth, M.</summary>
    public int Functions { get; }

    /// <summary>The number of depths.</summary>
    public int Depths => _functions.Count;

    /// <summary>What the agents did in the last pass that drew, depth by depth, task by task.</summary>
    public IReadOnlyList<RoutingDecision> Last { get; private set; } = [];

    /// <inheritdoc/>
    protected override IEnumerable<WeightGroup> MoreWeights => [new(Store.Group(AgentGroup), RateKind.Backbone, AgentRate)];

    private double AgentRate { get; }

    /// <summary>What an agent thinks that each function block is worth, [1, M].</summary>
    /// <param name="task">The task, from 0.</param>
    /// <param name="depth">The depth, from 0.</param>
    public Parameter Value(int task, int depth) => _agents[depth][task].Value;

    /// <inheritdoc/>
    public override Shape FeatureShape(Shape input) => _functions.Aggregate(_shared.OutputShape(_stem.OutputShape(input)), static (shape, functions) => functions[0].Body.OutputShape(shape));

    /// <inheritdoc/>
    public override void ClearDecisions()
    {
        (_chosen, _probability) = ([.. Tasks.Select(_ => new long[Depths * Functions])], [.. Tasks.Select(_ => new double[Depths * Functions])]);
        (_ofTask, _computed, _images) = (new long[Tasks.Count], new long[Depths], 0);
    }

    /// <inheritdoc/>
    public override DecisionCost? DecidedCost(int height, int width)
    {
        if (_images == 0)
        {
            return null;
        }

        var image = Spec.Backbone.InputShape(height, width);
        (long shared, long[] depths) = Costs(image);
        double passes = (double)_ofTask.Sum() / _images * (shared + depths.Sum());
        double agents = _ofTask.Select((count, task) => (double)count / _images * AgentCost(task)).Sum();
        return new DecisionCost
        {
            Images = _images,
            Runs = [.. _chosen.Select((counts, task) => Array.ConvertAll(counts, count => (double)count / Math.Max(1, _ofTask[task])))],
            Probability = [.. _probability.Select((sums, task) => Array.ConvertAll(sums, sum => sum / Math.Max(1, _ofTask[task])))],
            Expected = passes + agents,
            Passes = passes + agents,
            Executed = shared + agents + depths.Select((cost, depth) => cost * (double)_computed[depth] / _images).Sum(),
        };
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        if (!gates.IsDecided || !_last.TryGetValue(tasks[0], out long[]? rows))
        {
            return base.MultiplyAdds(gates, tasks, height, width);
        }

        var image = Spec.Backbone.InputShape(height, width);
        (long shared, long[] depths) = Costs(image);
        return shared + (depths.Select((cost, depth) => cost * rows[depth]).Sum() / rows[^1]) + tasks.Sum(AgentCost) + HeadMultiplyAdds(tasks, image);
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
            throw new ArgumentException($"gates: {GetType().Name} takes no table, its agents decide; give GateTable.Decided", nameof(context));
        }

        bool recompute = context.Training && RecomputesBlocks;
        Tensor stem = _stem.Forward(step, input, context.Training);
        Tensor trunk = _shared.Forward(step, stem, context.Training, recompute);
        if (trunk != stem)
        {
            step.Release(stem);
        }

        var rows = new RoutedRows(step, trunk, tasks.Count);
        var decisions = new List<RoutingDecision>();
        var computed = new long[Depths + 1];
        computed[^1] = input.Shape[0];
        for (int depth = 0; depth < Depths; depth++)
        {
            int at = depth;
            RoutingDecision[] taken = [.. tasks.Select((task, position) => Decide(step, rows, position, task, at, input.Shape[0], context))];
            decisions.AddRange(taken);
            computed[depth] = rows.Route([.. taken.Select(static decision => decision.Chosen)], Functions, (m, x) => ResidualStages.RunAlone(step, _functions[at][m], x, context.Training, recompute));
        }

        Note(decisions, computed, tasks, input.Shape[0], context);
        return new FeatureList(step, rows.Finish());
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        (long shared, long[] depths) = Costs(image);
        long parameters = LayerCost.Parameters(BackboneGroup) + LayerCost.Parameters(Store.Group(AgentGroup));
        long one = shared + depths.Sum(), agents = tasks.Sum(AgentCost);
        return new BackboneCost(parameters, parameters, shared + (tasks.Count * depths.Sum()) + agents, (tasks.Count * one) + agents, tasks.Count * one);
    }

    private RoutingDecision Decide(Step step, RoutedRows rows, int position, int task, int depth, int images, ForwardContext context)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Policy);
        RoutingAgent agent = _agents[depth][task];
        Tensor? features = agent.Looks ? rows.Of(position) : null;
        Tensor probability = agent.Probability(step, features);
        if (features is not null && !rows.IsHeld(features))
        {
            step.Release(features);
        }

        double[][] own = [.. probability.ToDoubles().Chunk(Functions)];
        double[][] values = [.. Enumerable.Range(0, images).Select(i => own[own.Length == 1 ? 0 : i])];
        var stream = RandomStream.For(context.Seed, $"routing/{Tasks[task].Name}/{depth}", context.Time);
        return new RoutingDecision(task, depth, probability, values, [.. values.Select((p, i) => context.Samples ? Draw(p, stream.UniformDouble((ulong)i)) : Array.IndexOf(p, p.Max()))]);
    }

    private static int Draw(double[] probability, double uniform)
    {
        int m = 0;
        for (double below = probability[0]; m < probability.Length - 1 && uniform >= below; below += probability[m])
        {
            m++;
        }

        return m;
    }

    private void Note(List<RoutingDecision> decisions, long[] computed, IReadOnlyList<int> tasks, int images, ForwardContext context)
    {
        if (context.Samples)
        {
            (Last, _last[tasks[0]]) = (decisions, computed);
            return;
        }

        _images += images;
        foreach (int task in tasks)
        {
            _ofTask[task] += images;
        }

        for (int depth = 0; depth < Depths; depth++)
        {
            _computed[depth] += computed[depth];
        }

        foreach (RoutingDecision decision in decisions)
        {
            for (int i = 0; i < images; i++)
            {
                _chosen[decision.Task][(decision.Depth * Functions) + decision.Chosen[i]]++;
                for (int m = 0; m < Functions; m++)
                {
                    _probability[decision.Task][(decision.Depth * Functions) + m] += decision.Values[i][m];
                }
            }
        }
    }

    private long AgentCost(int task) => _agents.Sum(agents => agents[task].MultiplyAdds);

    /// <summary>Multiply-adds of stem and shared stages, and of a function block of each depth, with its projection, for an image.</summary>
    private (long Shared, long[] Depths) Costs(Shape image)
    {
        Shape shape = _stem.OutputShape(image);
        long shared = _stem.MultiplyAdds(image) + _shared.MultiplyAdds(shape);
        shape = _shared.OutputShape(shape);
        var depths = new long[Depths];
        for (int d = 0; d < depths.Length; d++)
        {
            (ResidualBlock body, Projection? projection) = _functions[d][0];
            depths[d] = (projection is null ? 0 : LayerCost.MultiplyAdds(projection.Convolution(shape))) + body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
            shape = body.OutputShape(shape);
        }

        return (shared, depths);
    }
}
