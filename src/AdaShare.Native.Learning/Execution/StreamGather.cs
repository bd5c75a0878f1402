using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Execution;

/// <summary>Where a stream's activations lie: one of the equal parts of a batch along N.</summary>
/// <param name="Batch">[S * N, h, w, C].</param>
/// <param name="Index">Which of the S parts, from 0.</param>
internal readonly record struct StreamSlot(Tensor Batch, int Index)
{
    /// <summary>The slots of a batch that holds so many streams.</summary>
    public static StreamSlot[] All(Tensor batch, int streams) => [.. Enumerable.Range(0, streams).Select(i => new StreamSlot(batch, i))];
}

/// <summary>
/// Brings streams together as one batch along N. A batch that lies in memory as it is wanted is used as it is; others are copied once and kept until the gatherer is disposed.
/// </summary>
/// <param name="step">The step that owns the copies.</param>
/// <param name="images">The images of one stream, N.</param>
internal sealed class StreamGather(Step step, int images) : IDisposable
{
    private readonly List<(StreamSlot[] Slots, Tensor Batch)> _copies = [];

    /// <summary>Streams as one batch, in the order given.</summary>
    public Tensor Of(params StreamSlot[] slots)
    {
        if (IsWhole(slots))
        {
            return slots[0].Batch;
        }

        foreach ((StreamSlot[] known, Tensor batch) in _copies)
        {
            if (known.AsSpan().SequenceEqual(slots))
            {
                return batch;
            }
        }

        Tensor copy = Copy(slots);
        _copies.Add((slots, copy));
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor batch) in _copies)
        {
            step.Release(batch);
        }

        _copies.Clear();
    }

    private Tensor Copy(StreamSlot[] slots)
    {
        StreamSlot[][] runs = [.. Runs(slots)];
        Tensor[] parts = [.. runs.Select(run => IsWhole(run) ? run[0].Batch : step.Narrow(run[0].Batch, run[0].Index * images, run.Length * images))];
        if (parts.Length == 1)
        {
            return parts[0];
        }

        Tensor joined = step.Concat(parts, 0);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] != runs[i][0].Batch)
            {
                step.Release(parts[i]);
            }
        }

        return joined;
    }

    /// <summary>Cuts a list of streams where they do not follow one another in memory.</summary>
    private static IEnumerable<StreamSlot[]> Runs(StreamSlot[] slots)
    {
        int start = 0;
        for (int i = 1; i <= slots.Length; i++)
        {
            if (i == slots.Length || slots[i].Batch != slots[i - 1].Batch || slots[i].Index != slots[i - 1].Index + 1)
            {
                yield return slots[start..i];
                start = i;
            }
        }
    }

    private bool IsWhole(StreamSlot[] slots)
    {
        Tensor batch = slots[0].Batch;
        if (batch.Shape[0] != slots.Length * images)
        {
            return false;
        }

        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i].Batch != batch || slots[i].Index != i)
            {
                return false;
            }
        }

        return true;
    }
}
