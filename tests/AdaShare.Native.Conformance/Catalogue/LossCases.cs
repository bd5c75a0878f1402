using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of the losses: ignored labels, class weights, empty masks.</summary>
internal static class LossCases
{
    private const string Target = "targets are constants of the loss";

    internal static IEnumerable<OpCase> All =>
    [
        CrossEntropy("images", [2, 3, 4, 5], Fills.Integers(0, 5), -100, null),
        CrossEntropy("rows", [7, 3], Fills.Integers(0, 3), -100, null),
        CrossEntropy("one sample", [4], Fills.Integers(0, 4), -100, null),
        CrossEntropy("ignored labels", [2, 3, 4, 5], Fills.LabelsWithIgnored(5, 255), 255, null),
        CrossEntropy("ignored labels, negative", [2, 3, 4, 5], Fills.LabelsWithIgnored(5, -1), -1, null),
        CrossEntropy("class weights", [2, 3, 4, 5], Fills.Integers(0, 5), -100, Fills.Uniform(0.2, 3)),
        CrossEntropy("class weights and ignored labels", [2, 5, 4, 40], Fills.LabelsWithIgnored(40, 255), 255, Fills.Uniform(0.2, 3)),
        CrossEntropy("a class without weight", [9, 3], Fills.Integers(0, 3), -100, Fills.Values(0, 1, 2)),
        CrossEntropy("nothing but classes without weight", [5, 3], Fills.Constant(1), -100, Fills.Values(1, 0, 2)),
        CrossEntropy("everything ignored", [2, 3, 4], Fills.Constant(255), 255, null),
        CrossEntropy("an ignored label that is a class", [8, 3], Fills.Integers(0, 3), 0, null),
        CrossEntropy("confident logits", [6, 4], Fills.Integers(0, 4), -100, null, Fills.Uniform(-90, 90)),
        CrossEntropy("many pixels", [2, 17, 13, 19], Fills.LabelsWithIgnored(19, 255), 255, null) with { GradientSamples = 12 },
        Cosine("images", [2, 3, 4, 3], Fills.Integers(0, 2)),
        Cosine("everything counts", [2, 3, 3], Fills.Constant(1)),
        Cosine("nothing counts", [2, 3, 3], Fills.Constant(0)),
        Cosine("two channels", [5, 2], Fills.Integers(0, 2)),
        Cosine("short predictions", [4, 3], Fills.Constant(1), Fills.Uniform(-1e-2, 1e-2)),
        Cosine("normals as stored pixels", [3, 4, 3], Fills.Integers(0, 2), Fills.Uniform(0, 255), Fills.Integers(1, 256)),
        Cosine("many pixels", [2, 17, 13, 3], Fills.Integers(0, 2)) with { GradientSamples = 12 },
        Cosine("predictions of length 0", [3, 3], Fills.Constant(1), Fills.Constant(0)) with { NoCentralDifference = "the norm is held at 1e-12, far below any difference that could be taken" },
        L1("images", [2, 3, 4, 2], Fills.Integers(0, 2)),
        L1("everything counts", [5, 3], Fills.Constant(1)),
        L1("nothing counts", [5, 3], Fills.Constant(0)),
        L1("depth", [2, 5, 7, 1], Fills.Integers(0, 2)),
        L1("many pixels", [2, 17, 13, 1], Fills.Integers(0, 2)) with { GradientSamples = 12 },
        L1("exact predictions", [6, 2], Fills.Constant(1), Fills.Integers(0, 2), Fills.Integers(0, 2)) with { NoCentralDifference = "|x| has a kink at 0, where its gradient is 0 by convention" },
    ];

    private static OpCase CrossEntropy(string name, int[] shape, Fill labels, int ignore, Fill? weights, Fill? logits = null)
    {
        OpInput[] inputs =
        [
            OpInput.Float("logits", shape) with { Fill = logits ?? Fills.Normal },
            OpInput.Float("targets", shape.AsSpan(0, shape.Length - 1)) with { Type = DType.Int32, Fill = labels },
            OpInput.Float("class weights", shape[^1]) with { Fill = weights ?? Fills.Constant(1), NoGradient = Target },
        ];
        return new OpCase(
            "Loss",
            nameof(LossOps.CrossEntropy),
            name,
            weights is null ? inputs[..2] : inputs,
            (step, x, _) => [step.CrossEntropy(x[0], x[1], ignore, weights is null ? null : x[2])],
            x =>
            {
                double total = 0, sum = 0;
                for (int pixel = 0; pixel < x[1].Values.Length; pixel++)
                {
                    int label = (int)x[1].Values[pixel];
                    if (label != ignore)
                    {
                        double[] row = x[0].Row(pixel);
                        double weight = weights is null ? 1 : x[2][label];
                        total += weight;
                        sum += weight * Math.Log(row.Sum(other => Math.Exp(other - row[label])));
                    }
                }

                return [HostArray.Scalar(total > 0 ? sum / total : 0)];
            });
    }

    private static OpCase Cosine(string name, int[] shape, Fill mask, Fill? prediction = null, Fill? target = null) => new(
        "Loss",
        nameof(LossOps.CosineLoss),
        name,
        Masked(shape, mask, prediction, target ?? Fills.AwayFromZero),
        (step, x, _) => [step.CosineLoss(x[0], x[1], x[2])],
        x => [MeanOverMask(x, pixel =>
        {
            double[] p = x[0].Row(pixel), t = x[1].Row(pixel);
            double lengths = Math.Max(Math.Sqrt(p.Sum(v => v * v)), 1e-12) * Math.Sqrt(t.Sum(v => v * v));
            return [1 - (p.Zip(t, (a, b) => a * b).Sum() / lengths)];
        })]);

    private static OpCase L1(string name, int[] shape, Fill mask, Fill? prediction = null, Fill? target = null) => new(
        "Loss",
        nameof(LossOps.L1Loss),
        name,
        Masked(shape, mask, prediction, target ?? Fills.Normal),
        (step, x, _) => [step.L1Loss(x[0], x[1], x[2])],
        x => [MeanOverMask(x, pixel => x[0].Row(pixel).Zip(x[1].Row(pixel), (a, b) => Math.Abs(a - b)))]);

    private static OpInput[] Masked(int[] shape, Fill mask, Fill? prediction, Fill target) =>
    [
        OpInput.Float("prediction", shape) with { Fill = prediction ?? Fills.Normal },
        OpInput.Float("target", shape) with { Fill = target, NoGradient = Target },
        OpInput.Float("mask", shape.AsSpan(0, shape.Length - 1)) with { Type = DType.UInt8, Fill = mask },
    ];

    private static HostArray MeanOverMask(IReadOnlyList<HostArray> x, Func<int, IEnumerable<double>> terms)
    {
        double[] all = [.. Enumerable.Range(0, x[2].Values.Length).Where(pixel => x[2].Values[pixel] == 1).SelectMany(terms)];
        return HostArray.Scalar(all.Length > 0 ? all.Average() : 0);
    }
}
