using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of look-ups: both types of ids, rows that nobody asks for, one row that everybody asks for, and what a padding index leaves out.</summary>
internal static class EmbeddingCases
{
    private const string NotTheDerivative = "the row of the padding index gets no gradient by convention";

    internal static IEnumerable<OpCase> All =>
    [
        Case("text of bytes", [3, 11], DType.UInt8, 13, 5),
        Case("text of integers", [3, 11], DType.Int32, 13, 5),
        Case("one number", [], DType.Int32, 4, 3),
        Case("images of classes", [2, 3, 4, 5], DType.UInt8, 7, 2),
        Case("one column", [29], DType.UInt8, 6, 1),
        Case("one row", [2, 9], DType.Int32, 1, 6),
        Case("most rows unused", [2, 5], DType.Int32, 700, 3),
        Case("every row once", [19], DType.Int32, 19, 4, fill: static (stream, count) => Array.ConvertAll(stream.Permutation(count), static i => (double)i)),
        Case("no ids", [0, 7], DType.UInt8, 5, 3),
        Case("columns of whole vectors, bytes up to 255", [4, 100], DType.UInt8, 256, 16) with { GradientSamples = 12 },
        Case("columns beyond a warp", [40], DType.Int32, 9, 70) with { GradientSamples = 12 },
        Case("one row for all of a long text", [3, 1100], DType.UInt8, 3, 4, fill: Fills.Constant(1)) with { GradientSamples = 4 },
        Case("a long text", [2, 1500], DType.UInt8, 70, 16) with { GradientSamples = 4 },
        Case("a padding index", [3, 17], DType.UInt8, 6, 5, paddingIndex: 0) with { NoCentralDifference = NotTheDerivative },
        Case("the last row as padding index", [3, 17], DType.Int32, 6, 4, paddingIndex: 5) with { NoCentralDifference = NotTheDerivative },
        Case("nothing but padding", [2, 9], DType.Int32, 4, 3, paddingIndex: 2, fill: Fills.Constant(2)) with { NoCentralDifference = NotTheDerivative },
    ];

    private static OpCase Case(string name, int[] ids, DType type, int rows, int columns, int? paddingIndex = null, Fill? fill = null) => new(
        "Embedding",
        nameof(EmbeddingOps.Embedding),
        name,
        [OpInput.Float("ids", ids) with { Type = type, Fill = fill ?? Fills.Integers(0, rows) }, OpInput.Table("table", rows, columns)],
        (step, x, _) => [step.Embedding(x[0], x[1], paddingIndex)],
        x => [HostArray.From(new Shape([.. ids, columns]), at => x[1][(int)x[0][at.AsSpan(0, ids.Length)], at[^1]])])
    {
        IsPointwise = true,
    };
}
