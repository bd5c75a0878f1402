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
/// <param name="HeadChannels">Hidden channels of the heads, 1024 in the published networks.</param>
/// <param name="Dropout">The heads' dropout probability.</param>
public sealed record NetworkSpec(BackboneSpec Backbone, IReadOnlyList<TaskSpec> Tasks, int HeadChannels, double Dropout)
{
    private const int FullHeadChannels = 1024;

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
        return new NetworkSpec(
            BackboneSpec.Of(config.Backbone, config.Model.Width), TaskSpec.Of(config), BackboneSpec.Scale(FullHeadChannels, config.Model.HeadWidth), config.Model.Dropout)
        {
            Activations = ActivationsOf(config.Numerics),
            HasTaskNorms = config.Model.BatchNorm == ModelConfig.PerTask,
            Input = config.Dataload.Input.ToInput(),
        };
    }

    /// <summary>The type of the activations under a configuration's numerics.</summary>
    /// <param name="numerics"><c>fast</c>, <c>exact</c> or <c>bfloat16</c>.</param>
    public static DType ActivationsOf(string numerics) => numerics == "bfloat16" ? DType.BFloat16 : DType.Float32;

    /// <summary>Images in the type in which activations are stored: the same tensor, or one of the step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="images">[N, H, W, 3].</param>
    public Tensor ToActivations(Step step, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Activations == DType.BFloat16 ? step.Cast(images, DType.BFloat16) : images;
    }

    /// <summary>Declares the head of a task.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="task">The task's index.</param>
    /// <param name="prefix">What its parameters' names begin with; the official code's name, which numbers the tasks, if null.</param>
    public ITaskHead CreateHead(NetworkBuilder builder, int task, string? prefix = null)
    {
        var spec = new HeadSpec(task + 1, Backbone.FeatureChannels, HeadChannels, Tasks[task].Channels, Dropout);
        return Tasks[task].Kind.CreateHead(builder, prefix is null ? spec : spec with { Prefix = prefix });
    }
}
