using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of matrix products, the linear layer and inner products of filters; their gradients are the transposed products.</summary>
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
        Gram("one filter", OpInput.Filter(1, 3, 3, 3)),
        Gram("odd sizes", OpInput.Filter(5, 3, 3, 2)),
        Gram("1x1", OpInput.Filter(6, 4, 1, 1)),
        Gram("more filters than elements", OpInput.Filter(17, 2, 2, 2)),
        Gram("wide", OpInput.Filter(34, 9, 3, 3)) with { GradientSamples = 4 },
    ];

    private static OpCase Product(string name, int rows, int depth, int columns) => new(
        "Matrix",
        nameof(MatrixOps.MatMul),
        name,
        [OpInput.Float("left", rows, depth), OpInput.Float("right", depth, columns)],
        (step, x, _) => [step.MatMul(x[0], x[1])],
        x => [HostArray.From(new Shape(rows, columns), at => Enumerable.Range(0, depth).Sum(k => x[0][at[0], k] * x[1][k, at[1]]))]);

    private static OpCase Gram(string name, OpInput filter) => new(
        "Matrix",
        nameof(MatrixOps.FilterGram),
        name,
        [filter],
        (step, x, _) => [step.FilterGram(x[0])],
        x => [HostArray.From(new Shape(filter.Shape[0], filter.Shape[0]), at => Product(x[0], at[0], at[1]))]);

    private static double Product(HostArray filter, int left, int right)
    {
        double sum = 0;
        for (int i = 0; i < filter.Shape[1]; i++)
        {
            for (int h = 0; h < filter.Shape[2]; h++)
            {
                for (int w = 0; w < filter.Shape[3]; w++)
                {
                    sum += filter[left, i, h, w] * filter[right, i, h, w];
                }
            }
        }

        return sum;
    }

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
