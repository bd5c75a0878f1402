namespace AdaShare.Native.Studies.Tables;

/// <summary>A table as plain text cells; the console and <c>study.md</c> draw it.</summary>
/// <param name="Title">What it is of.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Rows">Its rows; each has a cell for each column.</param>
public sealed record StudyTable(string Title, IReadOnlyList<StudyColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Whether it holds figures, which stand to the right.</param>
public sealed record StudyColumn(string Title, bool IsNumber);
