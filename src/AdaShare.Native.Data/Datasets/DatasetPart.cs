namespace AdaShare.Native.Data.Datasets;

/// <summary>A part of a data set whose tasks have images of their own.</summary>
/// <param name="Dataset">The images, with the labels of the tasks.</param>
/// <param name="Tasks">The names of the tasks that have labels for them.</param>
public sealed record DatasetPart(IDataset Dataset, IReadOnlyList<string> Tasks);
