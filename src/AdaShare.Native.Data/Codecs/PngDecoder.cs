using System.IO.Compression;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Inflates and unfilters the pixels of a PNG, and puts interlaced ones in their places.</summary>
internal static class PngDecoder
{
    /// <summary>The seven passes of Adam7: first column and row, and the steps between columns and rows (PNG 8.2).</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>The rows of the whole picture, packed as in a file without interlacing, without filter bytes.</summary>
    /// <exception cref="DataException">The packed pixels are cut off or damaged.</exception>
    public static byte[] Decode(PngChunks chunks)
    {
        PngHeader header = chunks.Header;
        using Stream packed = chunks.OpenData();
        using var inflate = new ZLibStream(packed, CompressionMode.Decompress);
        try
        {
            byte[] pixels = header.Interlaced ? ReadInterlaced(inflate, chunks) : ReadRows(inflate, chunks, header.Width, header.Height);

            // The check sum is verified when the stream reaches its end; what lies behind the pixels is nothing to us.
            inflate.ReadByte();
            return pixels;
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"{chunks.Name}: corrupt PNG: the packed pixels are damaged ({error.Message.ReplaceLineEndings(" ")}); copy or download it again", error);
        }
    }

    private static byte[] ReadRows(ZLibStream inflate, PngChunks chunks, int width, int height)
    {
        PngHeader header = chunks.Header;
        int rowBytes = header.RowBytes(width);
        var pixels = new byte[(long)rowBytes * height];
        ReadOnlySpan<byte> above = new byte[rowBytes];
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = pixels.AsSpan(y * rowBytes, rowBytes);
            int filter = inflate.ReadByte();
            if (filter < 0 || inflate.ReadAtLeast(row, rowBytes, throwOnEndOfStream: false) < rowBytes)
            {
                throw new DataException($"{chunks.Name}: truncated PNG: the pixels end in row {y} of {height}; copy or download the file again");
            }

            if (filter > (int)PngFilter.Paeth)
            {
                throw new DataException($"{chunks.Name}: corrupt PNG: row {y} has filter {filter}; expected 0 to 4; copy or download the file again");
            }

            PngFilters.Undo((PngFilter)filter, row, above, header.FilterDistance);
            above = row;
        }

        return pixels;
    }

    private static byte[] ReadInterlaced(ZLibStream inflate, PngChunks chunks)
    {
        PngHeader header = chunks.Header;
        int bits = header.FileChannels * header.BitDepth;
        int rowBytes = header.RowBytes(header.Width);
        var pixels = new byte[(long)rowBytes * header.Height];
        foreach ((int x0, int y0, int stepX, int stepY) in Adam7)
        {
            int width = (header.Width - x0 + stepX - 1) / stepX;
            int height = (header.Height - y0 + stepY - 1) / stepY;

            // A pass without pixels has no rows in the file, not even filter bytes.
            if (width <= 0 || height <= 0)
            {
                continue;
            }

            byte[] pass = ReadRows(inflate, chunks, width, height);
            int passBytes = header.RowBytes(width);
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> from = pass.AsSpan(y * passBytes, passBytes);
                Span<byte> to = pixels.AsSpan((y0 + (y * stepY)) * rowBytes, rowBytes);
                for (int x = 0; x < width; x++)
                {
                    CopyPixel(from, x, to, x0 + (x * stepX), bits);
                }
            }
        }

        return pixels;
    }

    private static void CopyPixel(ReadOnlySpan<byte> from, int fromX, Span<byte> to, int toX, int bits)
    {
        if (bits >= 8)
        {
            int bytes = bits / 8;
            from.Slice(fromX * bytes, bytes).CopyTo(to[(toX * bytes)..]);
            return;
        }

        int value = PngPixels.PackedSample(from, fromX, bits);
        int place = toX * bits;
        to[place >> 3] |= (byte)(value << (8 - bits - (place & 7)));
    }
}
