using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Data.Loading;

/// <summary>
/// The images of a batch as they cross to the device: stored bytes, of each image the part that its window reads, and the windows. <see cref="ImageOps"/> makes the network's input of them.
/// </summary>
public sealed class BatchImages
{
    private readonly ImageRoom _room;
    private readonly ImagePart[] _parts;
    private readonly CropWindow[] _windows;
    private byte[] _pixels = [];
    private int _used;

    internal BatchImages(int count, ImageRoom room)
    {
        _room = room;
        _parts = new ImagePart[count];
        _windows = new CropWindow[count];
    }

    /// <summary>The bytes of the parts, one part after the other: B, G, R, or of texts the numbers of their characters.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels.AsSpan(0, _used);

    /// <summary>The most bytes that batches like this one have held so far: a tensor of so many has one shape in all steps.</summary>
    public int Room => _pixels.Length;

    /// <summary>Whether they are pictures or texts.</summary>
    public InputKind Kind { get; private set; }

    /// <summary>Where <see cref="Pixels"/> hold which part of each image.</summary>
    public ReadOnlySpan<ImagePart> Parts => _parts;

    /// <summary>The window of each image.</summary>
    public ReadOnlySpan<CropWindow> Windows => _windows;

    /// <summary>Takes the part of an image that a crop reads.</summary>
    /// <param name="index">Which image of the batch: 0 begins anew, the others follow in order.</param>
    /// <param name="sample">Whose image.</param>
    /// <param name="window">The window.</param>
    /// <param name="shape">The crop's size.</param>
    /// <param name="widest">The most rows and columns that windows like this one read: room is made for these.</param>
    /// <exception cref="DataException">The batch is larger than a buffer can be.</exception>
    internal void Put(int index, Sample sample, in CropWindow window, BatchShape shape, (int Rows, int Columns) widest)
    {
        StoredInput image = sample.Input;
        Kind = image.Kind;
        (int row, int rows) = window.Rows.Reads(shape.Height);
        (int column, int columns) = window.Columns.Reads(shape.Width);
        MakeRoom(sample, Math.Max(rows, widest.Rows), Math.Max(columns, widest.Columns));
        int start = index == 0 ? 0 : _used, length = rows * columns * image.ChannelCount;
        image.CopyPart(row, column, rows, columns, _pixels.AsSpan(start, length));
        _used = start + length;
        (_parts[index], _windows[index]) = (new(start, row, column, rows, columns), window);
    }

    private void MakeRoom(Sample sample, int rows, int columns)
    {
        long bytes = (long)rows * columns * sample.Input.ChannelCount * _parts.Length;
        if (bytes > Array.MaxLength)
        {
            throw new DataException(
                $"{sample.Id}: of an image of {sample.Input.Height}x{sample.Input.Width} a crop reads up to {rows}x{columns}; {_parts.Length} of these are more than the {Array.MaxLength} " +
                "bytes of one buffer; take a smaller batch or smaller images");
        }

        int room = _room.Make((int)bytes);
        if (room != _pixels.Length)
        {
            Array.Resize(ref _pixels, room);
        }
    }
}

/// <summary>How many bytes the batches of a loader have room for. It only grows, so that a device can repeat a step as it was recorded.</summary>
internal sealed class ImageRoom
{
    private readonly Lock _gate = new();
    private int _bytes;

    /// <summary>
    /// Makes sure that there is room for so many bytes: exactly that for the first image, a quarter more where images turn out to differ, lest each new size makes another step.
    /// </summary>
    public int Make(int bytes)
    {
        lock (_gate)
        {
            _bytes = bytes <= _bytes ? _bytes : (int)Math.Min(Array.MaxLength, Math.Max(bytes, _bytes * 1.25));
            return _bytes;
        }
    }
}
