namespace AdaShare.Native.Studies.Results;

/// <summary>What a metric is.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Name">The metric's key in results, for example <c>abs_error</c>.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Unit">Its unit, for example <c>%</c>; empty where it has none.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
/// <param name="Counts">Whether it counts in Delta, mean rank and the main table; a second reading of another metric does not.</param>
public sealed record MetricDescription(string Task, string Name, string Title, string Unit, bool HigherIsBetter, bool Counts = true);
