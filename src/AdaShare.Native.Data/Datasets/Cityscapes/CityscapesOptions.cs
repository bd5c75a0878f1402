using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.Cityscapes;

/// <summary>How <see cref="CityscapesDataset"/> reads its folder.</summary>
public sealed record CityscapesOptions : DenseOptions
{
    /// <summary>Whether the pictures are 128x256 (the official <c>small_res</c>) and not 256x512; any other size is refused, as it fails in the official code.</summary>
    public bool SmallResolution { get; init; }
}
