using System.Buffers.Binary;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The colour types of PNG, by their numbers in the file.</summary>
internal enum PngColor
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// <summary>What chunk IHDR says.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="BitDepth">Bits of each value.</param>
/// <param name="Color">The colour type.</param>
/// <param name="Interlaced">True for Adam7.</param>
internal sealed record PngHeader(int Width, int Height, int BitDepth, PngColor Color, bool Interlaced)
{
    public const int Length = 13;

    /// <summary>No picture of a training set is near it: a larger one is taken for damage before memory is asked for.</summary>
    public const long MaxPixels = 1L << 27;

    /// <summary>The longest side, that of JPEG too: a picture of millions of rows costs time for each of them.</summary>
    public const int MaxSide = 65_535;

    /// <summary>Values a pixel in the file, alpha and palette indices included.</summary>
    public int FileChannels => Color switch
    {
        PngColor.Rgb => 3,
        PngColor.GreyAlpha => 2,
        PngColor.Rgba => 4,
        _ => 1,
    };

    /// <summary>The distance in bytes to the pixel on the left that row filters see: at least 1.</summary>
    public int FilterDistance => Math.Max(1, FileChannels * BitDepth / 8);

    /// <summary>The bytes of a row of so many pixels, without its filter byte.</summary>
    public int RowBytes(int width) => checked((int)((((long)width * FileChannels * BitDepth) + 7) / 8));

    /// <exception cref="DataException">A field has a value that PNG does not know.</exception>
    public static PngHeader Parse(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length != Length)
        {
            throw Bad(name, $"chunk IHDR has {data.Length} bytes instead of {Length}");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        (int depth, int color) = (data[8], data[9]);
        bool known = color switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!known)
        {
            throw Bad(name, $"colour type {color} with {depth} bits is no PNG format");
        }

        if (data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw Bad(name, $"compression {data[10]}, filter {data[11]}, interlace {data[12]} are not the known 0, 0, 0 or 1");
        }

        if (width == 0 || height == 0)
        {
            throw Bad(name, $"{width} x {height} pixels, which is no picture");
        }

        if (width > MaxSide || height > MaxSide || (long)width * height > MaxPixels)
        {
            throw new DataException($"{name}: PNG of {width} x {height} pixels; expected sides of at most {MaxSide} and at most {MaxPixels} pixels; make it smaller");
        }

        return new((int)width, (int)height, depth, (PngColor)color, data[12] == 1);
    }

    private static DataException Bad(string name, string cause) => new($"{name}: PNG header: {cause}; write the picture again as a common PNG");
}
