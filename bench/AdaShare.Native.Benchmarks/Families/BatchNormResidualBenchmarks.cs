using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>
/// The end of a residual block at every stage: without gates (warm-up), with a stream for each task that has its own input, and with streams that share one (the first open block).
/// </summary>
internal static class BatchNormResidualBenchmarks
{
    private const double Epsilon = 1e-5;
    private const double Momentum = 0.1;

    // What a stage's end does for each element of its output: normalise, add, and with gates mix.
    private const int ProductsOfAnElement = 3;
    private const int ProductsOfAnElementBackward = 5;

    /// <summary>Who reads what.</summary>
    private enum Streams
    {
        None,
        Own,
        Shared,
    }

    // So far from 0 that a normalised input can't move the sum across ReLU's kink; see BatchNormBenchmarks.Beta.
    private static Fill Residual => Fills.Signed(3.75, 4.75);

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        NetworkActivation[] stages = [.. network.Activations.Skip(1)];
        NetworkActivation last = stages[^1];
        return
        [
            .. from streams in Enum.GetValues<Streams>() from stage in stages select Forward(stage, streams, network.Streams),
            .. from streams in Enum.GetValues<Streams>() from stage in stages select Backward(stage, streams, network.Streams),
            ForwardInference(last, Streams.None, network.Streams),
            ForwardInference(last, Streams.Shared, network.Streams),
            BackwardInference(last, network.Streams),
        ];
    }

    private static BenchmarkCase Forward(NetworkActivation a, Streams streams, int count)
    {
        bool gated = streams != Streams.None;
        (string batch, string groups) = InputAxes(streams);
        return Case(
            "forward",
            a,
            streams,
            count,
            [
                BatchNormBenchmarks.Input(batch), BatchNormBenchmarks.Gamma, BatchNormBenchmarks.Beta, Operand.Activation("residual", batch, Residual),
                Operand.Activation("output", OutputAxes(streams)).Written(), Operand.Parameter("mean", groups).Written(), Operand.Parameter("inverse deviation", groups).Written(),
                .. BatchNormBenchmarks.Running.Select(static r => r.Updated()), .. gated ? [Gates] : Array.Empty<Operand>(),
            ],
            (backend, x) =>
            {
                var running = new RunningStatistics(x[7], x[8], Momentum, [.. Enumerable.Range(0, x[5].Shape[0])]);
                return () => backend.BatchNormResidual.ForwardTraining(x[0], x[1], x[2], Epsilon, x[3], gated ? x[9] : null, x[4], x[5], x[6], running);
            },
            ProductsOfAnElement,
            nameof(BatchNormResidualOps.BatchNormResidual));
    }

    private static BenchmarkCase Backward(NetworkActivation a, Streams streams, int count)
    {
        bool gated = streams != Streams.None;
        (string batch, string groups) = InputAxes(streams);
        return Case(
            "backward",
            a,
            streams,
            count,
            [
                BatchNormBenchmarks.Input(batch), BatchNormBenchmarks.Gamma, BatchNormBenchmarks.Beta, Operand.Parameter("mean", groups), Operand.Parameter("inverse deviation", groups),
                .. Gradients(batch, OutputAxes(streams), gated),
            ],
            (backend, x) => () => backend.BatchNormResidual.BackwardTraining(
                x[0], x[1], x[2], x[3], x[4], gated ? x[6] : null, gated ? x[11] : null, gated ? null : x[6], x[5], Targets(x, 7)),
            ProductsOfAnElementBackward,
            nameof(BatchNormResidualOps.BatchNormResidual)) with
        {
            Prepare = static (backend, x) => BatchNormBenchmarks.Normalise(backend, x[0], x[1], x[2], x[3], x[4]),
        };
    }

    private static BenchmarkCase ForwardInference(NetworkActivation a, Streams streams, int count)
    {
        bool gated = streams != Streams.None;
        (string batch, _) = InputAxes(streams);
        return Case(
            "inference",
            a,
            streams,
            count,
            [
                BatchNormBenchmarks.Input(batch), BatchNormBenchmarks.Gamma, BatchNormBenchmarks.Beta, .. BatchNormBenchmarks.Running, Operand.Activation("residual", batch, Residual),
                Operand.Activation("output", OutputAxes(streams)).Written(), .. gated ? [Gates] : Array.Empty<Operand>(),
            ],
            (backend, x) => () => backend.BatchNormResidual.ForwardInference(x[0], x[1], x[2], x[3], x[4], Epsilon, x[5], gated ? x[7] : null, x[6]),
            ProductsOfAnElement,
            nameof(BatchNormResidualOps.BatchNormResidualInference));
    }

    private static BenchmarkCase BackwardInference(NetworkActivation a, int count)
    {
        (string batch, _) = InputAxes(Streams.Own);
        return Case(
            "inference-backward",
            a,
            Streams.Own,
            count,
            [BatchNormBenchmarks.Input(batch), BatchNormBenchmarks.Gamma, BatchNormBenchmarks.Beta, .. BatchNormBenchmarks.Running, .. Gradients(batch, OutputAxes(Streams.Own), gated: true)],
            (backend, x) => () => backend.BatchNormResidual.BackwardInference(x[0], x[1], x[2], x[3], x[4], Epsilon, x[6], x[11], null, x[5], Targets(x, 7)),
            ProductsOfAnElementBackward,
            nameof(BatchNormResidualOps.BatchNormResidualInference));
    }

    private static Operand Gates => Operand.Parameter("gates", "S2", Fills.Uniform(0.05, 0.95));

    /// <summary>From the gradient of the output on: what of the forward pass is kept, and the targets.</summary>
    private static Operand[] Gradients(string batch, string output, bool gated)
    {
        Operand[] both =
        [
            Operand.Activation("gradient of output", output), gated ? Operand.Activation("residual", batch, Residual) : Operand.Activation("output", output),
            Operand.Activation("gradient of input", batch).Written(), Operand.Parameter("gradient of gamma", "C").Written(), Operand.Parameter("gradient of beta", "C").Written(),
            Operand.Activation("gradient of residual", batch).Written(),
        ];
        return gated ? [.. both, Gates, Operand.Parameter("gradient of gates", "S2").Written()] : both;
    }

    private static BatchNormResidualGradients Targets(IReadOnlyList<Tensor> x, int first) => new(
        new Target(x[first], false), new Target(x[first + 1], false), new Target(x[first + 2], false), new Target(x[first + 3], false),
        x.Count > first + 5 ? new Target(x[first + 5], false) : Target.None);

    private static BenchmarkCase Case(string direction, NetworkActivation a, Streams streams, int count, Operand[] operands, KernelCall call, int productsOfAnElement, string op)
    {
        int images = streams == Streams.None ? a.Shape[0] : a.Shape[0] * count;
        string gates = streams switch
        {
            Streams.None => "",
            Streams.Own => "-streams",
            _ => "-shared",
        };
        var extents = new Extents(('N', a.Shape[0]), ('H', a.Shape[1]), ('W', a.Shape[2]), ('C', a.Shape[3]), ('S', count));
        return new BenchmarkCase("batch-norm-residual", $"{direction}{gates}-{a.Role}", extents, operands, call)
        {
            Ops = [op],
            MultiplyAdds = productsOfAnElement * (a.Shape.Count / a.Shape[0] * images),
            Samples = [('C', 2)],
        };
    }

    private static (string Batch, string Groups) InputAxes(Streams streams) => streams == Streams.Own ? ("(SN)HWC", "SC") : ("NHWC", "1C");

    private static string OutputAxes(Streams streams) => streams == Streams.None ? "NHWC" : "(SN)HWC";
}
