using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of batch normalisation: streams with statistics of their own, running statistics, and the fused ReLU.</summary>
internal static class BatchNormCases
{
    private const double Epsilon = 1e-5;
    private const string Statistic = "statistics are constants of the op";

    internal static IEnumerable<OpCase> All =>
    [
        Training("images", [2, 3, 5, 4], relu: false, 1, null),
        Training("with ReLU", [2, 3, 5, 4], relu: true, 1, null),
        Training("updates running statistics", [3, 3, 2, 5], relu: false, 1, [0]),
        Training("two streams", [4, 3, 3, 5], relu: false, 2, null),
        Training("three streams with ReLU, one update each", [6, 3, 3, 3], relu: true, 3, [0, 1, 2]),
        Training("a stream that stands for two passes", [4, 3, 4, 3], relu: true, 2, [0, 0, 1]),
        Training("a stream without an update", [4, 3, 4, 3], relu: false, 2, [1]),
        Training("every image a stream", [3, 4, 5, 2], relu: false, 3, [2, 1, 0]),
        Training("feature vectors", [6, 5], relu: false, 1, [0]),
        Training("rank 3", [4, 3, 5], relu: false, 2, [0, 1]),
        Training("one channel", [2, 3, 4, 1], relu: true, 1, [0]),
        Training("channels one above a vector", [2, 3, 3, 17], relu: true, 1, [0]),
        Training("channels of whole vectors", [4, 7, 6, 32], relu: true, 2, [0, 1]) with { GradientSamples = 8 },
        Training("vectors of channels one above a warp", [4, 3, 4, 132], relu: true, 2, [0, 1]) with { GradientSamples = 4 },
        Training("a mean far above the deviation", [2, 7, 5, 3], relu: false, 1, [0], Fills.Uniform(99, 101)) with { Tolerance = 2e-4 },
        Training("a variance below epsilon", [2, 4, 5, 3], relu: false, 1, [0], Fills.Uniform(-1e-3, 1e-3)),
        Inference("images", [2, 3, 5, 4], relu: false),
        Inference("with ReLU", [2, 3, 5, 4], relu: true),
        Inference("one image of one pixel", [1, 1, 1, 6], relu: false),
        Inference("feature vectors", [5, 7], relu: true),
        Inference("channels one above a vector", [2, 3, 3, 33], relu: true),
        Inference("vectors of channels one above a warp", [2, 3, 3, 132], relu: true) with { GradientSamples = 4 },
    ];

    private static OpCase Training(string name, int[] shape, bool relu, int groups, int[]? updates, Fill? fill = null)
    {
        int channels = shape[^1];
        OpInput[] inputs = updates is null ? Affine(shape, fill) : [.. Affine(shape, fill), .. Statistics(channels)];
        return new OpCase(
            "BatchNorm",
            nameof(BatchNormOps.BatchNorm),
            name,
            inputs,
            (step, x, _) =>
            {
                RunningStatistics? running = updates is null ? null : new RunningStatistics(x[3], x[4], Momentum: 0.1, updates);
                Tensor output = step.BatchNorm(x[0], x[1], x[2], Epsilon, relu, groups, running);
                return updates is null ? [output] : [output, x[3], x[4]];
            },
            x => DefineTraining(x, relu, groups, updates));
    }

    private static OpCase Inference(string name, int[] shape, bool relu) => new(
        "BatchNorm",
        nameof(BatchNormOps.BatchNormInference),
        name,
        [.. Affine(shape, null), .. Statistics(shape[^1])],
        (step, x, _) => [step.BatchNormInference(x[0], x[1], x[2], x[3], x[4], Epsilon, relu)],
        x => [HostArray.From(x[0].Shape, at => Transform(x[0][at], x[3][at[^1]], x[4][at[^1]], x[1][at[^1]], x[2][at[^1]], relu))]);

    private static OpInput[] Affine(int[] shape, Fill? fill) =>
    [
        OpInput.Float("input", shape) with { Fill = fill ?? Fills.Normal },
        OpInput.Parameter("gamma", shape[^1]) with { Fill = Fills.AwayFromZero },
        OpInput.Parameter("beta", shape[^1]),
    ];

    private static OpInput[] Statistics(int channels) =>
    [
        OpInput.Parameter("running mean", channels) with { NoGradient = Statistic },
        OpInput.Parameter("running variance", channels) with { Fill = Fills.Uniform(0.5, 2), NoGradient = Statistic },
    ];

    /// <summary>The normalised input, and what the running statistics become where there are updates.</summary>
    internal static (HostArray Branch, HostArray Mean, HostArray Variance) Normalized(
        HostArray input, HostArray gamma, HostArray beta, int groups, int[]? updates, HostArray? mean, HostArray? variance)
    {
        HostArray[] x = updates is null ? [input, gamma, beta] : [input, gamma, beta, mean!, variance!];
        HostArray[] outputs = DefineTraining(x, relu: false, groups, updates);
        return updates is null ? (outputs[0], HostArray.Scalar(0), HostArray.Scalar(0)) : (outputs[0], outputs[1], outputs[2]);
    }

    private static HostArray[] DefineTraining(IReadOnlyList<HostArray> x, bool relu, int groups, int[]? updates)
    {
        int channels = x[0].Shape[-1], batch = x[0].Shape[0] / groups;
        double[] Population(int group, int channel)
        {
            int size = x[0].Values.Length / groups;
            return [.. x[0].Values[(group * size)..((group + 1) * size)].Where((_, i) => i % channels == channel)];
        }

        double Mean(int group, int channel) => Population(group, channel).Average();
        double SquaredDeviations(int group, int channel) => Population(group, channel).Sum(v => Math.Pow(v - Mean(group, channel), 2));
        HostArray means = HostArray.From(new Shape(groups, channels), at => Mean(at[0], at[1]));
        HostArray squares = HostArray.From(new Shape(groups, channels), at => SquaredDeviations(at[0], at[1]));
        int pixels = Population(0, 0).Length;
        HostArray output = HostArray.From(x[0].Shape, at => Transform(
            x[0][at], means[at[0] / batch, at[^1]], squares[at[0] / batch, at[^1]] / pixels, x[1][at[^1]], x[2][at[^1]], relu));
        return updates is null
            ? [output]
            : [output, Blend(x[3], updates, means), Blend(x[4], updates, squares.Map(s => s / (pixels - 1)))];
    }

    private static double Transform(double value, double mean, double variance, double gamma, double beta, bool relu)
    {
        double y = ((value - mean) / Math.Sqrt(variance + Epsilon) * gamma) + beta;
        return relu && y < 0 ? 0 : y;
    }

    private static HostArray Blend(HostArray running, int[] updates, HostArray statistics) => HostArray.From(
        running.Shape,
        at => updates.Aggregate(running[at], (r, group) => (0.9 * r) + (0.1 * statistics[group, at[0]])));
}
