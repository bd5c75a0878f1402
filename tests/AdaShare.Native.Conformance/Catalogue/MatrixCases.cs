using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of matrix products and the linear layer; their gradients are the transposed products.</summary>
internal static class MatrixCases
{
    internal static IEnumerable<OpCase> All =>
    [
        Product("one by one", 1, 1, 1),
        Product("odd sizes", 5, 7, 3),
        Product("depth 1", 4, 1, 6),
        Product("one row", 1, 19, 8),
        Product("one column", 8, 19, 1),
        Product("one above a vector", 17, 33, 9),
        Product("larger than a block", 67, 130, 71) with { GradientSamples = 2 },
        Linear("with bias", 5, 7, 3, bias: true),
        Linear("without bias", 5, 7, 3, bias: false),
        Linear("one sample", 1, 16, 10, bias: true),
        Linear("wide", 9, 130, 69, bias: true) with { GradientSamples = 4 },
        new OpCase(
            "Matrix",
            nameof(MatrixOps.MatMul),
            "a matrix times itself",
            [OpInput.Float("matrix", 4, 4)],
            (step, x, _) => [step.MatMul(x[0], x[0])],
            x => [HostArray.From(new Shape(4, 4), at => Enumerable.Range(0, 4).Sum(k => x[0][at[0], k] * x[0][k, at[1]]))]),
    ];

    private static OpCase Product(string name, int rows, int depth, int columns) => new(
        "Matrix",
        nameof(MatrixOps.MatMul),
        name,
        [OpInput.Float("left", rows, depth), OpInput.Float("right", depth, columns)],
        (step, x, _) => [step.MatMul(x[0], x[1])],
        x => [HostArray.From(new Shape(rows, columns), at => Enumerable.Range(0, depth).Sum(k => x[0][at[0], k] * x[1][k, at[1]]))]);

    private static OpCase Linear(string name, int samples, int inputs, int outputs, bool bias)
    {
        OpInput[] arguments = [OpInput.Float("input", samples, inputs), OpInput.Float("weight", outputs, inputs), OpInput.Float("bias", outputs)];
        return new OpCase(
            "Matrix",
            nameof(MatrixOps.Linear),
            name,
            bias ? arguments : arguments[..2],
            (step, x, _) => [step.Linear(x[0], x[1], bias ? x[2] : null)],
            x => [HostArray.From(new Shape(samples, outputs), at => (bias ? x[2][at[1]] : 0) + Enumerable.Range(0, inputs).Sum(k => x[0][at[0], k] * x[1][at[1], k]))]);
    }
}
