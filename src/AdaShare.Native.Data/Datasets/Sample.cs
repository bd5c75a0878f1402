namespace AdaShare.Native.Data.Datasets;

/// <summary>One example: an image and its label planes, all of one height and width.</summary>
/// <param name="Id">The name of the example in its data set, for messages and file names.</param>
/// <param name="Image">Three channels in B, G, R order, 0 … 255, no mean subtracted.</param>
/// <param name="Labels">The label planes that were asked for.</param>
public sealed record Sample(string Id, Plane Image, IReadOnlyDictionary<LabelKind, Plane> Labels);
