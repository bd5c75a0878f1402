namespace AdaShare.Native.Learning.Networks;

/// <summary>A backbone that a configuration may name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Block">The body of its residual blocks.</param>
/// <param name="Blocks">Residual blocks of each stage.</param>
/// <param name="IsDilated">
/// The form of AdaShare's official code, after Deeplab: the last two stages dilate by 2 and 4 where plain networks stride, so that features are at an eighth of the size, and the pooling of the stem counts a last, partial
/// window. Otherwise the plain form, whose features are at 1/32, with torchvision's pooling.
/// </param>
public sealed record BackboneForm(string Name, BlockKind Block, IReadOnlyList<int> Blocks, bool IsDilated)
{
    private const int FullWidth = 64;
    private static readonly int[] DilatedStrides = [1, 2, 1, 1], Dilations = [1, 1, 2, 4], PlainStrides = [1, 2, 2, 2], NoDilations = [1, 1, 1, 1];

    /// <summary>The form with its channels.</summary>
    /// <param name="width">The factor on 64, 128, 256, 512.</param>
    public BackboneSpec WithWidth(double width)
    {
        int[] widths = [.. Enumerable.Range(0, Blocks.Count).Select(stage => BackboneSpec.Scale(FullWidth << stage, width))];
        int[] channels = Array.ConvertAll(widths, own => own * Block.Expansion());
        return new BackboneSpec(Name, Blocks, widths[0], channels, IsDilated ? DilatedStrides : PlainStrides, IsDilated ? Dilations : NoDilations)
        {
            Block = Block,
            PoolsPartialWindows = IsDilated,
        };
    }
}
