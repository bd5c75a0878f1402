using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>How labels become those of a crop.</summary>
/// <param name="Window">The map from pixels of the crop to those of the label, or of a region of it.</param>
/// <param name="Row">The first row of that region; 0 where the map is to the whole label.</param>
/// <param name="Column">The first column of that region.</param>
/// <param name="DepthScale">What metres are divided by.</param>
/// <param name="DecodedNormals">Whether normals are in [-1, 1], so that mirroring negates their x.</param>
internal readonly record struct LabelWindow(CropWindow Window, int Row, int Column, float DepthScale, bool DecodedNormals)
{
    /// <summary>Labels as they are.</summary>
    /// <param name="window">The map from pixels of the crop to those of the label.</param>
    public static LabelWindow Of(CropWindow window) => new(window, 0, 0, 1, DecodedNormals: false);
}
