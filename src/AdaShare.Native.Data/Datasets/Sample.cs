namespace AdaShare.Native.Data.Datasets;

/// <summary>One example: an image and its labels. Planes that speak of pixels have its height and width, those that speak of the image are of one pixel.</summary>
/// <param name="Id">The name of the example in its data set, for messages and file names.</param>
/// <param name="Image">The picture as it is stored.</param>
/// <param name="Labels">Those of the labels that were asked for which the example has.</param>
public sealed record Sample(string Id, BgrImage Image, IReadOnlyDictionary<Label, Plane> Labels);
