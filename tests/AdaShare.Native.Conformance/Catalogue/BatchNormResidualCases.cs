using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of the end of a residual block: batch norm, residual, ReLU and gates in one op.</summary>
internal static class BatchNormResidualCases
{
    private const double Epsilon = 1e-5;
    private const string Statistic = "statistics are constants of the op";

    internal static IEnumerable<OpCase> All =>
    [
        Training("no gates", [2, 3, 5, 4]),
        Training("no gates, two groups, running statistics", [4, 3, 3, 5], groups: 2, updates: [0, 1]),
        Training("no gates, channels one above a vector", [2, 3, 3, 17]),
        Training("no gates, every image a group, updates out of order", [3, 4, 5, 2], groups: 3, updates: [2, 1, 0, 0]),
        Training("one stream", [2, 3, 4, 5], streams: 1, updates: [0]),
        Training("two streams, a group each", [4, 3, 4, 5], groups: 2, streams: 2, updates: [0, 1]),
        Training("three streams with one channel, a group each", [3, 3, 5, 1], groups: 3, streams: 3),
        Training("two streams in one group", [4, 3, 4, 3], streams: 2),
        Training("three groups under two streams", [6, 3, 3, 4], groups: 3, streams: 2),
        Training("two streams share the input", [2, 3, 4, 5], streams: 2, shared: true, updates: [0, 0]),
        Training("three streams share one image", [1, 5, 3, 3], streams: 3, shared: true, updates: [0, 0, 0]),
        Training("two streams share two groups", [4, 3, 3, 5], groups: 2, streams: 2, shared: true),
        Training("two streams share channels one above a warp", [1, 3, 4, 33], streams: 2, shared: true) with { GradientSamples = 4 },
        Training("one stream, shared", [2, 3, 3, 2], streams: 1, shared: true),
        Training("hard gates", [3, 3, 4, 5], groups: 3, streams: 3, gates: Fills.Values(1, 0, 0, 1, 1, 0)),
        Training("hard gates on a shared input", [2, 3, 4, 5], streams: 2, shared: true, gates: Fills.Values(1, 0, 0, 1)),
        Training("channels of whole vectors", [4, 5, 6, 32], groups: 2, streams: 2, updates: [0, 1]) with { GradientSamples = 8 },
        Training("vectors of channels one above a warp", [4, 3, 4, 132], groups: 2, streams: 2, updates: [0, 1]) with { GradientSamples = 4 },
        Training("vectors of channels one above a warp, shared", [2, 3, 4, 132], streams: 2, shared: true) with { GradientSamples = 4 },
        Training("rows beyond a block, shared", [2, 12, 14, 24], streams: 3, shared: true, updates: [0]) with { GradientSamples = 2 },
        Training("rows beyond a block", [4, 11, 13, 24], groups: 2, updates: [1, 0]) with { GradientSamples = 2 },
        Inference("no gates", [2, 3, 5, 4]),
        Inference("no gates, one image of one pixel", [1, 1, 1, 6]),
        Inference("one stream", [2, 3, 3, 33], streams: 1),
        Inference("three streams", [3, 3, 4, 5], streams: 3),
        Inference("three streams share the input", [2, 3, 2, 7], streams: 3, shared: true),
        Inference("hard gates", [2, 3, 4, 5], streams: 2, gates: Fills.Values(0, 1, 1, 0)),
        Same(),
    ];

