namespace AdaShare.Native.Data.Codecs;

/// <summary>A decoder that can unpack a part of a picture and leave out what lies beside it: a training step needs less than half of most pictures. The values are those of the whole picture, to the bit.</summary>
public interface IPartDecoder : IImageDecoder
{
    /// <summary>The size of a picture whose parts can be unpacked; null where it has to be unpacked whole.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">The name for messages.</param>
    /// <exception cref="Engine.Errors.DataException">The file is cut off, damaged or too large; the message names it.</exception>
    (int Height, int Width)? SizeOf(byte[] file, string name);

    /// <summary>Unpacks a rectangle as R, G, B.</summary>
    /// <param name="file">The whole file, of which <see cref="SizeOf"/> has said a size.</param>
    /// <param name="name">The name for messages.</param>
    /// <param name="row">The rectangle's first row.</param>
    /// <param name="column">Its first column.</param>
    /// <param name="rows">How many rows, at least 1.</param>
    /// <param name="columns">How many columns, at least 1.</param>
    /// <exception cref="Engine.Errors.DataException">The file is damaged; the message names it.</exception>
    ByteImage DecodePart(byte[] file, string name, int row, int column, int rows, int columns);
}
