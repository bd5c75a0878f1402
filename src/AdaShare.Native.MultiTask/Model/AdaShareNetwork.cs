using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Execution;
using AdaShare.Native.MultiTask.Tasks;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.MultiTask.Model;

/// <summary>The size of an AdaShare network.</summary>
/// <param name="Backbone">The shared backbone.</param>
/// <param name="Tasks">The tasks, each with a head of its own.</param>
/// <param name="HeadChannels">Hidden channels of the heads, 1024 in the published networks.</param>
/// <param name="Dropout">The heads' dropout probability.</param>
/// <param name="SkipLayer">First blocks that have no decision.</param>
public sealed record NetworkSpec(BackboneSpec Backbone, IReadOnlyList<TaskSpec> Tasks, int HeadChannels, double Dropout, int SkipLayer)
{
    private const int FullHeadChannels = 1024;

    /// <summary>
    /// The type in which activations and their gradients are stored: BFloat16 where a backend has it, with parameters, statistics, predictions and losses in single precision; anything else for
    /// the parameters' own type.
    /// </summary>
    public DType Activations { get; init; } = DType.Float32;

    /// <summary>Blocks that have a decision.</summary>
    public int DecisionCount => Backbone.BlockCount - SkipLayer;

    /// <summary>The size that a configuration asks for.</summary>
    public static NetworkSpec Of(RunConfig config) => new(
        BackboneSpec.Of(config.Backbone, config.Model.Width), TaskSpec.Of(config),
        BackboneSpec.Scale(FullHeadChannels, config.Model.HeadWidth), config.Model.Dropout, config.SkipLayer)
    {
        Activations = ActivationsOf(config.Numerics),
    };

    /// <summary>The type of the activations under a configuration's numerics.</summary>
    /// <param name="numerics"><c>fast</c>, <c>exact</c> or <c>bfloat16</c>.</param>
    public static DType ActivationsOf(string numerics) => numerics == "bfloat16" ? DType.BFloat16 : DType.Float32;
}

/// <summary>A backbone that all tasks share, a head for each task, and each task's policy logits, under the official state-dict names.</summary>
public sealed class AdaShareNetwork : IDisposable
{
    private readonly List<TaskHead> _heads = [];
    private readonly List<Parameter> _logits = [];

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    /// <param name="logitInitializer">How logits start; 0.5 everywhere if null.</param>
    public AdaShareNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32, Initializer? logitInitializer = null)
    {
        Spec = spec;
        Backend = backend;
        var builder = new NetworkBuilder(Store);
        Backbone = new Backbone(builder, spec.Backbone);
        for (int t = 0; t < spec.Tasks.Count; t++)
        {
            _heads.Add(new TaskHead(builder, t + 1, spec.Backbone.FeatureChannels, spec.HeadChannels, spec.Tasks[t].Channels, spec.Dropout));
        }

        for (int t = 0; t < spec.Tasks.Count; t++)
        {
            _logits.Add(builder.Logits.Add($"task{t + 1}_logits", new Shape(spec.DecisionCount, 2), logitInitializer ?? Initializers.Constant(0.5)));
        }

        BackboneGroup = builder.Backbone;
        HeadGroup = builder.Heads;
        LogitGroup = builder.Logits;
        Store.Allocate(backend, type);
    }

    /// <summary>The size.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>Whose memory holds the parameters.</summary>
    public Backend Backend { get; }

    /// <summary>All parameters and buffers.</summary>
    public ParameterStore Store { get; } = new();

    /// <summary>The shared backbone.</summary>
    public Backbone Backbone { get; }

    /// <summary>The heads, in the order of the tasks.</summary>
    public IReadOnlyList<TaskHead> Heads => _heads;

    /// <summary>Each task's logits [decisions, 2]: column 0 selects a block, column 1 skips it.</summary>
    public IReadOnlyList<Parameter> Logits => _logits;

    /// <summary>The backbone's weights.</summary>
    public ParameterGroup BackboneGroup { get; }

    /// <summary>The heads' weights.</summary>
    public ParameterGroup HeadGroup { get; }

    /// <summary>The policy logits.</summary>
    public ParameterGroup LogitGroup { get; }

    /// <summary>Whether training steps compute the bodies of residual blocks again during the backward pass instead of keeping what lies in them; see <see cref="ExecutionPlan.RecomputesBodies"/>.</summary>
    public bool RecomputesBlocks { get; set; }

    /// <summary>Computes every task's prediction, at an eighth of the input's size.</summary>
    /// <param name="step">The step that owns the outputs.</param>
    /// <param name="images">[N, H, W, 3], B, G, R, mean subtracted.</param>
    /// <param name="gates">Each task's gates, or null where all blocks run for all tasks: then the backbone runs once, as in warm-up.</param>
    /// <param name="training">Whether batch norms and dropout are in training mode.</param>
    /// <param name="seed">The run's seed, for dropout.</param>
    /// <param name="time">The number of the training step, for dropout.</param>
    /// <returns>[N, h, w, channels] for each task, of the parameters' type.</returns>
    public IReadOnlyList<Tensor> Forward(Step step, Tensor images, IReadOnlyList<IReadOnlyList<Gate>>? gates, bool training, ulong seed = 0, long time = 0)
    {
        var outputs = new Tensor[_heads.Count];
        using SectionScope section = step.Backend.EnterSection(StepSections.Backbone);
        Tensor input = ToActivations(step, images);
        using TaskFeatures features = Backbone.Forward(step, input, Plan(gates, training), gates);
        for (int t = 0; t < outputs.Length; t++)
        {
            Tensor ofTask = features.Of(t);
            using SectionScope head = step.Backend.EnterSection(StepSections.Heads);
            outputs[t] = _heads[t].Forward(step, ofTask, training, seed, time);
        }

        if (input != images)
        {
            step.Release(input);
        }

        return outputs;
    }

    /// <summary>Images in the type in which activations are stored: the same tensor, or one of the step.</summary>
    public Tensor ToActivations(Step step, Tensor images) => Spec.Activations == DType.BFloat16 ? step.Cast(images, DType.BFloat16) : images;

    /// <summary>How <see cref="Forward"/> executes the backbone.</summary>
    /// <param name="gates">Each task's gates, or null where all blocks run for all tasks.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    public ExecutionPlan Plan(IReadOnlyList<IReadOnlyList<Gate>>? gates, bool training) =>
        gates is null ? ExecutionPlan.Shared(_heads.Count, Backbone.Blocks.Count, training, training && RecomputesBlocks) : ExecutionPlan.Of(gates, training, training && RecomputesBlocks);

    /// <inheritdoc/>
    public void Dispose() => Store.Dispose();
}
