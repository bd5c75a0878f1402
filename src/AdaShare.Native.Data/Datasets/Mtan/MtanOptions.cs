using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.Mtan;

/// <summary>How <see cref="MtanDataset"/> reads its folder.</summary>
public sealed record MtanOptions : DenseOptions
{
    /// <summary>
    /// The folder of the classes in <c>train</c> and <c>val</c>; null for <c>label_N</c> where N is the number of classes, else <c>label</c>. Of CityScapes there are three sets of
    /// classes, and the archives differ in the names of their folders.
    /// </summary>
    public string? LabelFolder { get; init; }
}
