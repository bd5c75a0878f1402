using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>A dimension of an input that is summed into an output: its size, its step in elements, and whether the output keeps it.</summary>
internal readonly record struct ReducedDimension(long Size, long Step, bool IsKept);

/// <summary>How an input is walked to sum it: dimensions of size 1 dropped, neighbours of one kind merged, so that kept and summed ones alternate; the last dimension first.</summary>
internal static class ReductionLayout
{
    /// <summary>Aligns the shapes at the last dimension; at least one dimension comes out.</summary>
    public static List<ReducedDimension> Of(Shape input, Shape output)
    {
        var dimensions = new List<ReducedDimension>(Shape.MaxRank);
        long step = 1;
        for (int d = 1; d <= input.Rank; d++)
        {
            long size = input[-d];
            bool kept = d <= output.Rank && output[-d] != 1;
            if (size != 1)
            {
                if (dimensions.Count > 0 && dimensions[^1].IsKept == kept)
                {
                    dimensions[^1] = dimensions[^1] with { Size = dimensions[^1].Size * size };
                }
                else
                {
                    dimensions.Add(new ReducedDimension(size, step, kept));
                }
            }

            step *= size;
        }

        if (dimensions.Count == 0)
        {
            dimensions.Add(new ReducedDimension(1, 1, IsKept: true));
        }

        return dimensions;
    }
}
