namespace AdaShare.Native.Data.Datasets;

/// <summary>What a network reads of an example, as it is stored: height x width x channels bytes in host memory, channels last. It does not change.</summary>
public abstract class StoredInput
{
    private readonly byte[] _bytes;

    /// <summary>Wraps values that are already in memory; leave them as they are from then on.</summary>
    private protected StoredInput(int height, int width, int channels, byte[] bytes) => (Height, Width, ChannelCount, _bytes) = (height, width, channels, bytes);

    /// <summary>Whether it is a picture or a text.</summary>
    public abstract InputKind Kind { get; }

    /// <summary>Rows; 1 of a text.</summary>
    public int Height { get; }

    /// <summary>Columns; of a text its characters.</summary>
    public int Width { get; }

    /// <summary>Bytes a pixel or character.</summary>
    public int ChannelCount { get; }

    /// <summary>The values, row-major, channels last.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;
}
