using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of element-wise arithmetic, with broadcasting of every kind.</summary>
internal static class ElementwiseCases
{
    private static readonly (string Name, int[] Left, int[] Right)[] Shapes =
    [
        ("same shape", [2, 3, 5], [2, 3, 5]),
        ("one element each", [1], [1]),
        ("a channel vector", [2, 3, 4, 5], [5]),
        ("a channel vector on the left", [5], [2, 3, 4, 5]),
        ("a scalar", [3, 7], []),
        ("a scalar on the left", [], [3, 7]),
        ("two scalars", [], []),
        ("a column", [4, 7], [4, 1]),
        ("one row", [4, 7], [1, 7]),
        ("a gate for each image", [3, 2, 4, 5], [3, 1, 1, 1]),
        ("a gate for each image and channel", [3, 2, 4, 5], [3, 1, 1, 5]),
        ("both broadcast", [2, 1, 4, 1], [3, 1, 5]),
        ("rank 5 against a middle dimension", [2, 3, 4, 2, 3], [4, 1, 1]),
        ("channels one above a vector", [3, 5, 17], [17]),
        ("large", [4, 9, 11, 16], [16]),
    ];

    internal static IEnumerable<OpCase> All =>
    [
        .. Binary(nameof(ElementwiseOps.Add), static (s, a, b) => s.Add(a, b), static (a, b) => a + b),
        .. Binary(nameof(ElementwiseOps.Subtract), static (s, a, b) => s.Subtract(a, b), static (a, b) => a - b),
        .. Binary(nameof(ElementwiseOps.Multiply), static (s, a, b) => s.Multiply(a, b), static (a, b) => a * b),
        .. Binary(nameof(ElementwiseOps.Divide), static (s, a, b) => s.Divide(a, b), static (a, b) => a / b),
        .. Unary(nameof(ElementwiseOps.Exp), static (s, x) => s.Exp(x), Math.Exp, Fills.Normal),
        .. Unary(nameof(ElementwiseOps.Log), static (s, x) => s.Log(x), Math.Log, Fills.Uniform(0.1, 4)).Select(static c => c with { IsPointwise = false }),
        .. Unary(nameof(ElementwiseOps.Sqrt), static (s, x) => s.Sqrt(x), Math.Sqrt, Fills.Uniform(0.1, 4)),
        .. Unary(nameof(ElementwiseOps.Abs), static (s, x) => s.Abs(x), Math.Abs, Fills.AwayFromZero),
        .. Unary(nameof(ElementwiseOps.Square), static (s, x) => s.Square(x), static x => x * x, Fills.Normal),
        .. Unary(nameof(ElementwiseOps.Sigmoid), static (s, x) => s.Sigmoid(x), static x => 1 / (1 + Math.Exp(-x)), Fills.Uniform(-6, 6)),
        Unary(nameof(ElementwiseOps.Abs), "exact zeros", [31], static (s, x) => s.Abs(x), Math.Abs, Fills.Integers(-1, 2)) with { NoCentralDifference = "|x| has a kink at 0, where its gradient is 0 by convention" },
        Unary(nameof(ElementwiseOps.Exp), "small and large", [7], static (s, x) => s.Exp(x), Math.Exp, Fills.Values(-80, -20, -1e-3, 0, 1e-3, 10, 20)),
        Unary(nameof(ElementwiseOps.Sigmoid), "saturated", [6], static (s, x) => s.Sigmoid(x), static x => 1 / (1 + Math.Exp(-x)), Fills.Values(-80, -30, -1e-4, 1e-4, 30, 80)),
        Unary(nameof(ElementwiseOps.Scale), "by a factor", [3, 7, 11], static (s, x) => s.Scale(x, -1.75), static x => -1.75 * x, Fills.Normal),
        Unary(nameof(ElementwiseOps.Scale), "by a factor, shifted", [3, 7, 11], static (s, x) => s.Scale(x, 0.3, 2), static x => (0.3 * x) + 2, Fills.Normal) with { IsPointwise = false },
        Unary(nameof(ElementwiseOps.Cast), "to its own type", [5, 7], static (s, x) => s.Cast(x, x.DType), static x => x, Fills.Normal),
        Unary(nameof(ElementwiseOps.Cast), "to integers, towards zero", [41], static (s, x) => s.Cast(x, DType.Int32), Math.Truncate, Fills.Uniform(-9, 9), "integers have no gradient"),
        FromInteger("from labels", DType.Int32, Fills.Integers(-50, 50)),
        FromInteger("from a mask", DType.UInt8, Fills.Integers(0, 2)),
        Self(nameof(ElementwiseOps.Add), static (s, x) => s.Add(x, x), static x => 2 * x),
        Self(nameof(ElementwiseOps.Subtract), static (s, x) => s.Subtract(x, x), static _ => 0),
        Self(nameof(ElementwiseOps.Multiply), static (s, x) => s.Multiply(x, x), static x => x * x),
        Self(nameof(ElementwiseOps.Divide), static (s, x) => s.Divide(x, x), static _ => 1),
        .. Binary(nameof(ElementwiseOps.Maximum), static (s, a, b) => s.Maximum(a, b), Math.Max),
        .. Binary(nameof(ElementwiseOps.Minimum), static (s, a, b) => s.Minimum(a, b), Math.Min),
        Ties(nameof(ElementwiseOps.Maximum), static (s, a, b) => s.Maximum(a, b), Math.Max),
        Ties(nameof(ElementwiseOps.Minimum), static (s, a, b) => s.Minimum(a, b), Math.Min),
        Self(nameof(ElementwiseOps.Maximum), static (s, x) => s.Maximum(x, x), static x => x),
        .. Of(nameof(ElementwiseOps.Tanh), static (s, x) => s.Tanh(x), UnaryOp.Tanh),
        Of(nameof(ElementwiseOps.Tanh), "saturated and next to 0", static (s, x) => s.Tanh(x), UnaryOp.Tanh, -90, -9, -0.63, -0.62, -1e-4, 0, 1e-4, 0.3, 0.62, 0.63, 9, 90),
        .. Of(nameof(ElementwiseOps.Gelu), static (s, x) => s.Gelu(x), UnaryOp.Gelu),
        Of(nameof(ElementwiseOps.Gelu), "far out and next to 0", static (s, x) => s.Gelu(x), UnaryOp.Gelu, -5, -3, -1, -0.5, -1e-4, 0, 1e-4, 0.5, 1, 3, 6, 30),
        Of(nameof(ElementwiseOps.Gelu), "by tanh", static (s, x) => s.Gelu(x, tanh: true), UnaryOp.GeluTanh, -4, -1.5, -0.5, -1e-3, 0, 1e-3, 0.5, 1.5, 4, 12),
        .. Of(nameof(ElementwiseOps.Silu), static (s, x) => s.Silu(x), UnaryOp.Silu),
        Of(nameof(ElementwiseOps.Silu), "far out", static (s, x) => s.Silu(x), UnaryOp.Silu, -60, -20, -1e-3, 0, 1e-3, 20, 60),
        .. Of(nameof(ElementwiseOps.Softplus), static (s, x) => s.Softplus(x), UnaryOp.Softplus),
        Of(nameof(ElementwiseOps.Softplus), "far out", static (s, x) => s.Softplus(x), UnaryOp.Softplus, -60, -20, -12, 0, 12, 20, 60),
        .. Of(nameof(ElementwiseOps.LeakyRelu), static (s, x) => s.LeakyRelu(x, 0.2), new UnaryFunction(UnaryOp.LeakyRelu, 0.2), Fills.AwayFromZero),
        .. Of(nameof(ElementwiseOps.Elu), static (s, x) => s.Elu(x, 1.5), new UnaryFunction(UnaryOp.Elu, 1.5), Fills.AwayFromZero),
        Of(nameof(ElementwiseOps.Elu), "far out and next to 0", static (s, x) => s.Elu(x), new UnaryFunction(UnaryOp.Elu, 1), -60, -9, -0.1, -1e-2, -1e-3, 1e-3, 0.1, 9),
        .. Of(nameof(ElementwiseOps.Clamp), static (s, x) => s.Clamp(x, -0.2, double.PositiveInfinity), new UnaryFunction(UnaryOp.Clamp, -0.2, double.PositiveInfinity), Fills.AwayFromZero),
        Of(nameof(ElementwiseOps.Clamp), "between", static (s, x) => s.Clamp(x, -1, 2), new UnaryFunction(UnaryOp.Clamp, -1, 2), -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 9),
        .. Of(nameof(ElementwiseOps.Pow), static (s, x) => s.Pow(x, -0.5), new UnaryFunction(UnaryOp.Pow, -0.5), Fills.Uniform(0.3, 3)),
        .. Of(nameof(ElementwiseOps.Pow), static (s, x) => s.Pow(x, 3), new UnaryFunction(UnaryOp.Pow, 3), Fills.AwayFromZero).Select(static c => c with { Name = $"{c.Name}, cubed" }),
        .. Of(nameof(ElementwiseOps.Huber), static (s, x) => s.Huber(x, 0.9), new UnaryFunction(UnaryOp.Huber, 0.9), Fills.AwayFromZero),
        .. SelectionCases.All,
    ];

