using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Caching;

/// <summary>Reads the bytes of one example's input from a cache.</summary>
/// <param name="file">The cache.</param>
/// <param name="header">What the example is.</param>
/// <param name="start">Where the input begins in it.</param>
internal sealed class CachedBytes(CacheFile file, ExampleHeader header, long start) : IByteSource
{
    public void Read(int row, int column, int rows, int columns, Span<byte> target)
    {
        int channels = header.Channels, pitch = header.Width * channels, length = columns * channels;
        long place = start + ((long)row * pitch) + (column * channels);
        if (columns == header.Width)
        {
            file.Read(place, target);
            return;
        }

        // One read from the first pixel to the last costs less than one for each row.
        int all = ((rows - 1) * pitch) + length;
        byte[] scratch = ArrayPool<byte>.Shared.Rent(all);
        try
        {
            file.Read(place, scratch.AsSpan(0, all));
            for (int y = 0; y < rows; y++)
            {
                scratch.AsSpan(y * pitch, length).CopyTo(target[(y * length)..]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }
}

/// <summary>Reads the values of one plane of an example from a cache.</summary>
/// <param name="file">The cache.</param>
/// <param name="plane">What the plane is.</param>
/// <param name="start">Where it begins in the file.</param>
internal sealed class CachedPlaneValues(CacheFile file, CachedPlane plane, long start) : IPlaneSource
{
    private float[]? _table;

    public void ReadAll(Span<float> values) => Read(0, values);

    public void ReadPixels(int row, ReadOnlySpan<int> columns, Span<float> target)
    {
        int channels = plane.Channels, first = int.MaxValue, last = -1;
        foreach (int column in columns)
        {
            (first, last) = column < 0 ? (first, last) : (Math.Min(first, column), Math.Max(last, column));
        }

        if (last < 0)
        {
            return;
        }

        int length = (last - first + 1) * channels;
        float[] scratch = ArrayPool<float>.Shared.Rent(length);
        try
        {
            Span<float> read = scratch.AsSpan(0, length);
            Read(((row * plane.Width) + first) * channels, read);
            for (int x = 0; x < columns.Length; x++)
            {
                if (columns[x] >= 0)
                {
                    read.Slice((columns[x] - first) * channels, channels).CopyTo(target[(x * channels)..]);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    /// <summary>Reads values that lie one after the other.</summary>
    private void Read(int place, Span<float> values)
    {
        if (plane.TableLength == 0)
        {
            ReadFloats(start + ((long)place * sizeof(float)), values);
            return;
        }

        float[] table = _table ??= Table();
        byte[] codes = ArrayPool<byte>.Shared.Rent(values.Length);
        try
        {
            file.Read(start + (plane.TableLength * sizeof(float)) + place, codes.AsSpan(0, values.Length));
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = table[codes[i]];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(codes);
        }
    }

    /// <summary>The table in the length that every byte leads into.</summary>
    private float[] Table()
    {
        var table = new float[PlaneCode.MostValues];
        ReadFloats(start, table.AsSpan(0, plane.TableLength));
        return table;
    }

    private void ReadFloats(long place, Span<float> values)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(values);
        file.Read(place, bytes);
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<byte, int>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
