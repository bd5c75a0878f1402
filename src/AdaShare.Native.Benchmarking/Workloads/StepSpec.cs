using System.Globalization;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>What a training step moves.</summary>
public enum StepKind
{
    /// <summary>The weights by Adam, all blocks on.</summary>
    WarmUp,

    /// <summary>The weights by SGD, under sampled gates.</summary>
    Weights,

    /// <summary>The logits by Adam, under sampled gates.</summary>
    Policy,
}

/// <summary>What a step trains and how large it is.</summary>
/// <param name="Backbone">The backbone.</param>
/// <param name="Tasks">The tasks; a name may occur several times, each with a head of its own.</param>
/// <param name="Height">Rows of the images; 1 of texts.</param>
/// <param name="Width">Columns of the images; characters of texts.</param>
/// <param name="Batch">Images of a batch.</param>
/// <param name="Kind">What the step moves.</param>
/// <param name="OpenBlocks">How many of the last blocks have an open decision; more than there are means all, and in the warm-up it does not matter.</param>
public sealed record StepSpec(BackboneSpec Backbone, IReadOnlyList<TaskSpec> Tasks, int Height, int Width, int Batch, StepKind Kind, int OpenBlocks)
{
    /// <summary>Hidden channels of the heads; those of the published networks unless set.</summary>
    public int HeadChannels { get; init; } = WorkloadNames.PublishedHeadChannels;

    /// <summary>The heads' dropout; that of the published networks unless set.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>The type in which activations are stored: BFloat16, or anything else for single precision.</summary>
    public DType Activations { get; init; } = DType.Float32;

    /// <summary>Whether the backward pass computes the bodies of residual blocks again instead of keeping what lies in them.</summary>
    public bool Recompute { get; init; }

    /// <summary>The weighting of the losses in steps that move weights, by its name in the registry; the lambdas unless set.</summary>
    public string Weighting { get; init; } = WeightingRegistry.Names[0];

    /// <summary>The kind with the open blocks and the weighting, for example <c>weights, 4 open, pcgrad</c>.</summary>
    public string KindName => Weighting == WeightingRegistry.Names[0] ? BareName : $"{BareName}, {Weighting}";

    private string BareName => Kind == StepKind.WarmUp ? NameOf(Kind)
        : $"{NameOf(Kind)}, {(OpenBlocks >= Backbone.BlockCount ? "all" : OpenBlocks.ToString(CultureInfo.InvariantCulture))} open";

    /// <summary>The name of the same work in every run.</summary>
    public string Name => $"step {WorkloadNames.Of(Backbone, Tasks, HeadChannels)} {Height}x{Width} b{Batch}{(Recompute ? " recompute" : "")}: {KindName}";

    /// <summary>A kind's name: <c>warm-up</c>, <c>weights</c> or <c>policy</c>.</summary>
    public static string NameOf(StepKind kind) => kind switch
    {
        StepKind.WarmUp => "warm-up",
        StepKind.Weights => "weights",
        _ => "policy",
    };
}
