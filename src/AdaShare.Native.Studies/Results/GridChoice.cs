namespace AdaShare.Native.Studies.Results;

/// <summary>Which point of a method's grid was chosen: the highest validation score of its first seed, the earlier point where two are equal.</summary>
/// <param name="Label">The method's label.</param>
/// <param name="Seed">The seed that the points were tried with.</param>
/// <param name="Points">All points, in the order of the study file.</param>
/// <param name="Chosen">The chosen point's name; null where no point has a score.</param>
public sealed record GridChoice(string Label, long Seed, IReadOnlyList<GridScore> Points, string? Chosen);

/// <summary>A point of a grid and what it came to.</summary>
/// <param name="Variant">The point's name.</param>
/// <param name="Settings">What it sets, <c>key=value</c>.</param>
/// <param name="ValidationScore">Its score; null where its run failed or has no finite one.</param>
public sealed record GridScore(string Variant, IReadOnlyList<string> Settings, double? ValidationScore);
