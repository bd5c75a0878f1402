using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Inflates and unfilters the pixels of a PNG, and puts interlaced ones in their places.</summary>
/// <remarks>Memory grows with the pixels that have come, so that a header alone can't ask for it.</remarks>
internal static class PngDecoder
{
    /// <summary>The memory that pixels begin with; doubled while they come.</summary>
    private const int FirstBytes = 1 << 20;

    /// <summary>The seven passes of Adam7: first column and row, and the steps between columns and rows (PNG 8.2).</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>The rows of the whole picture, packed as in a file without interlacing, without filter bytes.</summary>
    /// <exception cref="DataException">The packed pixels are cut off or damaged.</exception>
    public static byte[] Decode(PngChunks chunks)
    {
        PngHeader header = chunks.Header;
        Pass[] passes = header.Interlaced ? Passes(header) : [new(header.Width, header.Height, header.RowBytes(header.Width))];
        using var inflater = new PngInflater(chunks.Data, passes.Sum(static pass => (long)pass.Height * (pass.RowBytes + 1)), chunks.Name);
        byte[][] pixels = Array.ConvertAll(passes, pass => ReadRows(inflater, chunks, pass));
        inflater.RequireEnd();
        return header.Interlaced ? Deinterlaced(header, passes, pixels) : pixels[0];
    }

    private static Pass[] Passes(PngHeader header) => Array.ConvertAll(Adam7, place =>
    {
        int width = (header.Width - place.X + place.StepX - 1) / place.StepX;
        int height = (header.Height - place.Y + place.StepY - 1) / place.StepY;

        // A pass without pixels has no rows in the file, not even filter bytes.
        return width > 0 && height > 0 ? new Pass(width, height, header.RowBytes(width)) : default;
    });

    private static byte[] ReadRows(PngInflater inflater, PngChunks chunks, Pass pass)
    {
        long all = (long)pass.RowBytes * pass.Height;

        // Every byte is written before it is read, or the picture is refused.
        byte[] pixels = GC.AllocateUninitializedArray<byte>((int)Math.Min(all, Math.Max(FirstBytes, pass.RowBytes)));
        ReadOnlySpan<byte> above = new byte[pass.RowBytes];
        Span<byte> filter = stackalloc byte[1];
        for (int y = 0, place = 0; y < pass.Height; y++, place += pass.RowBytes)
        {
            if (place + pass.RowBytes > pixels.Length)
            {
                int used = place;
                Array.Resize(ref pixels, (int)Math.Min(all, Math.Max(2L * pixels.Length, place + pass.RowBytes)));
                above = pixels.AsSpan(used - pass.RowBytes, pass.RowBytes);
            }

            Span<byte> row = pixels.AsSpan(place, pass.RowBytes);
            if (inflater.Read(filter) < 1 || inflater.Read(row) < row.Length)
            {
                throw new DataException($"{chunks.Name}: truncated PNG: the pixels end in row {y} of {pass.Height}; copy or download the file again");
            }

            if (filter[0] > (int)PngFilter.Paeth)
            {
                throw new DataException($"{chunks.Name}: corrupt PNG: row {y} has filter {filter[0]}; expected 0 to 4; copy or download the file again");
            }

            PngFilters.Undo((PngFilter)filter[0], row, above, chunks.Header.FilterDistance);
            above = row;
        }

        return pixels;
    }

    private static byte[] Deinterlaced(PngHeader header, Pass[] passes, byte[][] parts)
    {
        int bits = header.FileChannels * header.BitDepth;
        int rowBytes = header.RowBytes(header.Width);
        var pixels = new byte[(long)rowBytes * header.Height];
        for (int number = 0; number < passes.Length; number++)
        {
            Pass pass = passes[number];
            (int x0, int y0, int stepX, int stepY) = Adam7[number];
            for (int y = 0; y < pass.Height; y++)
            {
                ReadOnlySpan<byte> from = parts[number].AsSpan(y * pass.RowBytes, pass.RowBytes);
                Span<byte> to = pixels.AsSpan((y0 + (y * stepY)) * rowBytes, rowBytes);
                for (int x = 0; x < pass.Width; x++)
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

    /// <summary>The size of a pass in pixels, and of its rows in bytes; all 0 where it has no pixels.</summary>
    private readonly record struct Pass(int Width, int Height, int RowBytes);
}
