using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Caching;

/// <summary>Makes the bytes of examples as a cache holds them.</summary>
/// <param name="labels">The labels of the data set; planes are written in their order.</param>
internal sealed class ExampleEncoder(IReadOnlyList<Label> labels)
{
    private readonly float[] _table = new float[PlaneCode.MostValues];
    private byte[] _codes = [];
    private byte[] _bytes = [];

    /// <summary>The bytes of an example; they are there until the next one is encoded.</summary>
    public ReadOnlySpan<byte> Encode(Sample sample)
    {
        var planes = new List<(CachedPlane Stated, float[] Values, float[] Table, byte[] Codes)>();
        for (int l = 0; l < labels.Count; l++)
        {
            if (sample.Labels.TryGetValue(labels[l], out Plane? plane))
            {
                planes.Add(Coded(l, plane));
            }
        }

        StoredInput input = sample.Input;
        var header = new ExampleHeader(input.Kind, input.Height, input.Width, input.ChannelCount, [.. planes.Select(static plane => plane.Stated)]);
        long length = header.TotalBytes;
        if (length > _bytes.Length)
        {
            _bytes = new byte[checked((int)length)];
        }

        Span<byte> target = _bytes.AsSpan(0, (int)length);
        target.Clear();
        header.Write(target);
        input.Bytes.CopyTo(target[(int)header.InputPlace..]);
        foreach (((CachedPlane _, long place), (CachedPlane stated, float[] values, float[] table, byte[] codes)) in header.Places().Zip(planes))
        {
            Span<byte> at = target[(int)place..];
            if (stated.TableLength == 0)
            {
                WriteFloats(values, at);
                continue;
            }

            WriteFloats(table, at);
            codes.CopyTo(at[(table.Length * sizeof(float))..]);
        }

        return target;
    }

    /// <summary>Writes numbers in the file's byte order, the least byte first.</summary>
    private static void WriteFloats(ReadOnlySpan<float> values, Span<byte> target)
    {
        MemoryMarshal.AsBytes(values).CopyTo(target);
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<byte, int>(target[..(values.Length * sizeof(float))]);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    private (CachedPlane Stated, float[] Values, float[] Table, byte[] Codes) Coded(int label, Plane plane)
    {
        float[] values = plane.Values;
        if (_codes.Length < values.Length)
        {
            _codes = new byte[values.Length];
        }

        int length = PlaneCode.Encode(values, _table, _codes);
        return (new(label, plane.Height, plane.Width, plane.Channels, length), values, _table[..length], length == 0 ? [] : _codes[..values.Length]);
    }
}
