using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

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
            .. AllGates(network),
            Residual("residual-streams", stage, network.Streams, "(SN)HWC"),
            Residual("residual-shared", stage, network.Streams, "NHWC"),
            ResidualBackward("residual-streams-backward", stage, network.Streams, "(SN)HWC"),
            ResidualBackward("residual-shared-backward", stage, network.Streams, "NHWC"),
        ];
    }

    private static Operand Gates => Operand.Parameter("gates", "S2", Fills.Uniform(0.05, 0.95));

    private static BenchmarkCase Sample(string variant, Extents decisions, Operand[] operands, KernelCall call) =>
        new("gate", variant, decisions, operands, call) { Ops = [nameof(GateOps.GumbelSoftmax)] };

    /// <summary>The gates of every task and block, in one call: as training draws them, and given noise.</summary>
    private static BenchmarkCase[] AllGates(NetworkShapes network)
    {
        int tasks = network.Streams;
        var gates = new Extents(('D', network.Decisions), ('R', tasks * network.Decisions), ('K', tasks));
        Operand[] logits = [.. Enumerable.Range(1, tasks).Select(static i => Operand.Parameter($"logits {i}", "D2"))];
        Operand soft = Operand.Parameter("gates", "R2", Fills.Uniform(0.05, 0.95)), noise = Operand.Parameter("noise", "KD2");
        RandomStream[] streams = [.. Enumerable.Range(1, tasks).Select(static i => RandomStream.For(1, $"benchmark/gumbel/{i}"))];
        BenchmarkCase Of(string variant, Operand[] operands, KernelCall call) => new("gate", variant, gates, operands, call) { Ops = [nameof(GateOps.GumbelGates)] };
        return
        [
            Of("gumbel-gates", [.. logits, soft.Written()], (backend, x) =>
            {
                Tensor[] given = [.. x.Take(tasks)];
                return () => backend.Gate.GumbelGates(given, noise: null, streams, Temperature, x[tasks], hard: null);
            }),
            Of("gumbel-gates-given-noise", [.. logits, noise, soft.Written()], (backend, x) =>
            {
                Tensor[] given = [.. x.Take(tasks)];
                return () => backend.Gate.GumbelGates(given, x[tasks], streams: null, Temperature, x[tasks + 1], hard: null);
            }),
            Of(
                "gumbel-gates-backward",
                [soft, Operand.Parameter("gradient of gates", "R2"), .. logits.Select(static operand => (operand with { Name = $"gradient of {operand.Name}" }).Written())],
                static (backend, x) =>
                {
                    Target[] gradients = [.. x.Skip(2).Select(static tensor => new Target(tensor, false))];
                    return () => backend.Gate.GumbelGatesBackward(x[0], Temperature, x[1], gradients);
                }) with
            {
                // Any sample will do whose rows are probabilities.
                Prepare = static (backend, x) => backend.Gate.GumbelSoftmax(x[1], x[1], Temperature, x[0], hard: null),
            },
        ];
    }

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
