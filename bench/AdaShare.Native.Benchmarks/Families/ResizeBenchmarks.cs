using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Predictions, from the features' size to the images': classes bilinear, normals to the nearest pixel.</summary>
internal static class ResizeBenchmarks
{
    // A weighted mean of four pixels.
    private const int BilinearProducts = 4;
    private const int NormalChannels = 3;

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        Extents classes = Sizes(network, network.Classes), normals = Sizes(network, NormalChannels);
        long products = BilinearProducts * classes.ShapeOf("NHWC").Count;
        return
        [
            Case("bilinear", classes, [Input, Output], static (backend, x) => () => backend.Resize.Bilinear(x[0], x[1], alignCorners: false), nameof(ResizeOps.ResizeBilinear), products),
            Case(
                "bilinear-backward", classes, [Gradient, GradientOfInput], static (backend, x) => () => backend.Resize.BilinearBackward(x[0], x[1], alignCorners: false, accumulate: false),
                nameof(ResizeOps.ResizeBilinear), products),
            Case("nearest", normals, [Input, Output], static (backend, x) => () => backend.Resize.Nearest(x[0], x[1]), nameof(ResizeOps.ResizeNearest), 0),
            Case(
                "nearest-backward", normals, [Gradient, GradientOfInput], static (backend, x) => () => backend.Resize.NearestBackward(x[0], x[1], accumulate: false),
                nameof(ResizeOps.ResizeNearest), 0),
        ];
    }

    private static Operand Input => Operand.Parameter("input", "NhwC");

    private static Operand Output => Operand.Parameter("output", "NHWC").Written();

    private static Operand Gradient => Operand.Parameter("gradient of output", "NHWC");

    private static Operand GradientOfInput => Operand.Parameter("gradient of input", "NhwC").Written();

    private static Extents Sizes(NetworkShapes network, int channels) =>
        new(('N', network.Images[0]), ('h', network.Features[1]), ('w', network.Features[2]), ('H', network.Images[1]), ('W', network.Images[2]), ('C', channels));

    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, KernelCall call, string op, long products) =>
        new("resize", variant, extents, operands, call) { Ops = [op], MultiplyAdds = products, Samples = [('N', 1), ('C', 2)] };
}
