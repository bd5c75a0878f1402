using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>Surface normals as a picture stores them, R, G, B = (x, y, z), read as (z, y, x) where somebody asks for a pixel: a training step asks for one in sixty.</summary>
/// <param name="stored">The picture.</param>
/// <param name="decode">Whether normals are decoded to [-1, 1].</param>
/// <param name="officialMask">Whether normals without a direction count, as in the official code.</param>
internal sealed class StoredNormals(ByteImage stored, bool decode, bool officialMask) : IPlaneSource
{
    /// <summary>The value of ignored pixels, and the largest value of a stored normal that is ignored.</summary>
    private const int Ignored = 255;

    /// <summary>The squares of 0.5 and 1.5 in units of half a step of the stored bytes, between which a stored vector passes for a unit vector.</summary>
    private const int ShortestNormal = 255 * 255 / 4, LongestNormal = 255 * 255 * 9 / 4;

    private const int Channels = 3;
    private static readonly float[] Decoded = [.. Enumerable.Range(0, 256).Select(static value => (value / 127.5f) - 1f)];
    private static readonly float[] Raw = [.. Enumerable.Range(0, 256).Select(static value => (float)value)];

    public void ReadAll(Span<float> values)
    {
        for (int i = 0; i < values.Length; i += Channels)
        {
            Put(i, values.Slice(i, Channels));
        }
    }

    public void ReadPixels(int row, ReadOnlySpan<int> columns, Span<float> target)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            if (columns[x] >= 0)
            {
                Put(((row * stored.Width) + columns[x]) * Channels, target.Slice(x * Channels, Channels));
            }
        }
    }

    private void Put(int place, Span<float> pixel)
    {
        ReadOnlySpan<byte> vector = stored.Pixels.AsSpan(place, Channels);
        (byte x, byte y, byte z) = (vector[0], vector[1], vector[2]);
        bool ignored = decode && Math.Max(x, Math.Max(y, z)) == Ignored;
        if (ignored || (!officialMask && !IsDirection(x, y, z)))
        {
            pixel.Fill(Ignored);
            return;
        }

        float[] values = decode ? Decoded : Raw;
        (pixel[0], pixel[1], pixel[2]) = (values[z], values[y], values[x]);
    }

    /// <summary>Whether a stored pixel decodes to a vector of length 0.5 to 1.5: a normal has length 1, a grey border none, black 1.73.</summary>
    private static bool IsDirection(int x, int y, int z)
    {
        (x, y, z) = ((2 * x) - 255, (2 * y) - 255, (2 * z) - 255);
        return (x * x) + (y * y) + (z * z) is > ShortestNormal and <= LongestNormal;
    }
}
