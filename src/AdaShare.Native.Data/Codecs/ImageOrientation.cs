namespace AdaShare.Native.Data.Codecs;

/// <summary>Turns stored rows as the camera was held: the orientations 1 … 8 of EXIF (CIPA DC-008, tag 0x0112).</summary>
public static class ImageOrientation
{
    /// <summary>A picture as a viewer shows it.</summary>
    /// <param name="image">The picture as stored.</param>
    /// <param name="orientation">1: as it is. 2: mirrored left and right. 3: half a turn. 4: mirrored up and down. 5: transposed. 6: a quarter clockwise. 7: transposed across
    /// the other diagonal. 8: a quarter counter-clockwise.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such orientation.</exception>
    public static ByteImage Apply(ByteImage image, int orientation)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(orientation, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(orientation, 8);
        if (orientation == 1)
        {
            return image;
        }

        bool transposed = orientation >= 5;
        (int width, int height) = transposed ? (image.Height, image.Width) : (image.Width, image.Height);
        bool fromRight = orientation is 2 or 3 or 7 or 8, fromBottom = orientation is 3 or 4 or 6 or 7;
        int channels = image.Channels;
        var pixels = new byte[image.Pixels.Length];
        for (int y = 0, to = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, to += channels)
            {
                (int column, int row) = transposed ? (y, x) : (x, y);
                column = fromRight ? image.Width - 1 - column : column;
                row = fromBottom ? image.Height - 1 - row : row;
                image.Pixels.AsSpan(((row * image.Width) + column) * channels, channels).CopyTo(pixels.AsSpan(to));
            }
        }

        return new(width, height, channels, pixels);
    }
}
