using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of Gumbel noise, Gumbel-softmax samples and gated residuals.</summary>
internal static class GateCases
{
    internal static IEnumerable<OpCase> All =>
    [
        Noise("gates", new Shape(8, 2), RandomStream.For(88, "gumbel/seg", 17)),
        Noise("odd count", new Shape(3, 5, 7), RandomStream.For(0, "gumbel", 0)),
        Noise("many", new Shape(2003), new RandomStream(ulong.MaxValue, ulong.MaxValue)),
        Sample("at the first temperature", [8, 2], 5, straightThrough: false),
        Sample("at temperature 1, more than two choices", [3, 4, 5], 1, straightThrough: false),
        Sample("at a low temperature", [6, 2], 0.3, straightThrough: false) with { Tolerance = 5e-6 },
        Sample("near the end of annealing", [8, 2], 3.5e-5, straightThrough: false) with { NoCentralDifference = "the sample is one-hot to rounding; its gradient is 0 or a spike" },
        Sample("straight through", [8, 2], 2, straightThrough: true) with { NoCentralDifference = "the straight-through estimator is not the derivative of the one-hot output" },
        Sample("straight through, more than two choices", [5, 7], 0.7, straightThrough: true) with { NoCentralDifference = "the straight-through estimator is not the derivative of the one-hot output" },
        Gates("noise of its own", tasks: 3, blocks: 7, 2, straightThrough: false, given: false),
        Gates("given noise", tasks: 2, blocks: 5, 0.7, straightThrough: false, given: true),
        Gates("one task, one block", tasks: 1, blocks: 1, 1, straightThrough: false, given: false),
        Gates("more tasks than fit a launch's smallest numbers", tasks: 10, blocks: 16, 5, straightThrough: false, given: false),
        Gates("straight through", tasks: 3, blocks: 4, 2, straightThrough: true, given: true) with { NoCentralDifference = "the straight-through estimator is not the derivative of the one-hot output" },
        Residual("one stream", [2, 3, 4, 5], 1, shared: false),
        Residual("two streams with their own input", [4, 3, 4, 5], 2, shared: false),
        Residual("three streams with their own input", [3, 3, 2, 17], 3, shared: false),
        Residual("two streams share the input", [2, 3, 4, 5], 2, shared: true),
        Residual("three streams share one image", [1, 5, 3, 3], 3, shared: true),
        Residual("one stream, shared", [2, 3, 3, 2], 1, shared: true),
        Residual("hard gates", [3, 3, 4, 5], 3, shared: false, Fills.Values(1, 0, 0, 1, 1, 0)),
        Residual("hard gates on a shared input", [2, 3, 4, 5], 2, shared: true, Fills.Values(1, 0, 0, 1)),
        Residual("channels of whole vectors", [4, 5, 6, 32], 2, shared: false) with { GradientSamples = 12 },
        Same(),
    ];

    private static OpCase Noise(string name, Shape shape, RandomStream stream) => new(
        "Gate",
        nameof(GateOps.GumbelNoise),
        name,
        [],
        (step, _, type) => [step.GumbelNoise(shape, type, stream)],
        _ => [new HostArray(shape, [.. Enumerable.Range(0, (int)shape.Count).Select(i => -Math.Log(-Math.Log(((stream.Word((ulong)i) >> 9) + 0.5) / (1 << 23))))])]);

    private static OpCase Sample(string name, int[] shape, double temperature, bool straightThrough) => new(
        "Gate",
        nameof(GateOps.GumbelSoftmax),
        name,
        [OpInput.Float("logits", shape), OpInput.Float("noise", shape) with { NoGradient = "noise is a constant of the sample" }],
        (step, x, _) => [step.GumbelSoftmax(x[0], x[1], temperature, straightThrough)],
        x =>
        {
            int length = shape[^1];
            double[] z = [.. x[0].Values.Zip(x[1].Values, (logit, noise) => (logit + noise) / temperature)];
            double[] Row(int i) => z[(i / length * length)..((i / length * length) + length)];
            double Element(int i) => straightThrough
                ? (Array.IndexOf(Row(i), Row(i).Max()) == i % length ? 1 : 0)
                : 1 / Row(i).Sum(other => Math.Exp(other - z[i]));
            return [new HostArray(new Shape(shape), [.. Enumerable.Range(0, z.Length).Select(Element)])];
        });

    private static OpCase Gates(string name, int tasks, int blocks, double temperature, bool straightThrough, bool given)
    {
        RandomStream[] streams = [.. Enumerable.Range(0, tasks).Select(static t => RandomStream.For(88, $"gumbel/{t}", 3))];
        OpInput[] logits = [.. Enumerable.Range(0, tasks).Select(t => OpInput.Float($"logits {t}", blocks, 2))];
        return new OpCase(
            "Gate",
            nameof(GateOps.GumbelGates),
            name,
            given ? [.. logits, OpInput.Float("noise", tasks, blocks, 2) with { NoGradient = "noise is a constant of the sample" }] : logits,
            (step, x, _) => [given ? step.GumbelGates([.. x.Take(tasks)], x[tasks], temperature, straightThrough) : step.GumbelGates([.. x], streams, temperature, straightThrough)],
            x => [HostArray.From(new Shape(blocks * tasks, 2), at =>
            {
                int task = at[0] % tasks, block = at[0] / tasks;
                double Noise(int c) => given ? x[tasks][task, block, c] : -Math.Log(-Math.Log(((streams[task].Word((ulong)((2 * block) + c)) >> 9) + 0.5) / (1 << 23)));
                double Scaled(int c) => (x[task][block, c] + Noise(c)) / temperature;
                double margin = Scaled(at[1]) - Scaled(1 - at[1]);
                return straightThrough ? (margin > 0 ? 1 : 0) : 1 / (1 + Math.Exp(-margin));
            })]);
    }

    private static OpCase Residual(string name, int[] shape, int streams, bool shared, Fill? gates = null)
    {
        int images = shared ? shape[0] : shape[0] / streams;
        return new OpCase(
            "Gate",
            nameof(GateOps.GatedResidual),
            name,
            [OpInput.Float("branch", shape), OpInput.Float("residual", shape), OpInput.Parameter("gates", streams, 2) with { Fill = gates ?? Fills.Uniform(0.05, 0.95) }],
            (step, x, _) => [step.GatedResidual(x[0], x[1], x[2], shared)],
            x => [HostArray.From(new Shape(streams * images, shape[1], shape[2], shape[3]), at =>
            {
                int stream = at[0] / images, image = shared ? at[0] % images : at[0];
                double r = x[1][image, at[1], at[2], at[3]], f = x[0][image, at[1], at[2], at[3]];
                return (x[2][stream, 0] * Math.Max(0, r + f)) + (x[2][stream, 1] * r);
            })]);
    }

    // Both gradients arrive at one tensor, so the second must be added to the first.
    private static OpCase Same() => new(
        "Gate",
        nameof(GateOps.GatedResidual),
        "a tensor as its own residual",
        [OpInput.Float("input", 2, 3, 3, 5) with { Fill = Fills.AwayFromZero }, OpInput.Parameter("gates", 2, 2)],
        (step, x, _) => [step.GatedResidual(x[0], x[0], x[1])],
        x => [HostArray.From(x[0].Shape, at => (x[1][at[0], 0] * Math.Max(0, 2 * x[0][at])) + (x[1][at[0], 1] * x[0][at]))]);
}
