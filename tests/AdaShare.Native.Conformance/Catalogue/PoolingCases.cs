using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of max, k-max, average and global average pooling.</summary>
internal static class PoolingCases
{
    internal static IEnumerable<OpCase> All =>
    [
        Max("2x2", [2, 6, 4, 3], 2, 2, 0, ceilMode: false),
        Max("2x2 leaves a row and a column over", [2, 5, 7, 3], 2, 2, 0, ceilMode: false),
        Max("2x2 in ceil mode", [2, 5, 7, 3], 2, 2, 0, ceilMode: true),
        Max("the backbone's 3x3 with stride 2, padding 1, ceil mode", [2, 8, 7, 5], 3, 2, 1, ceilMode: true),
        Max("3x3 with stride 2 and padding 1", [2, 9, 6, 4], 3, 2, 1, ceilMode: false),
        Max("overlapping windows", [1, 5, 6, 2], 3, 1, 1, ceilMode: false),
        Max("stride beyond the kernel", [1, 8, 7, 2], 2, 3, 0, ceilMode: true),
        Max("one window", [2, 3, 3, 17], 3, 1, 0, ceilMode: false),
        Max("channels of whole vectors", [2, 9, 11, 32], 3, 2, 1, ceilMode: true) with { GradientSamples = 12 },
        Max("all negative, so that padding would show", [2, 5, 5, 3], 3, 2, 1, ceilMode: true, Fills.Uniform(-9, -5)),
        Max("ties go to the first pixel", [2, 6, 7, 3], 3, 2, 1, ceilMode: true, Fills.Integers(0, 2)) with { NoCentralDifference = "a tie is a kink; the gradient goes to the first maximum by convention" },
        KMax("8 of a text, channels of whole vectors", [2, 1, 37, 16], 8) with { GradientSamples = 12 },
        KMax("odd sizes", [3, 2, 11, 5], 4),
        KMax("the largest alone", [2, 1, 9, 3], 1),
        KMax("all there are", [2, 3, 6, 3], 6),
        KMax("one column", [2, 1, 1, 4], 1),
        KMax("half of a long text", [1, 1, 300, 6], 150) with { GradientSamples = 12 },
        KMax("all negative", [2, 1, 12, 3], 5, Fills.Uniform(-9, -5)),
        KMax("of equal values the earlier ones", [3, 2, 13, 7], 5, Fills.Integers(-1, 2)) with { NoCentralDifference = "a tie is a kink; the gradient goes to the earlier column by convention" },
        KMax("nothing but equal values", [2, 1, 10, 3], 4, Fills.Constant(0)) with { NoCentralDifference = "a tie is a kink; the gradient goes to the earlier column by convention" },
        Average("2x2", [2, 6, 4, 3], 2, 2, 0, ceilMode: false, countPadding: true),
        Average("3x3 with stride 2 and counted padding", [2, 7, 6, 5], 3, 2, 1, ceilMode: false, countPadding: true),
        Average("3x3 with stride 2 and padding left out", [2, 7, 6, 5], 3, 2, 1, ceilMode: false, countPadding: false),
        Average("ceil mode with counted padding", [2, 8, 7, 3], 3, 2, 1, ceilMode: true, countPadding: true),
        Average("ceil mode with padding left out", [2, 8, 7, 3], 3, 2, 1, ceilMode: true, countPadding: false),
        Average("overlapping windows", [1, 5, 6, 17], 3, 1, 1, ceilMode: false, countPadding: true),
        Global("images", [2, 5, 7, 3]),
        Global("one pixel", [3, 1, 1, 5]),
        Global("channels of whole vectors", [2, 7, 7, 32]) with { GradientSamples = 12 },
    ];

    private static OpCase Max(string name, int[] shape, int kernel, int stride, int padding, bool ceilMode, Fill? fill = null) => new(
        "Pooling",
        nameof(PoolingOps.MaxPool2d),
        name,
        [OpInput.Float("input", shape) with { Fill = fill ?? Fills.Distinct }],
        (step, x, _) => [step.MaxPool2d(x[0], kernel, stride, padding, ceilMode)],
        x => [Define(x[0], kernel, stride, padding, ceilMode, static (inside, _) => inside.Max())])
    {
        IsPointwise = true,
    };

    private static OpCase KMax(string name, int[] shape, int k, Fill? fill = null) => new(
        "Pooling",
        nameof(PoolingOps.KMaxPool),
        name,
        [OpInput.Float("input", shape) with { Fill = fill ?? Fills.Distinct }],
        (step, x, _) => [step.KMaxPool(x[0], k)],
        x => [HostArray.From(new Shape(shape[0], shape[1], k, shape[3]), at =>
        {
            double[] row = [.. Enumerable.Range(0, shape[2]).Select(i => x[0][at[0], at[1], i, at[3]])];

            // A column is among the k largest if fewer than k come before it: larger ones, and equal ones that stand earlier.
            return row.Where((value, i) => row.Where((other, j) => other > value || (other == value && j < i)).Count() < k).ElementAt(at[2]);
        })])
    {
        IsPointwise = true,
    };

    private static OpCase Average(string name, int[] shape, int kernel, int stride, int padding, bool ceilMode, bool countPadding) => new(
        "Pooling",
        nameof(PoolingOps.AveragePool2d),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) => [step.AveragePool2d(x[0], kernel, stride, padding, ceilMode, countPadding)],
        x => [Define(x[0], kernel, stride, padding, ceilMode, (inside, paddedCount) => inside.Sum() / (countPadding ? paddedCount : inside.Count))]);

    private static OpCase Global(string name, int[] shape) => new(
        "Pooling",
        nameof(PoolingOps.GlobalAveragePool),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) => [step.GlobalAveragePool(x[0])],
        x => [HostArray.From(new Shape(shape[0], shape[3]), at => Enumerable.Range(0, shape[1] * shape[2]).Average(p => x[0][at[0], p / shape[2], p % shape[2], at[1]]))]);

    /// <summary>Reduces the pixels of each window that lie in the image; also told how many lie in the image or its padding.</summary>
    private static HostArray Define(HostArray input, int kernel, int stride, int padding, bool ceilMode, Func<List<double>, int, double> reduce)
    {
        int height = input.Shape[1], width = input.Shape[2];
        return HostArray.From(new Shape(input.Shape[0], Windows(height), Windows(width), input.Shape[3]), at =>
        {
            var inside = new List<double>();
            int padded = 0;
            for (int y = (at[1] * stride) - padding; y < (at[1] * stride) - padding + kernel; y++)
            {
                for (int x = (at[2] * stride) - padding; x < (at[2] * stride) - padding + kernel; x++)
                {
                    padded += y < height + padding && x < width + padding ? 1 : 0;
                    if (y >= 0 && y < height && x >= 0 && x < width)
                    {
                        inside.Add(input[at[0], y, x, at[3]]);
                    }
                }
            }

            return reduce(inside, padded);
        });

        // Windows start at -padding, -padding + stride, …: all that end within the padded image, and in ceil mode those that start in the image or before.
        int Windows(int size) => Enumerable.Range(0, size + padding).Count(i =>
            (i * stride) - padding + kernel <= size + padding || (ceilMode && (i * stride) - padding < size && ((i - 1) * stride) - padding + kernel < size + padding));
    }
}
