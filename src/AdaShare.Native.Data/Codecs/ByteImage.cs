namespace AdaShare.Native.Data.Codecs;

/// <summary>A picture of 8-bit values: grey or R, G, B, rows from the top, channels last.</summary>
public sealed class ByteImage
{
    /// <summary>Wraps values that are already in memory.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 for grey, 3 for R, G, B.</param>
    /// <param name="pixels">height * width * channels values.</param>
    /// <exception cref="ArgumentException">The sizes are out of range or do not fit the number of values.</exception>
    public ByteImage(int width, int height, int channels, byte[] pixels)
    {
        ImageSize.Check(width, height, channels, pixels.Length);
        Width = width;
        Height = height;
        Channels = channels;
        Pixels = pixels;
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Values a pixel: 1 (grey) or 3 (R, G, B).</summary>
    public int Channels { get; }

    /// <summary>The values 0 … 255, row-major from the top, channels last.</summary>
    public byte[] Pixels { get; }
}
