using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Networks;

/// <summary>A backbone that a configuration may name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Block">The body of its residual blocks.</param>
/// <param name="Blocks">Residual blocks of each stage.</param>
/// <param name="IsDilated">
/// The form of AdaShare's official code, after Deeplab: the last two stages dilate by 2 and 4 where plain networks stride, so that features are at an eighth of the size, and the pooling of the stem counts a last, partial
/// window. Otherwise the plain form, all of whose stages but the first stride by 2, with torchvision's pooling.
/// </param>
public sealed record BackboneForm(string Name, BlockKind Block, IReadOnlyList<int> Blocks, bool IsDilated)
{
    private const int ImageNetWidth = 64;
    private static readonly int[] DilatedStrides = [1, 2, 1, 1], Dilations = [1, 1, 2, 4];

    /// <summary>What comes before the blocks.</summary>
    public StemKind Stem { get; init; }

    /// <summary>Channels after the stem.</summary>
    public int StemWidth { get; init; } = ImageNetWidth;

    /// <summary>The width of the first stage's blocks; each further stage doubles it.</summary>
    public int StageWidth { get; init; } = ImageNetWidth;

    /// <summary>What the network reads.</summary>
    public InputKind Inputs => Stem.Inputs();

    /// <summary>A wide residual network for small images.</summary>
    /// <param name="blocks">Blocks of each of the three stages; the depth is 6 of them and 4.</param>
    /// <param name="factor">The width in multiples of 16, 32, 64 channels.</param>
    public static BackboneForm Wide(int blocks, int factor) => new($"WideResNet{(6 * blocks) + 4}_{factor}", BlockKind.Basic, [blocks, blocks, blocks], IsDilated: false)
    {
        Stem = StemKind.Small,
        StemWidth = 16,
        StageWidth = 16 * factor,
    };

    /// <summary>A very deep convolutional network for texts.</summary>
    /// <param name="blocks">Blocks of each of the four stages, of two convolutions each; the depth is twice their number and 1.</param>
    public static BackboneForm OfText(params int[] blocks) => new($"VDCNN{(2 * blocks.Sum()) + 1}", BlockKind.Basic, blocks, IsDilated: false) { Stem = StemKind.Text };

    /// <summary>The form with its channels.</summary>
    /// <param name="width">The factor on the channels of the published form.</param>
    public BackboneSpec WithWidth(double width)
    {
        int[] widths = [.. Enumerable.Range(0, Blocks.Count).Select(stage => BackboneSpec.Scale(StageWidth << stage, width))];
        int[] channels = Array.ConvertAll(widths, own => own * Block.Expansion());
        int[] strides = IsDilated ? DilatedStrides : [.. Blocks.Select(static (_, stage) => stage == 0 ? 1 : 2)];
        return new BackboneSpec(Name, Blocks, BackboneSpec.Scale(StemWidth, width), channels, strides, IsDilated ? Dilations : [.. Blocks.Select(static _ => 1)])
        {
            Block = Block,
            Stem = Stem,
            PoolsPartialWindows = IsDilated,

            // What decides stays small where the network is wide.
            DecisionWidths = StageWidth == ImageNetWidth ? null : [.. Blocks.Select((_, stage) => BackboneSpec.Scale(ImageNetWidth << stage, width))],
        };
    }
}
