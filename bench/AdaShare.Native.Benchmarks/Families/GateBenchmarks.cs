using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Sampling of a task's decisions, and the gated residual of the first stage for streams that have their own input or share one.</summary>
internal static class GateBenchmarks
{
    private const double Temperature = 2;

    // Select times the block, skip times the residual.
    private const int ProductsOfAnElement = 2;
    private const int ProductsOfAnElementBackward = 4;

    private static readonly RandomStream Stream = RandomStream.For(1, "benchmark/gumbel");

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        var decisions = new Extents(('D', network.Decisions));
        Operand logits = Operand.Parameter("logits", "D2"), noise = Operand.Parameter("noise", "D2"), soft = Operand.Parameter("sample", "D2", Fills.Uniform(0.05, 0.95));
        NetworkActivation stage = network.Activations[1];
        return
        [
            new("gate", "gumbel-noise", decisions, [noise.Written()], static (backend, x) => () => backend.Gate.GumbelNoise(Stream, x[0])) { Ops = [nameof(GateOps.GumbelNoise)] },
            Sample("gumbel-softmax", decisions, [logits, noise, soft.Written()], static (backend, x) => () =>
                backend.Gate.GumbelSoftmax(x[0], x[1], Temperature, x[2], hard: null)),
            Sample("gumbel-softmax-straight-through", decisions, [logits, noise, soft.Written(), Operand.Parameter("one-hot", "D2").Written()], static (backend, x) => () =>
                backend.Gate.GumbelSoftmax(x[0], x[1], Temperature, x[2], x[3])),
            Sample(
                "gumbel-softmax-backward",
                decisions,
                [soft, Operand.Parameter("gradient of sample", "D2"), Operand.Parameter("gradient of logits", "D2").Written()],
                static (backend, x) => () => backend.Gate.GumbelSoftmaxBackward(x[0], Temperature, x[1], x[2], accumulate: false)),
            Residual("residual-streams", stage, network.Streams, "(SN)HWC"),
            Residual("residual-shared", stage, network.Streams, "NHWC"),
            ResidualBackward("residual-streams-backward", stage, network.Streams, "(SN)HWC"),
            ResidualBackward("residual-shared-backward", stage, network.Streams, "NHWC"),
        ];
    }

    private static Operand Gates => Operand.Parameter("gates", "S2", Fills.Uniform(0.05, 0.95));

    private static BenchmarkCase Sample(string variant, Extents decisions, Operand[] operands, KernelCall call) =>
        new("gate", variant, decisions, operands, call) { Ops = [nameof(GateOps.GumbelSoftmax)] };

    private static BenchmarkCase Residual(string variant, NetworkActivation a, int streams, string batch) => Case(
        variant,
        a,
        streams,
        [Operand.Activation("branch", batch), Operand.Activation("residual", batch), Gates, Operand.Activation("output", "(SN)HWC").Written()],
        static (backend, x) => () => backend.Gate.GatedResidual(x[0], x[1], x[2], x[3]),
        ProductsOfAnElement);

    private static BenchmarkCase ResidualBackward(string variant, NetworkActivation a, int streams, string batch) => Case(
        variant,
        a,
        streams,
        [
            Operand.Activation("branch", batch), Operand.Activation("residual", batch), Gates, Operand.Activation("gradient of output", "(SN)HWC"),
            Operand.Activation("gradient of branch", batch).Written(), Operand.Activation("gradient of residual", batch).Written(), Operand.Parameter("gradient of gates", "S2").Written(),
        ],
        static (backend, x) => () => backend.Gate.GatedResidualBackward(x[0], x[1], x[2], x[3], new Target(x[4], false), new Target(x[5], false), new Target(x[6], false)),
        ProductsOfAnElementBackward);

    private static BenchmarkCase Case(string variant, NetworkActivation a, int streams, Operand[] operands, KernelCall call, int productsOfAnElement) => new(
        "gate",
        variant,
        new Extents(('N', a.Shape[0]), ('H', a.Shape[1]), ('W', a.Shape[2]), ('C', a.Shape[3]), ('S', streams)),
        operands,
        call)
    {
        Ops = [nameof(GateOps.GatedResidual)],
        MultiplyAdds = productsOfAnElement * streams * a.Shape.Count,
        Samples = [('C', 2)],
    };
}
