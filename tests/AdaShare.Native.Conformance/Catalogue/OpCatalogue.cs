namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Every op with the cases that its tests and its benchmarks run.</summary>
public static class OpCatalogue
{
    /// <summary>All cases, family by family.</summary>
    public static IReadOnlyList<OpCase> All { get; } =
    [
        .. ConvolutionCases.All,
        .. MatrixCases.All,
        .. BatchNormCases.All,
        .. BatchNormResidualCases.All,
        .. ActivationCases.All,
        .. PoolingCases.All,
        .. ResizeCases.All,
        .. ElementwiseCases.All,
        .. ReductionCases.All,
        .. AssemblyCases.All,
        .. LayoutCases.All,
        .. SoftmaxCases.All,
        .. EmbeddingCases.All,
        .. LossCases.All,
        .. GateCases.All,
        .. ImageCases.All,
    ];

    /// <summary>
    /// Public methods on a step that are no ops of their own, with the reason: they compute nothing, and other cases go through them.
    /// </summary>
    public static IReadOnlyDictionary<string, string> NoOps { get; } = new Dictionary<string, string>
    {
        ["Apply"] = "runs an op that is written outside the engine, which its own tests do",
        ["Filter"] = "uploads a filter; every convolution case makes its filter with it",
    };
}
