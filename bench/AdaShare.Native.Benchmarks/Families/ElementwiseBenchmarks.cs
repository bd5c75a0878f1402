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
            Case("compare", activation, [Input, Operand.Activation("right", "NHWC"), Operand.Bytes("mask", "NHWC", Fills.Integers(0, 2)).Written()], nameof(ElementwiseOps.Less), static (backend, x) => () =>
                backend.Elementwise.Compare(CompareOp.Less, x[0], x[1], x[2])) with
            {
                Ops =
                [
                    nameof(ElementwiseOps.Equal), nameof(ElementwiseOps.NotEqual), nameof(ElementwiseOps.Less), nameof(ElementwiseOps.LessOrEqual),
                    nameof(ElementwiseOps.Greater), nameof(ElementwiseOps.GreaterOrEqual),
                ],
            },
            Case("select", activation, [Operand.Bytes("mask", "NHWC", Fills.Integers(0, 2)), Input, Operand.Activation("right", "NHWC"), Output], nameof(ElementwiseOps.Where), static (backend, x) => () =>
                backend.Elementwise.Select(x[0], x[1], x[2], x[3])),
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
        op == BinaryOp.Exceeds ? nameof(ElementwiseOps.Maximum) : op.ToString(),
        (backend, x) => () => backend.Elementwise.Binary(op, x[0], x[1], x[2]));

    private static BenchmarkCase[] Unary(UnaryOp op, Extents extents)
    {
        UnaryFunction function = WithConstants(op);
        Operand input = op is UnaryOp.Log or UnaryOp.Sqrt or UnaryOp.Pow ? Operand.Activation("input", "NHWC", Fills.Uniform(0.1, 4)) : Input;
        return
        [
            Case(Lower(op), extents, [input, Output], NameOf(op), (backend, x) => () => backend.Elementwise.Unary(function, x[0], x[1])),
            Case(
                Lower(op) + "-backward",
                extents,
                [input, Operand.Activation("output", "NHWC"), Operand.Activation("gradient of output", "NHWC"), Operand.Activation("gradient of input", "NHWC").Written()],
                NameOf(op),
                (backend, x) => () => backend.Elementwise.UnaryBackward(function, x[0], x[1], x[2], x[3], accumulate: false)) with
            {
                Prepare = (backend, x) => backend.Elementwise.Unary(function, x[0], x[1]),
            },
        ];
    }

    // Both forms of GELU are one op.
    private static string NameOf(UnaryOp op) => op == UnaryOp.GeluTanh ? nameof(ElementwiseOps.Gelu) : op.ToString();

    private static UnaryFunction WithConstants(UnaryOp op) => op switch
    {
        UnaryOp.LeakyRelu => new UnaryFunction(op, 0.01),
        UnaryOp.Elu or UnaryOp.Huber => new UnaryFunction(op, 1),
        UnaryOp.Clamp => new UnaryFunction(op, -1, 1),
        UnaryOp.Pow => new UnaryFunction(op, 1.5),
        _ => op,
    };

    // An op of the engine is called as its member of BinaryOp or UnaryOp.
    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, string op, KernelCall call) =>
        new("elementwise", variant, extents, operands, call) { Ops = [op], Samples = [('N', 1)] };

    private static string Lower<T>(T op) where T : struct, Enum => op.ToString().ToLowerInvariant();
}
