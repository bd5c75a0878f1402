namespace AdaShare.Native.Data.Datasets.Mtan;

/// <summary>Which of MTAN's archives a folder has the layout of.</summary>
public enum MtanLayout
{
    /// <summary>NYU v2: 13 classes, depth in metres, surface normals; 288x384.</summary>
    NyuV2,

    /// <summary>CityScapes: 2, 7 or 19 classes and inverse depth; 128x256 or 256x512.</summary>
    Cityscapes,
}
