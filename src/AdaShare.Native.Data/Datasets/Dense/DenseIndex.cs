namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>Where the files of one example are.</summary>
/// <param name="Id">The name of the example.</param>
/// <param name="Files">Their paths, by what they are: <see cref="ImageFile"/>, a label's name, or what else a label is made from.</param>
internal sealed record DenseExample(string Id, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>What the picture is called.</summary>
    public const string ImageFile = IDataset.ImageFingerprint;

    /// <summary>The path of the picture.</summary>
    public string Image => Files[ImageFile];

    /// <summary>The path of a label's file.</summary>
    public string this[Label label] => Files[label.Name];
}

/// <summary>What a folder holds.</summary>
/// <param name="Parts">The examples of each part.</param>
/// <param name="Labels">The labels that are read.</param>
/// <param name="Classes">The number of segmentation classes, 0 without segmentation.</param>
/// <param name="ClassNames">Their names, empty where they are not known.</param>
/// <param name="Notices">A sentence for each kind of thing in the folder that is passed over.</param>
internal sealed record DenseIndex(
    ExampleParts<DenseExample> Parts, IReadOnlyList<Label> Labels, int Classes, IReadOnlyList<string> ClassNames, IReadOnlyList<string> Notices)
{
    /// <summary>The index with a remark on what depth is, where depth is read and is no metres.</summary>
    public DenseIndex WithDepthIn(string what) => Labels.Contains(Label.Depth)
        ? this with { Notices = [.. Notices, $"depth is {what}"] }
        : this;
}
