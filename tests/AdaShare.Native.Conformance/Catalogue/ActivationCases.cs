using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of ReLU and dropout, apart and together with a bias.</summary>
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
        BiasReluDropout("half", [2, 5, 7, 16], 0.5),
        BiasReluDropout("a tenth, odd channels", [3, 7, 13], 0.1),
        BiasReluDropout("most, one channel", [201, 1], 0.9),
        BiasReluDropout("no dropout", [4, 5, 17], 0),
        BiasReluDropout("channels one above a warp", [2, 3, 33], 0.5),
        BiasReluDropout("vectors of channels one above a warp", [2, 7, 132], 0.5) with { GradientSamples = 12 },
        BiasReluDropout("no bias", [3, 5, 7, 9], 0.5, bias: false),
        BiasReluDropout("no bias, no dropout", [13], 0, bias: false),
        BiasReluDropout("beyond a block", [2, 15, 17, 40], 0.5) with { GradientSamples = 12 },
        BiasReluDropout("in the input's memory", [2, 5, 3, 12], 0.5, takes: true),
        BiasReluDropout("in the input's memory, no bias, no dropout", [2, 5, 3, 3], 0, bias: false, takes: true),
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

    // What is taken is the output of an op that does not read it in its backward rule, and is no input of the case, which others read.
    private static OpCase BiasReluDropout(string name, int[] shape, double probability, bool bias = true, bool takes = false)
    {
        OpInput input = OpInput.Float("input", shape) with { Fill = Fills.AwayFromZero };
        return new OpCase(
            "Activation",
            nameof(ActivationOps.BiasReluDropout),
            name,
            bias ? [input, OpInput.Parameter("bias", shape[^1]) with { Fill = Fills.Uniform(-0.2, 0.2) }] : [input],
            (step, x, _) => [step.BiasReluDropout(takes ? step.Scale(x[0], 1) : x[0], bias ? x[1] : null, probability, DropoutStream, takes)],
            x => [new HostArray(x[0].Shape, [.. x[0].Values.Select((v, i) =>
            {
                double value = bias ? v + x[1].Values[i % shape[^1]] : v;
                return value > 0 && (probability == 0 || Kept(i, probability)) ? value / (1 - (double)(float)probability) : 0;
            })])])
        {
            IsPointwise = true,
        };
    }

    /// <summary>Whether the uniform number from the upper 23 bits of a word, placed in the middle of its interval, reaches the probability.</summary>
    private static bool Kept(int i, double probability) => ((DropoutStream.Word((ulong)i) >> 9) + 0.5) / (1 << 23) >= (float)probability;
}