    private static OpCase Training(
        string name, int[] shape, int groups = 1, int streams = 0, bool shared = false, int[]? updates = null, Fill? gates = null)
    {
        OpInput[] inputs = updates is null ? Operands(shape, streams, gates) : [.. Operands(shape, streams, gates), .. Statistics(shape[^1])];
        return new OpCase(
            "BatchNormResidual",
            nameof(BatchNormResidualOps.BatchNormResidual),
            name,
            inputs,
            (step, x, _) =>
            {
                RunningStatistics? running = updates is null ? null : new RunningStatistics(x[^2], x[^1], Momentum: 0.1, updates);
                Tensor output = step.BatchNormResidual(x[0], x[1], x[2], x[3], streams == 0 ? null : x[4], shared, Epsilon, groups, running);
                return updates is null ? [output] : [output, x[^2], x[^1]];
            },
            x =>
            {
                (HostArray branch, HostArray mean, HostArray variance) = BatchNormCases.Normalized(x[0], x[1], x[2], groups, updates, updates is null ? null : x[^2], updates is null ? null : x[^1]);
                HostArray output = Mixed(branch, x[3], streams == 0 ? null : x[4], shared);
                return updates is null ? [output] : [output, mean, variance];
            });
    }

    private static OpCase Inference(string name, int[] shape, int streams = 0, bool shared = false, Fill? gates = null) => new(
        "BatchNormResidual",
        nameof(BatchNormResidualOps.BatchNormResidualInference),
        name,
        [.. Operands(shape, streams, gates), .. Statistics(shape[^1])],
        (step, x, _) => [step.BatchNormResidualInference(x[0], x[1], x[2], x[^2], x[^1], x[3], streams == 0 ? null : x[4], shared, Epsilon)],
        x =>
        {
            HostArray branch = HostArray.From(x[0].Shape, at => ((x[0][at] - x[^2][at[^1]]) / Math.Sqrt(x[^1][at[^1]] + Epsilon) * x[1][at[^1]]) + x[2][at[^1]]);
            return [Mixed(branch, x[3], streams == 0 ? null : x[4], shared)];
        });

    // The gradients of both arrive at one tensor, so the second must be added to the first.
    private static OpCase Same() => new(
        "BatchNormResidual",
        nameof(BatchNormResidualOps.BatchNormResidual),
        "a tensor as its own residual",
        [.. Operands([2, 3, 3, 5], 0, null)[..3], OpInput.Parameter("gates", 2, 2)],
        (step, x, _) => [step.BatchNormResidual(x[0], x[1], x[2], x[0], x[3], sharedInput: false, Epsilon, groups: 2), step.BatchNormResidual(x[0], x[1], x[2], x[0])],
        x =>
        {
            HostArray apart = BatchNormCases.Normalized(x[0], x[1], x[2], 2, null, null, null).Branch, whole = BatchNormCases.Normalized(x[0], x[1], x[2], 1, null, null, null).Branch;
            return [Mixed(apart, x[0], x[3], shared: false), Mixed(whole, x[0], null, shared: false)];
        });

    private static OpInput[] Operands(int[] shape, int streams, Fill? gates)
    {
        OpInput[] operands =
        [
            OpInput.Float("input", shape),
            OpInput.Parameter("gamma", shape[^1]) with { Fill = Fills.AwayFromZero },
            OpInput.Parameter("beta", shape[^1]),
            OpInput.Float("residual", shape),
        ];
        return streams == 0 ? operands : [.. operands, OpInput.Parameter("gates", streams, 2) with { Fill = gates ?? Fills.Uniform(0.05, 0.95) }];
    }

    private static OpInput[] Statistics(int channels) =>
    [
        OpInput.Parameter("running mean", channels) with { NoGradient = Statistic },
        OpInput.Parameter("running variance", channels) with { Fill = Fills.Uniform(0.5, 2), NoGradient = Statistic },
    ];

    private static HostArray Mixed(HostArray branch, HostArray residual, HostArray? gates, bool shared)
    {
        int streams = gates?.Shape[0] ?? 1, batch = branch.Shape[0];
        return HostArray.From(branch.Shape.With(0, shared ? streams * batch : batch), at =>
        {
            int stream = shared ? at[0] / batch : at[0] * streams / batch;
            int[] from = [at[0] % batch, .. at[1..]];
            double open = Math.Max(0, residual[from] + branch[from]);
            return gates is null ? open : (gates[stream, 0] * open) + (gates[stream, 1] * residual[from]);
        });
    }
}
