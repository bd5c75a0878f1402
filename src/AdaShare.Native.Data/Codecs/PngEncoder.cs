using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Writes PNG files without interlacing: one chunk of pixels.</summary>
internal static class PngEncoder
{
    /// <summary>The bytes of a PNG file.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <param name="bitDepth">8 or 16.</param>
    /// <param name="pixels">The rows, values of 16 bits with the high byte first.</param>
    /// <param name="effort">How hard to pack.</param>
    public static byte[] Encode(int width, int height, int channels, int bitDepth, ReadOnlySpan<byte> pixels, PngEffort effort)
    {
        var header = new PngHeader(width, height, bitDepth, channels == 1 ? PngColor.Grey : PngColor.Rgb, false);
        using var file = new MemoryStream();
        file.Write(PngChunks.Signature);
        Span<byte> fields = stackalloc byte[PngHeader.Length];
        fields.Clear();
        BinaryPrimitives.WriteInt32BigEndian(fields, width);
        BinaryPrimitives.WriteInt32BigEndian(fields[4..], height);
        fields[8] = (byte)bitDepth;
        fields[9] = (byte)header.Color;
        WriteChunk(file, "IHDR", fields);
        WriteChunk(file, "IDAT", Pack(header, pixels, effort));
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static ReadOnlySpan<byte> Pack(PngHeader header, ReadOnlySpan<byte> pixels, PngEffort effort)
    {
        int rowBytes = header.RowBytes(header.Width);
        ReadOnlySpan<byte> above = new byte[rowBytes];
        var filtered = new byte[rowBytes + 1];
        var trial = new byte[rowBytes + 1];
        var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, effort == PngEffort.Fast ? CompressionLevel.Fastest : CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < header.Height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice(y * rowBytes, rowBytes);
                if (effort == PngEffort.Fast)
                {
                    row.CopyTo(filtered.AsSpan(1));
                }
                else
                {
                    Filter(row, above, header.FilterDistance, ref filtered, ref trial);
                }

                deflate.Write(filtered);
                above = row;
            }
        }

        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    /// <summary>The filter whose bytes, taken as signed, have the smallest sum of absolute values (PNG 12.7), with its number in front.</summary>
    private static void Filter(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int distance, ref byte[] best, ref byte[] trial)
    {
        long smallest = long.MaxValue;
        for (PngFilter filter = PngFilter.None; filter <= PngFilter.Paeth; filter++)
        {
            trial[0] = (byte)filter;
            PngFilters.Apply(filter, row, above, distance, trial.AsSpan(1));
            long sum = 0;
            foreach (byte value in trial.AsSpan(1))
            {
                sum += Math.Abs((int)(sbyte)value);
            }

            if (sum < smallest)
            {
                smallest = sum;
                (best, trial) = (trial, best);
            }
        }
    }

    private static void WriteChunk(MemoryStream file, string type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), PngCrc.Compute(chunk.AsSpan(4, data.Length + 4)));
        file.Write(chunk);
    }
}
