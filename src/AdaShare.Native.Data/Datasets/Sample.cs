namespace AdaShare.Native.Data.Datasets;

/// <summary>One example: an image and its label planes, all of one height and width.</summary>
/// <param name="Id">The name of the example in its data set, for messages and file names.</param>
/// <param name="Image">The picture as it is stored.</param>
/// <param name="Labels">The label planes that were asked for.</param>
public sealed record Sample(string Id, BgrImage Image, IReadOnlyDictionary<LabelKind, Plane> Labels);
