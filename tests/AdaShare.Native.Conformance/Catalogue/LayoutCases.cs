using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of permutations, flips, paddings, slices with steps, repetitions and stacks.</summary>
internal static class LayoutCases
{
    internal static IEnumerable<OpCase> All =>
    [
        Permute("a matrix", [5, 7], [1, 0]),
        Permute("a large matrix", [67, 93], [1, 0]),
        Permute("matrices of a batch", [3, 33, 21], [0, 2, 1]),
        Permute("heads before positions", [2, 5, 3, 4], [0, 2, 1, 3]),
        Permute("channels first", [2, 9, 8, 19], [0, 3, 1, 2]),
        Permute("channels last", [2, 19, 9, 8], [0, 2, 3, 1]),
        Permute("five axes in reverse", [2, 3, 4, 3, 2], [4, 3, 2, 1, 0]),
        Permute("axes from the end", [2, 3, 4], [-1, 0, -2]),
        Permute("nothing moves", [2, 3, 4], [0, 1, 2]),
        Permute("a scalar", [], []),
        Permute("an empty tensor", [2, 0, 3], [2, 1, 0]),
        Permute("labels", [4, 18], [1, 0], DType.Int32),
        Permute("masks", [4, 18], [1, 0], DType.UInt8),
        new OpCase(
            "Layout",
            nameof(LayoutOps.Transpose),
            "the last two axes",
            [OpInput.Float("input", 2, 18, 17)],
            (step, x, _) => [step.Transpose(x[0], -1, -2)],
            x => [HostArray.From(new Shape(2, 17, 18), at => x[0][at[0], at[2], at[1]])])
        {
            IsPointwise = true,
        },
        Flip("columns", [3, 5, 7], [-1]),
        Flip("rows and columns", [2, 5, 4, 3], [1, 2]),
        Flip("labels", [4, 6], [0], DType.Int32),
        Flip("an empty axis", [3, 0], [1]),
        SliceRange("every other row", [7, 3], 0, 0..7, 2),
        SliceRange("from within, by three", [2, 11, 4], 1, 1..^1, 3),
        SliceRange("channels", [3, 4, 19], -1, 2..17, 5),
        SliceRange("nothing", [3, 4], 1, 2..2, 1),
        SliceRange("labels", [4, 9], 1, ..^1, 2, DType.Int32),
        Pad("both sides", [2, 3, 5], 1, 2, 1, 0),
        Pad("channels, with a number", [3, 4, 5], -1, 0, 3, 1.5),
        Pad("nothing", [3, 4], 0, 0, 0, 7),
        Pad("an empty axis", [0, 4], 0, 1, 2, -3),
        Pad("labels", [4, 6], 1, 1, 1, -7, DType.Int32),
        BroadcastTo("rows", [5], [3, 4, 5]),
        BroadcastTo("a column", [4, 1], [2, 4, 7]),
        BroadcastTo("a scalar", [], [3, 2]),
        Stack("in front", 3, [4, 5], 0),
        Stack("at the end", 2, [4, 5], -1),
        Stack("in between", 3, [2, 3, 2], 1),
        Stack("scalars", 4, [], 0),
    ];

    private static OpCase Permute(string name, int[] shape, int[] axes, DType? type = null) => Case(
        nameof(LayoutOps.Permute), name, shape, type, new Shape([.. axes.Select(axis => new Shape(shape)[axis])]), (step, x) => step.Permute(x, axes), (x, at) =>
        {
            var from = new int[at.Length];
            for (int d = 0; d < axes.Length; d++)
            {
                from[axes[d] < 0 ? axes[d] + axes.Length : axes[d]] = at[d];
            }

            return x[from];
        });

    private static OpCase Flip(string name, int[] shape, int[] axes, DType? type = null) => Case(
        nameof(LayoutOps.Flip), name, shape, type, new Shape(shape), (step, x) => step.Flip(x, axes), (x, at) =>
        {
            int[] from = [.. at];
            foreach (int axis in axes)
            {
                int d = axis < 0 ? axis + from.Length : axis;
                from[d] = shape[d] - 1 - from[d];
            }

            return x[from];
        });

    private static OpCase SliceRange(string name, int[] shape, int axis, Range range, int stride, DType? type = null)
    {
        int along = axis < 0 ? axis + shape.Length : axis, start = range.Start.GetOffset(shape[along]), end = range.End.GetOffset(shape[along]);
        Shape sizes = new Shape(shape).With(along, Enumerable.Range(start, end - start).Count(i => (i - start) % stride == 0));
        return Case(nameof(LayoutOps.SliceRange), name, shape, type, sizes, (step, x) => step.SliceRange(x, axis, range, stride), (x, at) =>
        {
            int[] from = [.. at];
            from[along] = start + (from[along] * stride);
            return x[from];
        });
    }

    private static OpCase Pad(string name, int[] shape, int axis, int before, int behind, double value, DType? type = null)
    {
        int along = axis < 0 ? axis + shape.Length : axis;
        Shape sizes = new Shape(shape).With(along, before + shape[along] + behind);
        return Case(nameof(LayoutOps.Pad), name, shape, type, sizes, (step, x) => step.Pad(x, axis, before, behind, value), (x, at) =>
        {
            int[] from = [.. at];
            from[along] -= before;
            return from[along] >= 0 && from[along] < shape[along] ? x[from] : value;
        }) with
        { MagnitudeFloor = Math.Abs(value) };
    }

    private static OpCase BroadcastTo(string name, int[] shape, int[] to) =>
        Case(nameof(LayoutOps.BroadcastTo), name, shape, null, new Shape(to), (step, x) => step.BroadcastTo(x, new Shape(to)), static (x, at) => x.Broadcast(at));

    private static OpCase Stack(string name, int count, int[] shape, int axis) => new(
        "Layout",
        nameof(LayoutOps.Stack),
        name,
        [.. Enumerable.Range(0, count).Select(i => OpInput.Float($"part {i}", shape))],
        (step, x, _) => [step.Stack(x, axis)],
        x =>
        {
            int at = axis < 0 ? axis + shape.Length + 1 : axis;
            return [HostArray.From(new Shape([.. shape[..at], count, .. shape[at..]]), index => x[index[at]][[.. index[..at], .. index[(at + 1)..]]])];
        })
    {
        IsPointwise = true,
        GradientSamples = 24,
    };

    private static OpCase Case(
        string op, string name, int[] shape, DType? type, Shape sizes, Func<Engine.Autograd.Step, Tensor, Tensor> run, Func<HostArray, int[], double> element) => new(
        "Layout",
        op,
        name,
        [type is null ? OpInput.Float("input", shape) : OpInput.Float("input", shape) with { Type = type, Fill = type == DType.UInt8 ? Fills.Integers(0, 200) : Fills.Integers(-100, 100) }],
        (step, x, _) => [run(step, x[0])],
        x => [HostArray.From(sizes, at => element(x[0], [.. at]))])
        {
            IsPointwise = true,
            GradientSamples = 24,
        };
}
