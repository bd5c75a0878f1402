namespace AdaShare.Native.Data.Codecs;

/// <summary>The data of a PNG's IDAT chunks, one after the other, where they lie in the file.</summary>
/// <param name="file">The file.</param>
/// <param name="parts">The chunks' data.</param>
internal sealed class PngData(byte[] file, IReadOnlyList<(int Start, int Length)> parts)
{
    /// <summary>The bytes of all chunks.</summary>
    public int Length { get; } = parts.Sum(static part => part.Length);

    /// <summary>One byte.</summary>
    public byte At(int place)
    {
        foreach ((int start, int length) in parts)
        {
            if (place < length)
            {
                return file[start + place];
            }

            place -= length;
        }

        throw new ArgumentOutOfRangeException(nameof(place));
    }

    /// <summary>A part of the bytes as a stream.</summary>
    public Stream Open(int start, int length)
    {
        if (parts.Count == 1)
        {
            return new MemoryStream(file, parts[0].Start + start, length, writable: false);
        }

        var all = new byte[Length];
        int to = 0;
        foreach ((int from, int count) in parts)
        {
            file.AsSpan(from, count).CopyTo(all.AsSpan(to));
            to += count;
        }

        return new MemoryStream(all, start, length, writable: false);
    }
}
