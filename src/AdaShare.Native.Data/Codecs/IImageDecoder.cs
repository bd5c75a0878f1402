namespace AdaShare.Native.Data.Codecs;

/// <summary>Reads pictures of one format. PNG is built in; decoders of other formats stand on libraries that a host brings along.</summary>
/// <remarks>Implementations are safe to use from several threads at once, and bound memory and time by what the file holds before they unpack anything.</remarks>
public interface IImageDecoder
{
    /// <summary>The format's name for messages, for example <c>JPEG</c>.</summary>
    string Format { get; }

    /// <summary>Whether a file is of the format, by its first bytes (16 at most); the name of a file says nothing.</summary>
    bool Recognizes(ReadOnlySpan<byte> head);

    /// <summary>Reads a picture upright, as a viewer shows it.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">The name for messages.</param>
    /// <exception cref="Engine.Errors.DataException">The file is cut off, damaged or too large; the message names it.</exception>
    ByteImage Decode(byte[] file, string name);
}
