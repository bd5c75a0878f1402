namespace AdaShare.Native.Data.Datasets;

/// <summary>A picture in host memory: height x width x channels, channels last, rows from the top.</summary>
public sealed class Plane
{
    private readonly IPlaneSource? _source;
    private float[]? _values;

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
        _values = values;
    }

    /// <summary>Values that are read when somebody asks for them, and then only those pixels that a crop needs.</summary>
    internal Plane(int height, int width, int channels, IPlaneSource source) => (Height, Width, Channels, _source) = (height, width, channels, source);

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Values a pixel.</summary>
    public int Channels { get; }

    /// <summary>The values, row-major, channels last.</summary>
    /// <exception cref="Engine.Errors.DataException">They lie in a file that can't be read any more; the message names it.</exception>
    public float[] Values => _values ??= ReadAll();

    /// <summary>The value of one channel of one pixel.</summary>
    public float this[int y, int x, int channel] => Values[(((long)y * Width) + x) * Channels + channel];

    /// <summary>Copies some pixels of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="columns">The columns; where one is below 0, the target is left as it is.</param>
    /// <param name="target">columns x channels values.</param>
    /// <exception cref="Engine.Errors.DataException">They lie in a file that can't be read any more; the message names it.</exception>
    internal void CopyPixels(int row, ReadOnlySpan<int> columns, Span<float> target)
    {
        if (_values is null)
        {
            _source!.ReadPixels(row, columns, target);
            return;
        }

        ReadOnlySpan<float> source = _values.AsSpan(row * Width * Channels, Width * Channels);
        for (int x = 0; x < columns.Length; x++)
        {
            if (columns[x] >= 0)
            {
                source.Slice(columns[x] * Channels, Channels).CopyTo(target[(x * Channels)..]);
            }
        }
    }

    private float[] ReadAll()
    {
        var values = new float[Height * Width * Channels];
        _source!.ReadAll(values);
        return values;
    }
}

/// <summary>The values of a plane that lie elsewhere than in memory. Safe to read from several threads at once.</summary>
internal interface IPlaneSource
{
    /// <summary>Reads all values.</summary>
    /// <exception cref="Engine.Errors.DataException">They can't be read; the message names the file.</exception>
    void ReadAll(Span<float> values);

    /// <summary>As <see cref="Plane.CopyPixels"/>.</summary>
    void ReadPixels(int row, ReadOnlySpan<int> columns, Span<float> target);
}
