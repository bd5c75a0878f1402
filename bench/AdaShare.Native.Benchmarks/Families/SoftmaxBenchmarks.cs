using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Softmax over the classes of every pixel, and over a task's decisions.</summary>
internal static class SoftmaxBenchmarks
{
    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        var pixels = new Extents(('R', network.Features[0] * network.Features[1] * network.Features[2]), ('C', network.Classes));
        var decisions = new Extents(('R', network.Decisions), ('C', 2));
        return
        [
            Forward("softmax", pixels, logarithm: false),
            Backward("softmax-backward", pixels, logarithm: false),
            Forward("log-softmax", pixels, logarithm: true),
            Backward("log-softmax-backward", pixels, logarithm: true),
            Forward("log-softmax-decisions", decisions, logarithm: true),
        ];
    }

    private static BenchmarkCase Forward(string variant, Extents extents, bool logarithm) => Case(
        variant, extents, [Operand.Parameter("input", "RC"), Operand.Parameter("output", "RC").Written()],
        (backend, x) => () => backend.Softmax.Forward(x[0], logarithm, x[1]), logarithm);

    private static BenchmarkCase Backward(string variant, Extents extents, bool logarithm) => Case(
        variant, extents, [Operand.Parameter("output", "RC"), Operand.Parameter("gradient of output", "RC"), Operand.Parameter("gradient of input", "RC").Written()],
        (backend, x) => () => backend.Softmax.Backward(x[0], logarithm, x[1], x[2], accumulate: false), logarithm) with
    {
        // What the gradient of the input will overwrite are numbers as good as logits.
        Prepare = (backend, x) => backend.Softmax.Forward(x[2], logarithm, x[0]),
    };

    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, KernelCall call, bool logarithm) =>
        new("softmax", variant, extents, operands, call) { Ops = [logarithm ? nameof(SoftmaxOps.LogSoftmax) : nameof(SoftmaxOps.Softmax)], Samples = [('R', 256)] };
}
