using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Pictures;

/// <summary>A colour picture: 8 bits a channel, R, G, B, rows from the top.</summary>
public sealed class Picture
{
    /// <summary>A black picture.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    public Picture(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (Height, Width, Pixels) = (height, width, new byte[checked(height * width * 3)]);
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>height * width * 3 values, row-major.</summary>
    public byte[] Pixels { get; }

    /// <summary>The colour of a pixel.</summary>
    public Colour this[int y, int x]
    {
        get
        {
            int at = ((y * Width) + x) * 3;
            return new Colour(Pixels[at], Pixels[at + 1], Pixels[at + 2]);
        }

        set
        {
            int at = ((y * Width) + x) * 3;
            (Pixels[at], Pixels[at + 1], Pixels[at + 2]) = (value.R, value.G, value.B);
        }
    }

    /// <summary>A picture of a camera's image.</summary>
    public static Picture Of(BgrImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Of(image.Height, image.Width, (y, x) => Colour.Of(image[y, x, 2] / 255f, image[y, x, 1] / 255f, image[y, x, 0] / 255f));
    }

    /// <summary>A picture of a plane's size.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="colour">The colour of a row and column.</param>
    public static Picture Of(Plane plane, Func<int, int, Colour> colour)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return Of(plane.Height, plane.Width, colour);
    }

    /// <summary>The picture at another size, each pixel the nearest one (index floor(i * old / new), as the metrics resize predictions).</summary>
    public Picture Resize(int height, int width)
    {
        var resized = new Picture(height, width);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                resized[y, x] = this[(int)((long)y * Height / height), (int)((long)x * Width / width)];
            }
        }

        return resized;
    }

    /// <summary>Pictures side by side, all at the first one's size, with vertical lines between them.</summary>
    /// <param name="pictures">At least one.</param>
    /// <param name="gap">The lines' width in pixels.</param>
    /// <param name="line">The lines' colour.</param>
    public static Picture Row(IReadOnlyList<Picture> pictures, int gap, Colour line)
    {
        int height = pictures[0].Height, width = pictures[0].Width;
        var row = new Picture(height, (pictures.Count * width) + ((pictures.Count - 1) * gap));
        for (int i = 0; i < pictures.Count; i++)
        {
            Picture picture = pictures[i].Height == height && pictures[i].Width == width ? pictures[i] : pictures[i].Resize(height, width);
            int left = i * (width + gap);
            for (int y = 0; y < height; y++)
            {
                picture.Pixels.AsSpan(y * width * 3, width * 3).CopyTo(row.Pixels.AsSpan(((y * row.Width) + left) * 3));
                for (int x = left - gap; i > 0 && x < left; x++)
                {
                    row[y, x] = line;
                }
            }
        }

        return row;
    }

    private static Picture Of(int height, int width, Func<int, int, Colour> colour)
    {
        var picture = new Picture(height, width);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                picture[y, x] = colour(y, x);
            }
        }

        return picture;
    }
}