    private static IEnumerable<OpCase> Binary(string op, Func<Step, Tensor, Tensor, Tensor> run, Func<double, double, double> function) => Shapes.Select(s => new OpCase(
        "Elementwise",
        op,
        s.Name,
        [OpInput.Float("left", s.Left), OpInput.Float("right", s.Right) with { Fill = Fills.AwayFromZero }],
        (step, x, _) => [run(step, x[0], x[1])],
        x => [HostArray.From(ElementwiseOps.Broadcast(op, x[0].Shape, x[1].Shape), at => function(x[0].Broadcast(at), x[1].Broadcast(at)))])
    {
        IsPointwise = true,
        GradientSamples = 24,
    });

    private static OpCase[] Unary(string op, Func<Step, Tensor, Tensor> run, Func<double, double> function, Fill fill) =>
    [
        Unary(op, "odd count", [3, 5, 7], run, function, fill),
        Unary(op, "a scalar", [], run, function, fill),
        Unary(op, "large", [1031], run, function, fill),
    ];

    private static OpCase Unary(string op, string name, int[] shape, Func<Step, Tensor, Tensor> run, Func<double, double> function, Fill fill, string? noGradient = null) => new(
        "Elementwise",
        op,
        name,
        [OpInput.Float("input", shape) with { Fill = fill, NoGradient = noGradient }],
        (step, x, _) => [run(step, x[0])],
        x => [x[0].Map(function)])
    {
        IsPointwise = true,
        GradientSamples = 24,
    };

