using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>A ResNet: a stem, then residual blocks, which a plan may run, skip or mix for each task.</summary>
public sealed class Backbone
{
    internal const string OfficialName = "backbone";

    /// <summary>Declares a backbone.</summary>
    /// <param name="builder">Where; <see cref="NetworkBuilder.WithTaskNorms"/> gives each task batch norms of its own.</param>
    /// <param name="spec">The form.</param>
    /// <param name="prefix">What its parameters' names begin with, so that several fit in one store; the official code's name if absent.</param>
    public Backbone(NetworkBuilder builder, BackboneSpec spec, string prefix = OfficialName)
    {
        Stem = new BackboneStem(builder, spec, prefix);
        Stages = new ResidualStages(builder, spec, prefix);
        Spec = spec;
    }

    /// <summary>The form.</summary>
    public BackboneSpec Spec { get; }

    /// <summary>What images go through first.</summary>
    public BackboneStem Stem { get; }

    /// <summary>The residual blocks behind the stem, stage by stage.</summary>
    public ResidualStages Stages { get; }

    /// <summary>The type of the parameters, and of gates.</summary>
    public DType ParameterType => Stem.Norms.All[0].Gamma.Value.DType;

    /// <summary>Whether each task has batch norms of its own: then only the convolution of the stem can be computed for several tasks at once.</summary>
    public bool HasTaskNorms => Stem.Norms.IsPerTask;

    /// <summary>The residual blocks from the first to the last, with their projections.</summary>
    public IReadOnlyList<(ResidualBlock Body, Projection? Projection)> Blocks => Stages.Blocks;

    /// <summary>The batch norms whose parameters' names hold "bn" in the official code: all but those of the projections.</summary>
    public IEnumerable<BatchNormLayer> NormsOfBlocksAndStem => Stem.Norms.All.Concat(Blocks.SelectMany(static b => b.Body.Norms));

    /// <summary>The shape of the features of an input [N, H, W, 3].</summary>
    public Shape FeatureShape(Shape input) => Stages.OutputShape(Stem.OutputShape(input));

    /// <summary>The shape of the output of a stage for an input [N, H, W, 3].</summary>
    public Shape StageShape(Shape input, int stage)
    {
        (int first, int count) = Stages.Stage(stage);
        return Stages.OutputShape(Stem.OutputShape(input), first + count);
    }

    /// <summary>Multiply-adds of one pass through every block for an input [N, H, W, 3]; batch norms and additions are not counted.</summary>
    public long MultiplyAdds(Shape input) => Stem.MultiplyAdds(input) + Stages.MultiplyAdds(Stem.OutputShape(input));
}
