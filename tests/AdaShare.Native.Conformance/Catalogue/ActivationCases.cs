using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of ReLU and dropout.</summary>
internal static class ActivationCases
{
    private static readonly RandomStream DropoutStream = RandomStream.For(7, "dropout/catalogue", 3);

    internal static IEnumerable<OpCase> All =>
    [
        Relu("one element", [1], Fills.AwayFromZero),
        Relu("odd count", [3, 5, 7], Fills.AwayFromZero),
        Relu("images", [2, 5, 7, 16], Fills.AwayFromZero),
        Relu("rank 5", [2, 3, 2, 3, 5], Fills.AwayFromZero),
        Relu("exact zeros", [4, 13], Fills.Integers(-1, 2)) with { NoCentralDifference = "ReLU has a kink at 0, where its gradient is 0 by convention" },
        Dropout("half", [7, 143], 0.5),
        Dropout("most", [3, 5, 7, 9], 0.9),
        Dropout("a tenth", [1001], 0.1),
        Dropout("none", [5, 7], 0),
    ];

    private static OpCase Relu(string name, int[] shape, Fill fill) => new(
        "Activation",
        nameof(ActivationOps.Relu),
        name,
        [OpInput.Float("input", shape) with { Fill = fill }],
        (step, x, _) => [step.Relu(x[0])],
        x => [x[0].Map(v => v > 0 ? v : 0)])
    {
        IsPointwise = true,
    };

    private static OpCase Dropout(string name, int[] shape, double probability) => new(
        "Activation",
        nameof(ActivationOps.Dropout),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) => [step.Dropout(x[0], probability, DropoutStream)],
        x => [new HostArray(x[0].Shape, [.. x[0].Values.Select((v, i) => Kept(i, probability) ? v / (1 - (double)(float)probability) : 0)])])
    {
        IsPointwise = true,
    };

    /// <summary>Whether the uniform number from the upper 23 bits of a word, placed in the middle of its interval, reaches the probability.</summary>
    private static bool Kept(int i, double probability) => ((DropoutStream.Word((ulong)i) >> 9) + 0.5) / (1 << 23) >= (float)probability;
}
