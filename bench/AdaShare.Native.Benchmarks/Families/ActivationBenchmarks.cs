using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>ReLU at a residual block, and bias, ReLU and dropout at the heads' hidden layers.</summary>
internal static class ActivationBenchmarks
{
    private const float Probability = 0.5f;

    private static readonly RandomStream Stream = RandomStream.For(1, "benchmark/dropout");

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        Extents block = network.Activations[1].Extents;
        var hidden = new Extents(('N', network.Features[0]), ('H', network.Features[1]), ('W', network.Features[2]), ('C', network.HeadChannels));
        return
        [
            Case("relu", block, [Input, Output], static (backend, x) => () => backend.Activation.Relu(x[0], x[1]), nameof(ActivationOps.Relu)),
            Case(
                "relu-backward",
                block,
                [Kept, Gradient, GradientOfInput],
                static (backend, x) => () => backend.Activation.ReluBackward(x[0], x[1], x[2], accumulate: false),
                nameof(ActivationOps.Relu)),
            Case(
                "dropout",
                hidden,
                [Input, Output],
                static (backend, x) => () => backend.Activation.Dropout(x[0], Probability, Stream, x[1], accumulate: false),
                nameof(ActivationOps.Dropout)) with
            {
                IsPositional = true,
            },
            Case(
                "bias-relu",
                hidden,
                [Input, Bias, Output],
                static (backend, x) => () => backend.Activation.BiasReluDropout(x[0], x[1], 0, default, x[2]),
                nameof(ActivationOps.BiasReluDropout)),
            Case(
                "bias-relu-dropout",
                hidden,
                [Input, Bias, Output],
                static (backend, x) => () => backend.Activation.BiasReluDropout(x[0], x[1], Probability, Stream, x[2]),
                nameof(ActivationOps.BiasReluDropout)) with
            {
                IsPositional = true,
            },
            Case(
                "bias-relu-dropout-backward",
                hidden,
                [Kept, Gradient, GradientOfInput, Operand.Parameter("gradient of bias", "C").Written()],
                static (backend, x) => () => backend.Activation.BiasReluDropoutBackward(x[0], Probability, x[1], new Target(x[2], false), new Target(x[3], false)),
                nameof(ActivationOps.BiasReluDropout)) with
            {
                Samples = [('C', 2)],
            },
        ];
    }

    private static Operand Input => Operand.Activation("input", "NHWC");

    private static Operand Bias => Operand.Parameter("bias", "C");

    private static Operand Output => Operand.Activation("output", "NHWC").Written();

    // What the forward pass wrote: all that matters is where it is positive.
    private static Operand Kept => Operand.Activation("output", "NHWC");

    private static Operand Gradient => Operand.Activation("gradient of output", "NHWC");

    private static Operand GradientOfInput => Operand.Activation("gradient of input", "NHWC").Written();

    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, KernelCall call, string op) =>
        new("activation", variant, extents, operands, call) { Ops = [op], Samples = [('N', 1)] };
}
