using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Loading;

/// <summary>A training batch in host memory. It is lent by the loader: dispose it to let its buffers serve a later batch.</summary>
public sealed class Batch : IDisposable
{
    private readonly Action<Batch> _return;
    private int _lent;

    internal Batch(BatchShape shape, IReadOnlyList<LabelKind> labels, ImageRoom room, Action<Batch> returnToPool)
    {
        Shape = shape;
        _return = returnToPool;
        Images = new BatchImages(shape.Count, room);
        int pixels = shape.Count * shape.TargetHeight * shape.TargetWidth;
        Targets = labels.ToDictionary(static kind => kind, kind => new Target(kind, pixels));
    }

    /// <summary>The sizes.</summary>
    public BatchShape Shape { get; }

    /// <summary>The step for which the batch was made, from 0.</summary>
    public long Step { get; internal set; }

    /// <summary>The images as they are stored, with the windows that make the network's input of them.</summary>
    public BatchImages Images { get; }

    /// <summary>The targets of each kind of label, at the size of predictions.</summary>
    public IReadOnlyDictionary<LabelKind, Target> Targets { get; }

    /// <summary>Gives the buffers back to the loader. To do so again does nothing, until the loader lends the batch anew.</summary>
    public void Dispose()
    {
        // Buffers given back twice would be lent to two users at once.
        if (Interlocked.Exchange(ref _lent, 0) == 1)
        {
            _return(this);
        }
    }

    /// <summary>Marks the batch as lent, so that it can be given back once.</summary>
    internal void Lend() => Volatile.Write(ref _lent, 1);
}

/// <summary>The sizes of a batch.</summary>
/// <param name="Count">Images.</param>
/// <param name="Height">Rows of the network's input.</param>
/// <param name="Width">Columns of the network's input.</param>
/// <param name="TargetHeight">Rows of a prediction.</param>
/// <param name="TargetWidth">Columns of a prediction.</param>
public sealed record BatchShape(int Count, int Height, int Width, int TargetHeight, int TargetWidth);

/// <summary>The targets of one kind of label for a batch.</summary>
public sealed class Target
{
    internal Target(LabelKind kind, int pixels)
    {
        Kind = kind;
        if (kind == LabelKind.Segmentation)
        {
            Classes = new int[pixels];
            Values = [];
        }
        else
        {
            Classes = [];
            Values = new float[pixels * (kind == LabelKind.SurfaceNormals ? 3 : 1)];
        }

        Mask = new byte[pixels];
    }

    /// <summary>The kind of label.</summary>
    public LabelKind Kind { get; }

    /// <summary>For segmentation: [N, h, w] class indices, 255 where ignored; otherwise empty.</summary>
    public int[] Classes { get; }

    /// <summary>For the other labels: [N, h, w, channels]; otherwise empty.</summary>
    public float[] Values { get; }

    /// <summary>[N, h, w]: 1 where the pixel counts, else 0.</summary>
    public byte[] Mask { get; }

    /// <summary>A copy of the targets of one image.</summary>
    /// <param name="index">The image, from 0.</param>
    /// <param name="images">The number of images, N.</param>
    public Target OfImage(int index, int images)
    {
        int pixels = Mask.Length / images;
        var own = new Target(Kind, pixels);
        Part(Mask, own.Mask, index);
        Part(Classes, own.Classes, index);
        Part(Values, own.Values, index);
        return own;
    }

    private static void Part<T>(T[] all, T[] own, int index) => Array.Copy(all, index * own.Length, own, 0, own.Length);
}
