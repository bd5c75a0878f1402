using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Data.Datasets;

/// <summary>A picture as its file has it, unpacked as far as somebody asks.</summary>
/// <param name="decoder">Unpacks it.</param>
/// <param name="file">The file.</param>
/// <param name="path">Its name for messages.</param>
internal sealed class PackedPicture(IPartDecoder decoder, byte[] file, string path) : IByteSource
{
    /// <summary>Reads a picture, or of one that can be unpacked in parts its file.</summary>
    /// <param name="images">What reads pictures.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="Engine.Errors.DataException">The file is missing, damaged, too large, or of an unknown format; the message names it.</exception>
    public static BgrImage Read(ImageReader images, string path) => images.Open(path) is var (decoder, file, height, width)
        ? new(height, width, new PackedPicture(decoder, file, path))
        : BgrImage.Of(images.Read(path));

    public void Read(int row, int column, int rows, int columns, Span<byte> target) =>
        BgrImage.Of(decoder.DecodePart(file, path, row, column, rows, columns)).Pixels.CopyTo(target);
}
