using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Reads pictures of every format that it has a decoder for, told apart by their first bytes. PNG needs none.</summary>
/// <param name="decoders">The decoders of other formats.</param>
public sealed class ImageReader(params IReadOnlyList<IImageDecoder> decoders)
{
    private const int HeadBytes = 16;

    /// <summary>The names of the formats, for messages.</summary>
    public IReadOnlyList<string> Formats { get; } = ["PNG", .. decoders.Select(static decoder => decoder.Format)];

    /// <summary>Reads a picture as 8-bit grey or R, G, B.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file is missing, damaged, too large, or of another format; the message names it.</exception>
    public ByteImage Read(string path)
    {
        byte[] file = CodecFile.Read(path);
        if (file.Length == 0)
        {
            throw new DataException($"{path}: is empty, a file of 0 bytes; copy or download it again");
        }

        byte[] head = file[..Math.Min(file.Length, HeadBytes)];
        if (head.AsSpan().StartsWith(PngChunks.Signature))
        {
            return Png.Decode(file, path);
        }

        IImageDecoder? decoder = decoders.FirstOrDefault(decoder => decoder.Recognizes(head));
        return decoder is not null
            ? decoder.Decode(file, path)
            : throw new DataException($"{path}: begins with '{Convert.ToHexString(head)}', which is no picture of a known format; give a file of {string.Join(" or ", Formats)}");
    }

    /// <summary>A picture that is unpacked when and as far as somebody asks for it; null where it has to be unpacked whole, which <see cref="Read"/> does.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">As <see cref="Read"/>.</exception>
    internal (IPartDecoder Decoder, byte[] File, int Height, int Width)? Open(string path)
    {
        if (!decoders.Any(static decoder => decoder is IPartDecoder))
        {
            return null;
        }

        byte[] head;
        using (FileStream stream = CodecFile.Open(path))
        {
            head = CodecFile.ReadUpTo(stream, path, HeadBytes);
        }

        if (decoders.FirstOrDefault(decoder => decoder.Recognizes(head)) is not IPartDecoder found)
        {
            return null;
        }

        byte[] file = CodecFile.Read(path);
        return found.SizeOf(file, path) is var (height, width) ? (found, file, height, width) : null;
    }
}
