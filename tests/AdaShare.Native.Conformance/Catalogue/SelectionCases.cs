using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of comparisons and of the choice by a mask.</summary>
internal static class SelectionCases
{
    internal static IEnumerable<OpCase> All =>
    [
        .. Comparisons(nameof(ElementwiseOps.Equal), static (s, a, b) => s.Equal(a, b), static (a, b) => a == b),
        .. Comparisons(nameof(ElementwiseOps.NotEqual), static (s, a, b) => s.NotEqual(a, b), static (a, b) => a != b),
        .. Comparisons(nameof(ElementwiseOps.Less), static (s, a, b) => s.Less(a, b), static (a, b) => a < b),
        .. Comparisons(nameof(ElementwiseOps.LessOrEqual), static (s, a, b) => s.LessOrEqual(a, b), static (a, b) => a <= b),
        .. Comparisons(nameof(ElementwiseOps.Greater), static (s, a, b) => s.Greater(a, b), static (a, b) => a > b),
        .. Comparisons(nameof(ElementwiseOps.GreaterOrEqual), static (s, a, b) => s.GreaterOrEqual(a, b), static (a, b) => a >= b),
        Where("same shape", [2, 3, 5], [2, 3, 5], [2, 3, 5]),
        Where("scalars", [], [], []),
        Where("a mask of keys over rows of scores", [3, 1, 1, 7], [3, 2, 5, 7], []),
        Where("everything broadcast", [4, 1, 1], [1, 3, 1], [1, 1, 5]),
        Where("rank 5", [2, 1, 2, 1, 3], [2, 3, 2, 4, 3], [4, 1]),
        Where("large", [9, 1, 16], [9, 250, 16], [250, 1]),
        Where("integers", [6], [4, 6], [4, 1], DType.Int32),
    ];

    private static IEnumerable<OpCase> Comparisons(string op, Func<Step, Tensor, Tensor, Tensor> run, Func<double, double, bool> holds) =>
    [
        Comparison(op, "same shape", [3, 5, 7], [3, 5, 7], run, holds),
        Comparison(op, "two scalars", [], [], run, holds),
        Comparison(op, "a column against a row", [6, 1], [9], run, holds),
        Comparison(op, "large", [250, 1, 9], [17, 9], run, holds),
        Comparison(op, "integers", [5, 6], [6], run, holds, DType.Int32),
    ];

    private static OpCase Comparison(
        string op, string name, int[] left, int[] right, Func<Step, Tensor, Tensor, Tensor> run, Func<double, double, bool> holds, DType? type = null) => new(
        "Elementwise",
        op,
        name,
        [Input("left", left, type), Input("right", right, type)],
        (step, x, _) => [run(step, x[0], x[1])],
        x => [HostArray.From(ElementwiseOps.Broadcast(op, x[0].Shape, x[1].Shape), at => holds(x[0].Broadcast(at), x[1].Broadcast(at)) ? 1 : 0)])
        {
            IsPointwise = true,
        };

    private static OpCase Where(string name, int[] mask, int[] left, int[] right, DType? type = null) => new(
        "Elementwise",
        nameof(ElementwiseOps.Where),
        name,
        [OpInput.Float("mask", mask) with { Type = DType.UInt8, Fill = Fills.Integers(0, 3) }, Value("left", left, type), Value("right", right, type)],
        (step, x, _) => [step.Where(x[0], x[1], x[2])],
        x => [HostArray.From(
            ElementwiseOps.Broadcast("where", ElementwiseOps.Broadcast("where", x[1].Shape, x[2].Shape), x[0].Shape),
            at => x[0].Broadcast(at) != 0 ? x[1].Broadcast(at) : x[2].Broadcast(at))])
    {
        IsPointwise = true,
        GradientSamples = 24,
    };

    // Few different numbers, so that many are equal.
    private static OpInput Input(string name, int[] shape, DType? type) => type is null
        ? OpInput.Float(name, shape) with { Fill = Fills.Integers(-2, 3), NoGradient = "a comparison has no gradient" }
        : OpInput.Float(name, shape) with { Type = type, Fill = Fills.Integers(-2, 3) };

    private static OpInput Value(string name, int[] shape, DType? type) => type is null
        ? OpInput.Float(name, shape)
        : OpInput.Float(name, shape) with { Type = type, Fill = Fills.Integers(-100, 100) };
}
