using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Batch normalisation at the activations of the networks, with ReLU as after most convolutions and without as after projections.</summary>
internal static class BatchNormBenchmarks
{
    private const double Epsilon = 1e-5;
    private const double Momentum = 0.1;

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        NetworkActivation projection = network.Activations[2], largest = network.Activations[0];
        return
        [
            .. network.Activations.Select(static a => Forward(a, relu: true)),
            Forward(projection, relu: false),
            .. network.Activations.Select(static a => Backward(a, relu: true)),
            Backward(projection, relu: false),
            ForwardInference(largest),
            BackwardInference(largest),
        ];
    }

    /// <summary>Scale, not near 0.</summary>
    internal static Operand Gamma => Operand.Parameter("gamma", "C", Fills.Uniform(0.5, 1.5));

    /// <summary>Shift, so small that ReLU's kink stays away from every normalised <see cref="Input"/>: where it opens shall not be a matter of rounding.</summary>
    internal static Operand Beta => Operand.Parameter("beta", "C", Fills.Uniform(-0.05, 0.05));

    /// <summary>Running statistics as training leaves them.</summary>
    internal static Operand[] Running => [Operand.Parameter("running mean", "C", Fills.Uniform(-0.1, 0.1)), Operand.Parameter("running variance", "C", Fills.Uniform(0.8, 1.2))];

    /// <summary>What is normalised: numbers away from 0, which is near their mean.</summary>
    internal static Operand Input(string axes) => Operand.Activation("input", axes, Fills.AwayFromZero);

    /// <summary>Puts the input's own statistics where a backward pass reads them.</summary>
    internal static void Normalise(Backend backend, Tensor input, Tensor gamma, Tensor beta, Tensor mean, Tensor inverseStd)
    {
        using var step = new Step(backend, recordGradients: false);
        backend.BatchNorm.ForwardTraining(input, gamma, beta, Epsilon, relu: false, step.New(input.Shape, input.DType), mean, inverseStd, running: null);
    }

    private static BenchmarkCase Forward(NetworkActivation a, bool relu) => Case(
        $"forward{Suffix(relu)}-{a.Role}",
        a,
        [
            Input("NHWC"), Gamma, Beta, Operand.Activation("output", "NHWC").Written(), Operand.Parameter("mean", "1C").Written(), Operand.Parameter("inverse deviation", "1C").Written(),
            .. Running.Select(static r => r.Updated()),
        ],
        (backend, x) =>
        {
            var running = new RunningStatistics(x[6], x[7], Momentum, [0]);
            return () => backend.BatchNorm.ForwardTraining(x[0], x[1], x[2], Epsilon, relu, x[3], x[4], x[5], running);
        },
        nameof(BatchNormOps.BatchNorm),

        // Sum, sum of squares, scale and shift.
        productsOfAnElement: 3);

    private static BenchmarkCase Backward(NetworkActivation a, bool relu) => Case(
        $"backward{Suffix(relu)}-{a.Role}",
        a,
        [
            Input("NHWC"), Operand.Activation("gradient of output", "NHWC"), Gamma, Beta, Operand.Parameter("mean", "1C"), Operand.Parameter("inverse deviation", "1C"),
            Operand.Activation("gradient of input", "NHWC").Written(), Operand.Parameter("gradient of gamma", "C").Written(), Operand.Parameter("gradient of beta", "C").Written(),
        ],
        (backend, x) => () => backend.BatchNorm.BackwardTraining(
            x[0], x[1], x[2], relu ? x[3] : null, x[4], x[5], new Target(x[6], false), new Target(x[7], false), new Target(x[8], false)),
        nameof(BatchNormOps.BatchNorm),

        // Both sums, and three terms of the input's gradient.
        productsOfAnElement: 5) with
    {
        Prepare = static (backend, x) => Normalise(backend, x[0], x[2], x[3], x[4], x[5]),
    };

    private static BenchmarkCase ForwardInference(NetworkActivation a) => Case(
        $"inference-relu-{a.Role}",
        a,
        [Input("NHWC"), Gamma, Beta, .. Running, Operand.Activation("output", "NHWC").Written()],
        (backend, x) => () => backend.BatchNorm.ForwardInference(x[0], x[1], x[2], x[3], x[4], Epsilon, relu: true, x[5]),
        nameof(BatchNormOps.BatchNormInference),
        productsOfAnElement: 1);

    private static BenchmarkCase BackwardInference(NetworkActivation a) => Case(
        $"inference-backward-relu-{a.Role}",
        a,
        [
            Input("NHWC"), Operand.Activation("gradient of output", "NHWC"), Gamma, Beta, .. Running,
            Operand.Activation("gradient of input", "NHWC").Written(), Operand.Parameter("gradient of gamma", "C").Written(), Operand.Parameter("gradient of beta", "C").Written(),
        ],
        (backend, x) => () => backend.BatchNorm.BackwardInference(
            x[0], x[1], x[2], x[3], x[4], x[5], Epsilon, new Target(x[6], false), new Target(x[7], false), new Target(x[8], false)),
        nameof(BatchNormOps.BatchNormInference),
        productsOfAnElement: 3);

    private static BenchmarkCase Case(string variant, NetworkActivation a, Operand[] operands, KernelCall call, string op, int productsOfAnElement) =>
        new("batch-norm", variant, a.Extents, operands, call) { Ops = [op], MultiplyAdds = productsOfAnElement * a.Shape.Count, Samples = [('C', 2)] };

    private static string Suffix(bool relu) => relu ? "-relu" : "";
}
