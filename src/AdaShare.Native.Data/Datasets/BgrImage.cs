using System.Runtime.Intrinsics;
using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Data.Datasets;

/// <summary>A stored picture in host memory: height x width x 3 bytes in B, G, R order, channels last, rows from the top. It does not change.</summary>
public sealed class BgrImage : StoredInput
{
    /// <summary>Values a pixel.</summary>
    public const int Channels = 3;

    /// <summary>Wraps values that are already in memory; leave them as they are from then on.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="pixels">height * width * 3 values.</param>
    public BgrImage(int height, int width, byte[] pixels)
        : base(height, width, Channels, pixels)
    {
        if (height < 1 || width < 1 || pixels.Length != (long)height * width * Channels)
        {
            throw new ArgumentException($"image: {height} x {width} pixels of {Channels} bytes with {pixels.Length} bytes; give at least 1 x 1 pixels, and three bytes for each", nameof(pixels));
        }
    }

    internal BgrImage(int height, int width, IByteSource source)
        : base(height, width, Channels, source)
    {
    }

    /// <inheritdoc/>
    public override InputKind Kind => InputKind.Image;

    /// <summary>The values 0 … 255, row-major, channels last.</summary>
    public ReadOnlySpan<byte> Pixels => Bytes;

    /// <summary>The value of one channel of one pixel.</summary>
    public byte this[int y, int x, int channel] => Bytes[(((y * Width) + x) * Channels) + channel];

    /// <summary>The upper left part.</summary>
    /// <param name="height">Its rows; all where the image has fewer.</param>
    /// <param name="width">Its columns; all where the image has fewer.</param>
    public BgrImage Crop(int height, int width)
    {
        (int rows, int columns) = (Math.Min(height, Height), Math.Min(width, Width));
        byte[] pixels = new byte[rows * columns * Channels];
        for (int y = 0; y < rows; y++)
        {
            Pixels.Slice(y * Width * Channels, columns * Channels).CopyTo(pixels.AsSpan(y * columns * Channels));
        }

        return new(rows, columns, pixels);
    }

    /// <summary>A picture of a file: R, G, B turned round, a grey one three times.</summary>
    public static BgrImage Of(ByteImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] source = image.Pixels, pixels = GC.AllocateUninitializedArray<byte>(image.Height * image.Width * Channels);
        int step = image.Channels, blue = image.Channels - 1, green = blue / 2, first = step == Channels ? TurnPixels(source, pixels) : 0;
        for (int from = first, to = first; to < pixels.Length; from += step, to += Channels)
        {
            pixels[to] = source[from + blue];
            pixels[to + 1] = source[from + green];
            pixels[to + 2] = source[from];
        }

        return new(image.Height, image.Width, pixels);
    }

    /// <summary>Turns R, G, B round, five pixels at once.</summary>
    /// <returns>The first byte that is left to do.</returns>
    private static int TurnPixels(ReadOnlySpan<byte> source, Span<byte> target)
    {
        const int whole = 15;
        var order = Vector128.Create((byte)2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 15);
        int i = 0;
        for (; i <= target.Length - Vector128<byte>.Count; i += whole)
        {
            // The sixteenth byte is the next pixel's, and is written again with it.
            Vector128.Shuffle(Vector128.Create(source[i..]), order).CopyTo(target[i..]);
        }

        return i;
    }
}
