using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Checks;

/// <summary>Reads parts of tensors along named axes.</summary>
internal static class TensorPart
{
    /// <summary>The elements of a tensor at some indices of some axes, row-major.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="axes">Its axes.</param>
    /// <param name="extents">Their sizes.</param>
    /// <param name="ranges">The wanted indices; axes that are not named are wanted whole.</param>
    public static double[] Read(Tensor tensor, string axes, Extents extents, IReadOnlyDictionary<char, AxisRange> ranges)
    {
        char[] letters = [.. Extents.Letters(axes)];
        AxisRange[] wanted = [.. letters.Select(letter => ranges.GetValueOrDefault(letter, new AxisRange(0, extents[letter])))];
        int[] sizes = [.. letters.Select(letter => extents[letter])];
        if (letters.Length == 0 || wanted.Zip(sizes).All(static pair => pair.First.Count == pair.Second))
        {
            return tensor.ToDoubles();
        }

        // What the outermost axis leaves out need not be copied from a device; filters are laid out otherwise there.
        if (!tensor.IsFilter && wanted[0].Count < sizes[0])
        {
            int inner = (int)(tensor.Count / sizes[0]);
            tensor = tensor.Part((long)wanted[0].Start * inner, new Shape(wanted[0].Count * inner));
            (sizes[0], wanted[0]) = (wanted[0].Count, new AxisRange(0, wanted[0].Count));
        }

        double[] whole = tensor.ToDoubles();
        var part = new double[wanted.Aggregate(1, static (count, range) => count * range.Count)];
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = whole[Position(i, wanted, sizes)];
        }

        return part;
    }

    // Where an element of the part lies in the whole.
    private static long Position(int index, AxisRange[] wanted, int[] sizes)
    {
        long position = 0, stride = 1;
        for (int d = sizes.Length - 1; d >= 0; d--)
        {
            (index, int at) = Math.DivRem(index, wanted[d].Count);
            position += (wanted[d].Start + at) * stride;
            stride *= sizes[d];
        }

        return position;
    }
}
