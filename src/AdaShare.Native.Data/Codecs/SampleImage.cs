namespace AdaShare.Native.Data.Codecs;

/// <summary>
/// A picture of whole numbers as a file stores them, at the file's own depth: one channel of grey levels or palette indices, or R, G, B. Rows
/// from the top, channels last.
/// </summary>
public sealed class SampleImage
{
    /// <summary>Wraps values that are already in memory.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="bitDepth">The bits of each value: 1, 2, 4, 8 or 16.</param>
    /// <param name="samples">height * width * channels values.</param>
    /// <exception cref="ArgumentException">The sizes are out of range or do not fit the number of values.</exception>
    public SampleImage(int width, int height, int channels, int bitDepth, ushort[] samples)
    {
        ImageSize.Check(width, height, channels, samples.Length);
        if (bitDepth is not (1 or 2 or 4 or 8 or 16))
        {
            throw new ArgumentException($"image: {bitDepth} bits a value; give 1, 2, 4, 8 or 16", nameof(bitDepth));
        }

        Width = width;
        Height = height;
        Channels = channels;
        BitDepth = bitDepth;
        Samples = samples;
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Values a pixel: 1 or 3.</summary>
    public int Channels { get; }

    /// <summary>The bits of each value: 1, 2, 4, 8 or 16.</summary>
    public int BitDepth { get; }

    /// <summary>The values 0 … 2^<see cref="BitDepth"/> - 1, row-major from the top, channels last.</summary>
    public ushort[] Samples { get; }
}

/// <summary>What every picture in memory keeps to.</summary>
internal static class ImageSize
{
    public static void Check(int width, int height, int channels, int values)
    {
        if (width < 1 || height < 1 || channels is not (1 or 3) || values != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"image: {width} x {height} pixels of {channels} channels with {values} values; give at least 1 x 1 pixels of 1 or 3 channels, and a value for each");
        }
    }
}
