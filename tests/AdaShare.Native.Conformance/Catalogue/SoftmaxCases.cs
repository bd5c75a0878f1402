using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of softmax and log-softmax.</summary>
internal static class SoftmaxCases
{
    private static readonly (string Name, int[] Shape, Fill Fill)[] Inputs =
    [
        ("rows", [3, 5], Fills.Normal),
        ("one vector", [7], Fills.Normal),
        ("gates", [8, 2], Fills.Normal),
        ("one class", [4, 1], Fills.Normal),
        ("the classes of NYU v2", [2, 3, 4, 40], Fills.Normal),
        ("logits that would overflow", [5, 6], Fills.Uniform(800, 806)),
        ("equal logits", [3, 9], Fills.Constant(2.5)),
    ];

    internal static IEnumerable<OpCase> All =>
    [
        .. Inputs.Select(i => new OpCase(
            "Softmax",
            nameof(SoftmaxOps.Softmax),
            i.Name,
            [OpInput.Float("input", i.Shape) with { Fill = i.Fill }],
            (step, x, _) => [step.Softmax(x[0])],
            x => [Define(x[0]).Map(Math.Exp)])),
        .. Inputs.Select(i => new OpCase(
            "Softmax",
            nameof(SoftmaxOps.LogSoftmax),
            i.Name,
            [OpInput.Float("input", i.Shape) with { Fill = i.Fill }],
            (step, x, _) => [step.LogSoftmax(x[0])],
            x => [Define(x[0])])
        {
            MagnitudeFloor = 1,
        }),
    ];

    /// <summary>-log of the sum over j of e^(x_j - x_i): no maximum is subtracted, and no intermediate overflows for the ranges above.</summary>
    private static HostArray Define(HostArray input)
    {
        int length = input.Shape[-1];
        double[] x = input.Values;
        return new HostArray(input.Shape, [.. x.Select((value, i) => -Math.Log(input.Row(i / length).Sum(other => Math.Exp(other - value))))]);
    }
}
