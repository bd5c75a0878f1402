using System.Numerics;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Turns the packed rows of a PNG into values.</summary>
internal static class PngPixels
{
    /// <summary>Value number <paramref name="index"/> of a row whose values have 1, 2 or 4 bits, the first in the highest bits.</summary>
    public static int PackedSample(ReadOnlySpan<byte> row, int index, int bits)
    {
        int place = index * bits;
        return (row[place >> 3] >> (8 - bits - (place & 7))) & ((1 << bits) - 1);
    }

    /// <summary>The stored numbers without alpha.</summary>
    public static SampleImage ToSamples(PngHeader header, byte[] rows)
    {
        int channels = header.FileChannels >= 3 ? 3 : 1;
        var samples = new ushort[header.Width * header.Height * channels];
        if (header.BitDepth == 8 && header.FileChannels == channels)
        {
            Widen(rows, samples);
            return new(header.Width, header.Height, channels, header.BitDepth, samples);
        }

        int rowBytes = header.RowBytes(header.Width);
        int to = 0;
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = rows.AsSpan(y * rowBytes, rowBytes);
            for (int x = 0; x < header.Width; x++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    samples[to++] = Sample(row, (x * header.FileChannels) + channel, header.BitDepth);
                }
            }
        }

        return new(header.Width, header.Height, channels, header.BitDepth, samples);
    }

    /// <summary>The picture as 8-bit grey or R, G, B.</summary>
    /// <exception cref="DataException">A palette index has no colour.</exception>
    public static ByteImage ToBytes(PngChunks chunks, byte[] rows)
    {
        PngHeader header = chunks.Header;
        if (header is { BitDepth: 8, Color: PngColor.Grey or PngColor.Rgb })
        {
            return new(header.Width, header.Height, header.FileChannels, rows);
        }

        return header.Color == PngColor.Palette ? Colored(header, rows, chunks.Palette, chunks.Name) : Narrowed(header, rows);
    }

    /// <summary>Bytes as they are, in more bits.</summary>
    private static void Widen(ReadOnlySpan<byte> bytes, Span<ushort> samples)
    {
        int i = 0;
        for (; i <= samples.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(bytes[i..]), out Vector<ushort> low, out Vector<ushort> high);
            low.CopyTo(samples[i..]);
            high.CopyTo(samples[(i + Vector<ushort>.Count)..]);
        }

        for (; i < samples.Length; i++)
        {
            samples[i] = bytes[i];
        }
    }

    private static ushort Sample(ReadOnlySpan<byte> row, int index, int bits) => bits switch
    {
        8 => row[index],
        16 => (ushort)((row[2 * index] << 8) | row[(2 * index) + 1]),
        _ => (ushort)PackedSample(row, index, bits),
    };

    /// <summary>Any depth as 8 bits: round(v * 255 / (2^depth - 1)) (PNG 13.12).</summary>
    private static ByteImage Narrowed(PngHeader header, byte[] rows)
    {
        int channels = header.FileChannels >= 3 ? 3 : 1, largest = (1 << header.BitDepth) - 1, rowBytes = header.RowBytes(header.Width);
        var bytes = new byte[(long)header.Width * header.Height * channels];
        int to = 0;
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = rows.AsSpan(y * rowBytes, rowBytes);
            for (int x = 0; x < header.Width; x++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    int value = Sample(row, (x * header.FileChannels) + channel, header.BitDepth);
                    bytes[to++] = (byte)(((value * 255) + (largest / 2)) / largest);
                }
            }
        }

        return new(header.Width, header.Height, channels, bytes);
    }

    private static ByteImage Colored(PngHeader header, byte[] rows, byte[] palette, string name)
    {
        int rowBytes = header.RowBytes(header.Width);
        var bytes = new byte[(long)header.Width * header.Height * 3];
        int to = 0;
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = rows.AsSpan(y * rowBytes, rowBytes);
            for (int x = 0; x < header.Width; x++, to += 3)
            {
                int color = Sample(row, x, header.BitDepth);
                if (color * 3 >= palette.Length)
                {
                    throw new DataException(
                        $"{name}: corrupt PNG: pixel ({x}, {y}) has palette index {color}, the palette has {palette.Length / 3} colours; write the picture again");
                }

                palette.AsSpan(color * 3, 3).CopyTo(bytes.AsSpan(to));
            }
        }

        return new(header.Width, header.Height, 3, bytes);
    }
}
