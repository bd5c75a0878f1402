namespace AdaShare.Native.Data.Datasets.Mtan;

/// <summary>The classes of MTAN's NYU v2.</summary>
internal static class MtanClasses
{
    /// <summary>The 13 classes of Couprie et al.: "Indoor semantic segmentation using depth information" (ICLR 2013), in the order of github.com/ankurhanda/nyuv2-meta-data, class13Mapping.mat, less 1.</summary>
    public static IReadOnlyList<string> NyuV2 { get; } = ["bed", "books", "ceiling", "chair", "floor", "furniture", "objects", "picture", "sofa", "table", "tv", "wall", "window"];
}
