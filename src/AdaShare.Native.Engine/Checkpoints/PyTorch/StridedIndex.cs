namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>The places of a tensor's elements in its storage, row by row.</summary>
/// <param name="shape">The shape.</param>
/// <param name="strides">The distance of neighbours in each dimension.</param>
internal sealed class StridedIndex(long[] shape, long[] strides)
{
    private readonly long[] _at = new long[shape.Length];
    private long _place;

    /// <summary>The number of elements of a shape; null where a size is negative or there are more than an array holds.</summary>
    public static long? Count(IEnumerable<long> shape)
    {
        long count = 1;
        bool empty = false;
        foreach (long size in shape)
        {
            empty |= size == 0;
            if (size < 0 || (size > 0 && count > Array.MaxLength / size))
            {
                return null;
            }

            count *= Math.Max(1, size);
        }

        return empty ? 0 : count;
    }

    /// <summary>The place of the next element, from 0.</summary>
    public long Next()
    {
        long place = _place;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            _place += strides[d];
            if (++_at[d] < shape[d])
            {
                return place;
            }

            _place -= shape[d] * strides[d];
            _at[d] = 0;
        }

        return place;
    }
}
