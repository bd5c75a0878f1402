namespace AdaShare.Native.Data.Datasets;

/// <summary>What a network reads of an example, as it is stored: height x width x channels bytes in host memory, channels last. It does not change.</summary>
public abstract class StoredInput
{
    private readonly IByteSource? _source;
    private byte[]? _bytes;

    /// <summary>Wraps values that are already in memory; leave them as they are from then on.</summary>
    private protected StoredInput(int height, int width, int channels, byte[] bytes) => (Height, Width, ChannelCount, _bytes) = (height, width, channels, bytes);

    /// <summary>Values that are read when somebody asks for them, and then only those rows that a crop needs.</summary>
    private protected StoredInput(int height, int width, int channels, IByteSource source) => (Height, Width, ChannelCount, _source) = (height, width, channels, source);

    /// <summary>Whether it is a picture or a text.</summary>
    public abstract InputKind Kind { get; }

    /// <summary>Rows; 1 of a text.</summary>
    public int Height { get; }

    /// <summary>Columns; of a text its characters.</summary>
    public int Width { get; }

    /// <summary>Bytes a pixel or character.</summary>
    public int ChannelCount { get; }

    /// <summary>The values, row-major, channels last.</summary>
    /// <exception cref="Engine.Errors.DataException">They lie in a file that can't be read any more; the message names it.</exception>
    public ReadOnlySpan<byte> Bytes => _bytes ??= ReadAll();

    /// <summary>Copies a rectangle, row after row without gaps.</summary>
    /// <param name="row">Its first row.</param>
    /// <param name="column">Its first column.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="target">rows * columns * channels values.</param>
    /// <exception cref="Engine.Errors.DataException">They lie in a file that can't be read any more; the message names it.</exception>
    internal void CopyPart(int row, int column, int rows, int columns, Span<byte> target)
    {
        if (_bytes is null)
        {
            _source!.Read(row, column, rows, columns, target[..(rows * columns * ChannelCount)]);
            return;
        }

        int length = columns * ChannelCount;
        for (int y = 0; y < rows; y++)
        {
            _bytes.AsSpan((((row + y) * Width) + column) * ChannelCount, length).CopyTo(target[(y * length)..]);
        }
    }

    private byte[] ReadAll()
    {
        var bytes = new byte[Height * Width * ChannelCount];
        _source!.Read(0, 0, Height, Width, bytes);
        return bytes;
    }
}

/// <summary>Values of an input that lie elsewhere than in memory, or are packed. Safe to read from several threads at once.</summary>
internal interface IByteSource
{
    /// <summary>Reads a rectangle, row after row without gaps.</summary>
    /// <param name="row">Its first row.</param>
    /// <param name="column">Its first column.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="target">rows * columns * channels values.</param>
    /// <exception cref="Engine.Errors.DataException">They can't be read; the message names the file.</exception>
    void Read(int row, int column, int rows, int columns, Span<byte> target);
}
