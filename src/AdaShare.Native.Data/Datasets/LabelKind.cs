namespace AdaShare.Native.Data.Datasets;

/// <summary>What a label says: of each pixel, or of the image as a whole.</summary>
public enum LabelKind
{
    /// <summary>Class index 0 … classes - 1, one channel; 255 is ignored.</summary>
    Segmentation,

    /// <summary>
    /// Surface normal, three channels in B, G, R order, that is (z, y, x). Decoded: in [-1, 1]. Raw: as stored, 0 … 255.
    /// In both forms a pixel whose largest channel is 255 is ignored; pixels whose stored vector is no direction are read as that.
    /// </summary>
    SurfaceNormals,

    /// <summary>Distance in metres, one channel; values of 3e-5 and less are ignored.</summary>
    Depth,

    /// <summary>Keypoint heat in [-1, 1], one channel; 255 is ignored.</summary>
    Keypoints,

    /// <summary>Edge strength in [-1, 1], one channel; 255 is ignored.</summary>
    Edges,

    /// <summary>Class index 0 … classes - 1 of the image, a plane of one pixel; below 0 where the image has none.</summary>
    Class,

    /// <summary>Yes (1) or no (0) for each of several properties of the image, a plane of one pixel with a channel for each; 255 where it is not known.</summary>
    Attributes,

    /// <summary>Numbers about the image, a plane of one pixel with a channel for each; not a number (NaN) where it is not known.</summary>
    Values,
}
