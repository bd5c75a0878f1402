using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Sums over the heads' hidden layers (the gradient of a bias, a mean) and maxima over the classes of every pixel.</summary>
internal static class ReductionBenchmarks
{
    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        int pixels = network.Features[0] * network.Features[1] * network.Features[2];
        Extents hidden = new(('R', pixels), ('C', network.HeadChannels)), classes = new(('R', pixels), ('C', network.Classes));
        Operand activations = Operand.Activation("input", "RC"), predictions = Operand.Parameter("input", "RC"), maxima = Operand.Parameter("output", "R").Written();
        Operand indices = Operand.Integers("indices", "R", Fills.Integers(0, network.Classes));
        return
        [
            Case("sum-to-channels", hidden, [activations, Operand.Parameter("output", "C").Written()], nameof(ReductionOps.Sum), static (backend, x) => () =>
                backend.Reduction.Sum(x[0], x[1], scale: 1, accumulate: false)) with
            {
                Samples = [('C', 4)],
            },
            Case("sum-of-all", hidden, [activations, Operand.Parameter("output", "11").Written()], nameof(ReductionOps.Mean), static (backend, x) => () =>
                backend.Reduction.Sum(x[0], x[1], scale: 1e-3, accumulate: false)),
            Case("max", classes, [predictions, maxima, indices.Written()], nameof(ReductionOps.Max), static (backend, x) => () => backend.Reduction.Max(x[0], x[1], x[2])),
            Case("argmax", classes, [predictions, indices.Written()], nameof(ReductionOps.ArgMax), static (backend, x) => () => backend.Reduction.Max(x[0], output: null, x[1])),
            Case(
                "max-backward",
                classes,
                [indices, Operand.Parameter("gradient of output", "R"), Operand.Parameter("gradient of input", "RC").Written()],
                nameof(ReductionOps.Max),
                static (backend, x) => () => backend.Reduction.MaxBackward(x[0], x[1], x[2], accumulate: false)),
        ];
    }

    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, string op, KernelCall call) => new("reduction", variant, extents, operands, call) { Ops = [op] };
}
