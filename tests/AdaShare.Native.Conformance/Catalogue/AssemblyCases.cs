using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of concatenation, slicing and reshaping.</summary>
internal static class AssemblyCases
{
    internal static IEnumerable<OpCase> All =>
    [
        Concat("streams along the batch", [[2, 3, 4, 5], [1, 3, 4, 5], [3, 3, 4, 5]], 0),
        Concat("rows", [[2, 3, 4, 5], [2, 1, 4, 5]], 1),
        Concat("channels", [[2, 3, 4, 5], [2, 3, 4, 1], [2, 3, 4, 17]], -1),
        Concat("vectors", [[3], [5]], 0),
        Concat("one part", [[2, 3]], 1),
        Concat("an empty part", [[2, 3], [0, 3], [1, 3]], 0),
        Concat("labels", [[2, 3], [2, 4]], 1, DType.Int32),
        new OpCase(
            "Assembly",
            nameof(AssemblyOps.Concat),
            "a tensor with itself",
            [OpInput.Float("part", 2, 3)],
            (step, x, _) => [step.Concat([x[0], x[0]], 1)],
            x => [HostArray.From(new Shape(2, 6), at => x[0][at[0], at[1] % 3])])
        {
            IsPointwise = true,
        },
        Slice("images of one stream", [6, 3, 2, 5], 0, 2, 2),
        Slice("rows", [2, 7, 3, 4], 1, 3, 4),
        Slice("channels", [2, 3, 4, 19], -1, 17, 2),
        Slice("everything", [2, 5], 1, 0, 5),
        Slice("the last element", [9], 0, 8, 1),
        Slice("labels", [4, 6], 1, 1, 3, DType.Int32),
        Narrow("rows", [7, 3], [(2, 3)]),
        Narrow("images, whole and nothing", [3, 2, 3, 5], [(0, 3), (1, 0)]),
        Narrow("two that overlap, one apart", [7, 3], [(1, 4), (3, 3), (6, 1)]),
        ConcatOfParts("parts that follow one another", [0, 2, 4]),
        ConcatOfParts("parts out of order", [4, 0, 2]),
        TwoSlices(),
        Reshape("flatten", [2, 3, 4, 5], [2, 60]),
        Reshape("split", [6, 4], [2, 3, 2, 2]),
        Reshape("to a scalar", [1, 1], []),
        Reshape("labels", [4, 6], [24], DType.Int32),
    ];

    private static OpCase Concat(string name, int[][] shapes, int axis, DType? type = null) => new(
        "Assembly",
        nameof(AssemblyOps.Concat),
        name,
        [.. shapes.Select((shape, i) => Input($"part {i}", shape, type))],
        (step, x, _) => [step.Concat(x, axis)],
        x => [Join(x, axis < 0 ? axis + x[0].Shape.Rank : axis)])
    {
        IsPointwise = true,
        GradientSamples = 24,
    };

    private static OpCase Slice(string name, int[] shape, int axis, int start, int length, DType? type = null) => new(
        "Assembly",
        nameof(AssemblyOps.Slice),
        name,
        [Input("input", shape, type)],
        (step, x, _) => [step.Slice(x[0], axis, start, length)],
        x => [HostArray.From(new Shape(shape).With(axis, length), at =>
        {
            int[] from = [.. at];
            from[axis < 0 ? axis + from.Length : axis] += start;
            return x[0][from];
        })])
    {
        IsPointwise = true,
        GradientSamples = 24,
    };

    // The second slice's gradient arrives on top of the first one's, and must leave the rest alone.
    private static OpCase TwoSlices() => new(
        "Assembly",
        nameof(AssemblyOps.Slice),
        "two overlapping slices of one tensor",
        [OpInput.Float("input", 7, 3)],
        (step, x, _) => [step.Slice(x[0], 0, 1, 4), step.Slice(x[0], 0, 3, 3)],
        x => [HostArray.From(new Shape(4, 3), at => x[0][at[0] + 1, at[1]]), HostArray.From(new Shape(3, 3), at => x[0][at[0] + 3, at[1]])])
    {
        IsPointwise = true,
    };

    // Parts of what an op made, because a parameter's own value can't be narrowed: the gradients of overlapping ones meet in the whole's.
    private static OpCase Narrow(string name, int[] shape, (int Start, int Length)[] parts) => new(
        "Assembly",
        nameof(AssemblyOps.Narrow),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) =>
        {
            Tensor whole = step.Scale(x[0], 1);
            Tensor[] narrowed = [.. parts.Select(part => step.Narrow(whole, part.Start, part.Length))];
            step.Release(whole);
            return [.. narrowed.Select(part => step.Scale(part, 2))];
        },
        x => [.. parts.Select(part => HostArray.From(new Shape(shape).With(0, part.Length), at => 2 * x[0][[at[0] + part.Start, .. at[1..]]]))])
    {
        IsPointwise = true,
        GradientSamples = 24,
    };

    // Neighbours are joined where they lie, others are copied; a part of a part belongs to the whole.
    private static OpCase ConcatOfParts(string name, int[] starts) => new(
        "Assembly",
        nameof(AssemblyOps.Concat),
        name,
        [OpInput.Float("input", 9, 2)],
        (step, x, _) =>
        {
            Tensor inner = step.Narrow(step.Scale(x[0], 1), 1, 8);
            return [step.Scale(step.Concat([.. starts.Select(start => step.Narrow(inner, start, 2))], 0), 3)];
        },
        x => [HostArray.From(new Shape(2 * starts.Length, 2), at => 3 * x[0][starts[at[0] / 2] + (at[0] % 2) + 1, at[1]])])
    {
        IsPointwise = true,
    };

    private static OpCase Reshape(string name, int[] from, int[] to, DType? type = null) => new(
        "Assembly",
        nameof(AssemblyOps.Reshape),
        name,
        [Input("input", from, type)],
        (step, x, _) => [step.Reshape(x[0], new Shape(to))],
        x => [new HostArray(new Shape(to), x[0].Values)])
    {
        IsPointwise = true,
        GradientSamples = 24,
    };

    private static OpInput Input(string name, int[] shape, DType? type) => type is null
        ? OpInput.Float(name, shape)
        : OpInput.Float(name, shape) with { Type = type, Fill = Fills.Integers(-100, 100) };

    private static HostArray Join(IReadOnlyList<HostArray> parts, int axis) => HostArray.From(parts[0].Shape.With(axis, parts.Sum(p => p.Shape[axis])), at =>
    {
        int[] from = [.. at];
        int part = 0;
        while (from[axis] >= parts[part].Shape[axis])
        {
            from[axis] -= parts[part++].Shape[axis];
        }

        return parts[part][from];
    });
}
