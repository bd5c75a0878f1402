using AdaShare.Native.Benchmarks.Families;

namespace AdaShare.Native.Benchmarks.Catalogue;

/// <summary>Every benchmark: each op of the engine at the shapes of the networks.</summary>
internal static class BenchmarkCatalogue
{
    /// <summary>All cases at a scale, family by family. Keys are the same at every scale.</summary>
    public static IReadOnlyList<BenchmarkCase> Of(BenchmarkScale scale)
    {
        NetworkShapes network = NetworkShapes.Of(scale);
        return
        [
            .. ImageBenchmarks.Of(network),
            .. ConvolutionBenchmarks.Of(network),
            .. MatrixBenchmarks.Of(network),
            .. BatchNormBenchmarks.Of(network),
            .. BatchNormResidualBenchmarks.Of(network),
            .. ActivationBenchmarks.Of(network),
            .. PoolingBenchmarks.Of(network, scale),
            .. ResizeBenchmarks.Of(network),
            .. ElementwiseBenchmarks.Of(network),
            .. ReductionBenchmarks.Of(network),
            .. AssemblyBenchmarks.Of(network),
            .. LayoutBenchmarks.Of(network),
            .. SoftmaxBenchmarks.Of(network),
            .. EmbeddingBenchmarks.Of(scale),
            .. LossBenchmarks.Of(network),
            .. GateBenchmarks.Of(network),
            .. OptimizerBenchmarks.Of(network),
            .. AutogradBenchmarks.Of(),
        ];
    }
}
