namespace AdaShare.Native.Data.Datasets;

/// <summary>A picture in host memory: height x width x channels, channels last, rows from the top.</summary>
public sealed class Plane
{
    /// <summary>Wraps values that are already in memory.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="channels">Values a pixel.</param>
    /// <param name="values">height * width * channels values.</param>
    public Plane(int height, int width, int channels, float[] values)
    {
        if (values.Length != (long)height * width * channels)
        {
            throw new ArgumentException($"plane: {height} x {width} x {channels} needs {(long)height * width * channels} values, got {values.Length}", nameof(values));
        }

        Height = height;
        Width = width;
        Channels = channels;
        Values = values;
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Values a pixel.</summary>
    public int Channels { get; }

    /// <summary>The values, row-major, channels last.</summary>
    public float[] Values { get; }

    /// <summary>The value of one channel of one pixel.</summary>
    public float this[int y, int x, int channel] => Values[(((long)y * Width) + x) * Channels + channel];
}
