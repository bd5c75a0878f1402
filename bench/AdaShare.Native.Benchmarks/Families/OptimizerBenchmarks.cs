using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Updates of the flat buffers of all weights, and of a task's logits.</summary>
internal static class OptimizerBenchmarks
{
    private const double LearningRate = 1e-4;
    private const double Decay = 1e-4;
    private const long Step = 1000;

    // Decay, momentum and the update; decay, both moments with a square, and the update.
    private const int SgdProducts = 3;
    private const int AdamProducts = 7;

    // An update needs no other parameter's numbers.
    private const int Sample = 1 << 18;

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network) =>
    [
        new("optimizer", "sgd-weights", new Extents(('P', network.Weights)), [Value, Gradient, Operand.Parameter("velocity", "P").Updated()], static (backend, x) => () =>
            backend.Optimizer.Sgd(x[0], x[1], x[2], LearningRate, momentum: 0.9, Decay, nesterov: false))
        {
            MultiplyAdds = SgdProducts * (long)network.Weights,
            Samples = [('P', Sample)],
        },
        Adam("adam-weights", network.Weights),
        Adam("adam-logits", 2 * network.Decisions),
    ];

    private static Operand Value => Operand.Parameter("value", "P").Updated();

    private static Operand Gradient => Operand.Parameter("gradient", "P");

    private static BenchmarkCase Adam(string variant, int count) => new(
        "optimizer",
        variant,
        new Extents(('P', count)),
        [Value, Gradient, Operand.Parameter("mean", "P").Updated(), Operand.Parameter("variance", "P", Fills.Uniform(0.1, 1)).Updated()],
        static (backend, x) => () => backend.Optimizer.Adam(x[0], x[1], x[2], x[3], LearningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, Decay, Step))
    {
        MultiplyAdds = AdamProducts * (long)count,
        Samples = count > Sample ? [('P', Sample)] : [],
    };
}
