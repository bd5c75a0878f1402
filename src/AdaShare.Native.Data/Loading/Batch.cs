using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Loading;

/// <summary>A training batch in host memory. It is lent by the loader: dispose it to let its buffers serve a later batch.</summary>
public sealed class Batch : IDisposable
{
    private readonly Action<Batch> _return;
    private int _lent;

    internal Batch(BatchShape shape, IReadOnlyList<Label> labels, ImageRoom room, Action<Batch> returnToPool)
    {
        Shape = shape;
        _return = returnToPool;
        Images = new BatchImages(shape.Count, room);
        int pixels = shape.Count * shape.TargetHeight * shape.TargetWidth;
        Targets = labels.ToDictionary(static label => label, label => new Target(label, label.IsOfImage ? shape.Count : pixels));
    }

    /// <summary>The sizes.</summary>
    public BatchShape Shape { get; }

    /// <summary>The step for which the batch was made, from 0.</summary>
    public long Step { get; internal set; }

    /// <summary>The images as they are stored, with the windows that make the network's input of them.</summary>
    public BatchImages Images { get; }

    /// <summary>The targets of each label: of pixels at the size of predictions, of images one for each.</summary>
    public IReadOnlyDictionary<Label, Target> Targets { get; }

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
