namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>Where the files of one example are.</summary>
/// <param name="Id">The name of the example.</param>
/// <param name="Image">The path of its image.</param>
/// <param name="Labels">The path of each kind of label that the folder offers.</param>
internal sealed record NyuV2Example(string Id, string Image, IReadOnlyDictionary<Label, string> Labels);
