namespace AdaShare.Native.Data.Datasets.CityscapesOriginal;

/// <summary>What the depth label of CityScapes' originals is computed as, from the disparity d in pixels, the baseline b in metres and the focal length f in pixels of each picture's camera file.</summary>
public enum CityscapesDepth
{
    /// <summary>Inverse depth d / (b f), in 1/m.</summary>
    Inverse,

    /// <summary>Depth b f / d, in metres.</summary>
    Metres,
}
