namespace AdaShare.Native.Methods.MtanStage;

/// <summary>The keys of section <c>mtan_stage</c>.</summary>
public sealed class MtanStageOptions
{
    /// <summary>What a stage's width is divided by for the width in the middle of its masks and refinements: 4, as in the authors' ResNet-50; LibMTL has 1 for ResNet-18 and 34.</summary>
    public int Reduction { get; set; } = 4;
}
