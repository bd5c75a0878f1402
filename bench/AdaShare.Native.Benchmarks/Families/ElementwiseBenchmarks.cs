using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Element-wise arithmetic on an activation of the first stage, and the conversion of a batch of images.</summary>
internal static class ElementwiseBenchmarks
{
    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        Extents activation = network.Activations[1].Extents;
        var images = new Extents(('N', network.Images[0]), ('H', network.Images[1]), ('W', network.Images[2]), ('C', network.Images[3]));
        return
        [
            .. Enum.GetValues<BinaryOp>().Select(op => Binary(op, activation)),
            Case("add-to-channels", activation, [Input, Operand.Activation("bias", "C"), Output], nameof(ElementwiseOps.Add), static (backend, x) => () =>
                backend.Elementwise.Binary(BinaryOp.Add, x[0], x[1], x[2])),
            .. Enum.GetValues<UnaryOp>().SelectMany(op => Unary(op, activation)),
            Case("scale", activation, [Input, Output], nameof(ElementwiseOps.Scale), static (backend, x) => () => backend.Elementwise.Affine(x[0], 0.5, 1, x[1], accumulate: false)),
            Case("copy", activation, [Input, Output], nameof(AssemblyOps.Reshape), static (backend, x) => () => backend.Elementwise.Affine(x[0], 1, 0, x[1], accumulate: false)),
            Case("add-to-gradient", activation, [Input, Operand.Activation("gradient", "NHWC").Updated()], nameof(AssemblyOps.Reshape), static (backend, x) => () =>
                backend.Elementwise.Affine(x[0], 1, 0, x[1], accumulate: true)),
            Case("fill", activation, [Output], nameof(AssemblyOps.Slice), static (backend, x) => () => backend.Elementwise.Fill(x[0], 0.5)),
            Case("cast-images", images, [Operand.Bytes("pixels", "NHWC", Fills.Integers(0, 256)), Output], nameof(ElementwiseOps.Cast), static (backend, x) => () =>
                backend.Elementwise.Cast(x[0], x[1])),
        ];
    }

    private static Operand Input => Operand.Activation("input", "NHWC");

    private static Operand Output => Operand.Activation("output", "NHWC").Written();

    private static BenchmarkCase Binary(BinaryOp op, Extents extents) => Case(
        Lower(op),
        extents,
        [Input, Operand.Activation("right", "NHWC", Fills.AwayFromZero), Output],
        op.ToString(),
        (backend, x) => () => backend.Elementwise.Binary(op, x[0], x[1], x[2]));

    private static BenchmarkCase[] Unary(UnaryOp op, Extents extents)
    {
        Operand input = op is UnaryOp.Log or UnaryOp.Sqrt ? Operand.Activation("input", "NHWC", Fills.Uniform(0.1, 4)) : Input;
        return
        [
            Case(Lower(op), extents, [input, Output], op.ToString(), (backend, x) => () => backend.Elementwise.Unary(op, x[0], x[1])),
            Case(
                Lower(op) + "-backward",
                extents,
                [input, Operand.Activation("output", "NHWC"), Operand.Activation("gradient of output", "NHWC"), Operand.Activation("gradient of input", "NHWC").Written()],
                op.ToString(),
                (backend, x) => () => backend.Elementwise.UnaryBackward(op, x[0], x[1], x[2], x[3], accumulate: false)) with
            {
                Prepare = (backend, x) => backend.Elementwise.Unary(op, x[0], x[1]),
            },
        ];
    }

    // An op of the engine is called as its member of BinaryOp or UnaryOp.
    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, string op, KernelCall call) =>
        new("elementwise", variant, extents, operands, call) { Ops = [op], Samples = [('N', 1)] };

    private static string Lower<T>(T op) where T : struct, Enum => op.ToString().ToLowerInvariant();
}
