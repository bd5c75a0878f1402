using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of sums, means, maxima and arg-max.</summary>
internal static class ReductionCases
{
    private static readonly (string Name, int[] Shape, int[]? Axes, bool Keep)[] Reductions =
    [
        ("everything", [2, 3, 5], null, false),
        ("everything, dimensions kept", [2, 3, 5], null, true),
        ("a scalar", [], null, false),
        ("no axis", [2, 3], [], false),
        ("the last axis", [4, 7], [-1], false),
        ("the first axis", [4, 7], [0], false),
        ("all but the channels", [2, 3, 4, 5], [0, 1, 2], false),
        ("height and width, dimensions kept", [2, 3, 4, 5], [1, 2], true),
        ("every other axis", [2, 3, 4, 5], [0, -2], false),
        ("the middle of rank 5", [2, 3, 4, 2, 3], [2], false),
        ("many rows of an odd number of channels", [331, 17], [0], false),
        ("channels one above a warp", [37, 33], [0], false),
        ("many elements", [10007], null, false),
    ];

    internal static IEnumerable<OpCase> All =>
    [
        .. Reductions.Select(r => Sum(r.Name, r.Shape, r.Axes, r.Keep)),
        .. Reductions.Select(r => Mean(r.Name, r.Shape, r.Axes, r.Keep)),
        Max("rows", [5, 7], Fills.Distinct),
        Max("images", [2, 3, 4, 40], Fills.Distinct),
        Max("one vector", [9], Fills.Distinct),
        Max("one channel", [2, 3, 1], Fills.Distinct),
        Max("ties go to the first", [11, 6], Fills.Integers(0, 3)) with { NoCentralDifference = "a tie is a kink; the gradient goes to the first maximum by convention" },
        ArgMax("rows", [5, 7], Fills.Distinct),
        ArgMax("images", [2, 3, 4, 40], Fills.Normal),
        ArgMax("one vector", [9], Fills.Distinct),
        ArgMax("ties give the first", [11, 6], Fills.Integers(0, 3)),
    ];

    private static OpCase Sum(string name, int[] shape, int[]? axes, bool keep) => new(
        "Reduction",
        nameof(ReductionOps.Sum),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) => [step.Sum(x[0], axes, keep)],
        x => [Define(x[0], axes, keep, static values => values.Sum())])
    {
        GradientSamples = 16,
    };

    private static OpCase Mean(string name, int[] shape, int[]? axes, bool keep) => new(
        "Reduction",
        nameof(ReductionOps.Mean),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) => [step.Mean(x[0], axes, keep)],
        x => [Define(x[0], axes, keep, static values => values.Average())])
    {
        GradientSamples = 16,
        Tolerance = 5e-6,
    };

    private static OpCase Max(string name, int[] shape, Fill fill) => new(
        "Reduction",
        nameof(ReductionOps.Max),
        name,
        [OpInput.Float("input", shape) with { Fill = fill }],
        (step, x, _) => [step.Max(x[0])],
        x => [Rows(x[0], static row => row.Max())])
    {
        IsPointwise = true,
    };

    private static OpCase ArgMax(string name, int[] shape, Fill fill) => new(
        "Reduction",
        nameof(ReductionOps.ArgMax),
        name,
        [OpInput.Float("input", shape) with { Fill = fill, NoGradient = "an index has no gradient" }],
        (step, x, _) => [step.ArgMax(x[0])],
        x => [Rows(x[0], static row => Array.IndexOf(row, row.Max()))])
    {
        IsPointwise = true,
    };

    private static HostArray Rows(HostArray input, Func<double[], double> reduce)
    {
        int rows = input.Values.Length / input.Shape[-1];
        return new HostArray(new Shape(input.Shape.ToArray().AsSpan(0, input.Shape.Rank - 1)), [.. Enumerable.Range(0, rows).Select(r => reduce(input.Row(r)))]);
    }

    /// <summary>Groups the elements by their index with the reduced coordinates set to 0; groups come in row-major order of that index.</summary>
    private static HostArray Define(HostArray input, int[]? axes, bool keep, Func<IEnumerable<double>, double> reduce)
    {
        int rank = input.Shape.Rank;
        bool[] reduced = [.. Enumerable.Range(0, rank).Select(d => axes is null || axes.Contains(d) || axes.Contains(d - rank))];
        var groups = new SortedDictionary<int, List<double>>();
        HostArray.From(input.Shape, at =>
        {
            int key = 0;
            for (int d = 0; d < rank; d++)
            {
                key = (key * input.Shape[d]) + (reduced[d] ? 0 : at[d]);
            }

            if (!groups.TryGetValue(key, out List<double>? group))
            {
                groups[key] = group = [];
            }

            group.Add(input[at]);
            return 0;
        });

        int[] sizes = input.Shape.ToArray();
        int[] shape = keep ? [.. sizes.Select((s, d) => reduced[d] ? 1 : s)] : [.. sizes.Where((_, d) => !reduced[d])];
        return new HostArray(new Shape(shape), [.. groups.Values.Select(reduce)]);
    }
}
