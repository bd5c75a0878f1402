namespace AdaShare.Native.Engine.Ops;

/// <summary>Which part of a stored image lies in memory, row by row and without gaps: it need not be more than a <see cref="CropWindow"/> reads.</summary>
/// <param name="Start">The index in memory of the part's first byte.</param>
/// <param name="Row">The part's first row in the stored image.</param>
/// <param name="Column">The part's first column in the stored image.</param>
/// <param name="Rows">Rows of the part.</param>
/// <param name="Columns">Columns of the part.</param>
public readonly record struct ImagePart(int Start, int Row, int Column, int Rows, int Columns);
