using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Models;

/// <summary>The size of a network: what all methods build from a configuration.</summary>
/// <param name="Backbone">The backbone.</param>
/// <param name="Tasks">The tasks, each with a head of its own.</param>
/// <param name="HeadChannels">Hidden channels of the heads, 1024 in the published networks, 2048 in those of texts.</param>
/// <param name="Dropout">The heads' dropout probability.</param>
public sealed record NetworkSpec(BackboneSpec Backbone, IReadOnlyList<TaskSpec> Tasks, int HeadChannels, double Dropout)
{
    /// <summary>Hidden channels of a head of pixels (the official code).</summary>
    private const int FullHeadChannels = 1024;

    /// <summary>Those of a head of texts (Conneau et al. 2017).</summary>
    private const int FullTextHeadChannels = 2048;

    /// <summary>
    /// The type in which activations and their gradients are stored: BFloat16 where a backend has it, with parameters, statistics, predictions and losses in single precision; anything else for
    /// the parameters' own type.
    /// </summary>
    public DType Activations { get; init; } = DType.Float32;

    /// <summary>Whether each task has batch norms of its own in a backbone that the tasks share: scale, shift and running statistics. The convolutions are shared either way.</summary>
    public bool HasTaskNorms { get; init; }

    /// <summary>What images are turned into.</summary>
    public ImageInput Input { get; init; } = ImageInput.Default;

    /// <summary>The size that a configuration asks for.</summary>
    public static NetworkSpec Of(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var backbone = BackboneSpec.Of(config.Backbone, config.Model.Width);
        return new NetworkSpec(backbone, TaskSpec.Of(config), BackboneSpec.Scale(FullHeadChannelsOf(backbone.Inputs), config.Model.HeadWidth), config.Model.Dropout)
        {
            Activations = ActivationsOf(config.Numerics),
            HasTaskNorms = config.Model.BatchNorm == ModelConfig.PerTask,
            Input = config.Dataload.Input.ToInput(),
        };
    }

    /// <summary>The type of the activations under a configuration's numerics.</summary>
    /// <param name="numerics"><c>fast</c>, <c>exact</c> or <c>bfloat16</c>.</param>
    public static DType ActivationsOf(string numerics) => numerics == "bfloat16" ? DType.BFloat16 : DType.Float32;

    /// <summary>Hidden channels of the heads of published networks that read something.</summary>
    public static int FullHeadChannelsOf(InputKind inputs) => inputs == InputKind.Text ? FullTextHeadChannels : FullHeadChannels;

    /// <summary>Rows and columns of what a configuration's network is trained on: those of a crop, or of texts one row and as many columns as characters.</summary>
    /// <param name="config">A valid configuration.</param>
    public static (int Height, int Width) InputSize(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Text ? (1, config.Dataload.TextLength) : (config.Dataload.CropH, config.Dataload.CropW);
    }

    /// <summary>Images in the type in which activations are stored: the same tensor, or one of the step. Texts stay the numbers that they are until they are embedded.</summary>
    /// <param name="step">The step.</param>
    /// <param name="images">[N, H, W, 3], or texts [N, 1, L, 1].</param>
    public Tensor ToActivations(Step step, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Activations == DType.BFloat16 && Backbone.Inputs == InputKind.Image ? step.Cast(images, DType.BFloat16) : images;
    }

    /// <summary>Declares the head of a task.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="task">The task's index.</param>
    /// <param name="prefix">What its parameters' names begin with; the official code's name, which numbers the tasks, if null.</param>
    public ITaskHead CreateHead(NetworkBuilder builder, int task, string? prefix = null)
    {
        var spec = new HeadSpec(task + 1, Backbone.FeatureChannels, HeadChannels, Tasks[task].Channels, Dropout) { Reads = Backbone.Inputs };
        return Tasks[task].Kind.CreateHead(builder, prefix is null ? spec : spec with { Prefix = prefix });
    }
}
