namespace AdaShare.Native.Data.Datasets;

/// <summary>What stands for all examples of a part where they are too many to be named one by one in the file of a run's data: equal for equal examples in the same order, and only for these.</summary>
/// <param name="Text">Which examples, in words for people and with a sign of their choice.</param>
/// <param name="Fingerprints">Signs of the content of the files that they lie in, by what the file is.</param>
public sealed record PartIdentity(string Text, IReadOnlyDictionary<string, string> Fingerprints);
