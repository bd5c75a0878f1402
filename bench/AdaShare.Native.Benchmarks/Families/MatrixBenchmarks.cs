using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Matrix products as a linear layer over the heads' hidden channels needs them: forward pass and both gradients.</summary>
internal static class MatrixBenchmarks
{
    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        int rows = network.Features[0] * network.Features[1] * network.Features[2], channels = network.HeadChannels;
        return
        [
            Product("product", rows, channels, channels, transposeLeft: false, transposeRight: false),
            Product("product-right-transposed", rows, channels, channels, transposeLeft: false, transposeRight: true),
            Product("product-left-transposed", channels, rows, channels, transposeLeft: true, transposeRight: false),
        ];
    }

    private static BenchmarkCase Product(string variant, int rows, int depth, int columns, bool transposeLeft, bool transposeRight) => new(
        "matrix",
        variant,
        new Extents(('M', rows), ('K', depth), ('N', columns)),
        [Operand.Parameter("left", transposeLeft ? "KM" : "MK"), Operand.Parameter("right", transposeRight ? "NK" : "KN"), Operand.Parameter("result", "MN").Written()],
        (backend, x) => () => backend.Matrix.Multiply(x[0], transposeLeft, x[1], transposeRight, x[2], accumulate: false))
    {
        Ops = [nameof(MatrixOps.MatMul), nameof(MatrixOps.Linear), nameof(MatrixOps.FilterGram)],
        MultiplyAdds = (long)rows * depth * columns,
        Rounding = Rounding.Products,
        Samples = [('M', 32), ('N', 32)],
    };
}