    // In double precision a function of several steps is off by a few units in the last place more than one instruction.
    private static IEnumerable<OpCase> Of(string op, Func<Step, Tensor, Tensor> run, UnaryFunction function, Fill? fill = null) =>
        Unary(op, run, x => ReferenceFunctions.Apply(function, x), fill ?? Fills.Uniform(-4, 4)).Select(static c => c with { Tolerance = 4e-6 });

    private static OpCase Of(string op, string name, Func<Step, Tensor, Tensor> run, UnaryFunction function, params double[] values) =>
        Unary(op, name, [values.Length], run, x => ReferenceFunctions.Apply(function, x), Fills.Values(values)) with { Tolerance = 4e-6 };

    // Where both are equal, each gets half of the gradient, which central differences don't see.
    private static OpCase Ties(string op, Func<Step, Tensor, Tensor, Tensor> run, Func<double, double, double> function) => new(
        "Elementwise",
        op,
        "ties",
        [OpInput.Float("left", 29) with { Fill = Fills.Integers(-1, 2) }, OpInput.Float("right", 29) with { Fill = Fills.Integers(-1, 2) }],
        (step, x, _) => [run(step, x[0], x[1])],
        x => [HostArray.From(x[0].Shape, at => function(x[0][at], x[1][at]))])
    {
        IsPointwise = true,
        NoCentralDifference = "the maximum has a kink where both are equal",
    };

    private static OpCase FromInteger(string name, DType integer, Fill fill) => new(
        "Elementwise",
        nameof(ElementwiseOps.Cast),
        name,
        [OpInput.Float("input", 5, 9) with { Type = integer, Fill = fill }],
        (step, x, type) => [step.Cast(x[0], type)],
        x => [x[0]])
    {
        IsPointwise = true,
    };

    private static OpCase Self(string op, Func<Step, Tensor, Tensor> run, Func<double, double> function) =>
        Unary(op, "a tensor with itself", [3, 7], run, function, Fills.AwayFromZero);
}
