using System.Runtime.ExceptionServices;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Loading;

/// <summary>
/// Prepares training batches on background threads. Batch k is a function of seed, name and k alone: neither the number of threads nor what was loaded before
/// changes it, so a resumed run sees the very same data.
/// </summary>
/// <remarks>
/// An epoch is a random permutation of the part; what does not fill a batch is left for another epoch. A part smaller than a batch repeats within it.
/// At most workers + 1 batches are prepared ahead; their buffers are those of batches that were given back. One thread at a time may use the loader.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly IDataset _dataset;
    private readonly Split _split;
    private readonly Label[] _labels;
    private readonly BatchShape _shape;
    private readonly AugmentationOptions _augmentation;
    private readonly ulong _seed;
    private readonly string _name;
    private readonly int _count;
    private readonly int _ahead;
    private readonly Thread[] _threads;
    private readonly object _gate = new();
    private readonly Dictionary<long, Prepared> _ready = [];
    private readonly Stack<Batch> _pool = [];
    private readonly ImageRoom _room = new();
    private EpochOrder? _order;
    private long _nextToLend;
    private long _nextToPrepare;
    private long _generation;
    private bool _stopped;

    /// <summary>Starts the threads; the first batch will be that of step 0.</summary>
    /// <param name="dataset">Where samples come from.</param>
    /// <param name="split">Which part.</param>
    /// <param name="labels">The labels to load.</param>
    /// <param name="shape">The sizes of a batch.</param>
    /// <param name="augmentation">How samples are varied; its crop is the batch's height and width.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">What the batches are for; other names give other orders.</param>
    /// <param name="workers">Background threads, at least 1.</param>
    /// <exception cref="DataException">The part is empty.</exception>
    /// <exception cref="ConfigurationException">
    /// A size or number is out of range, the crop is not the batch's size, a label is named twice, or the data set lacks one.
    /// </exception>
    public BatchLoader(
        IDataset dataset, Split split, IReadOnlyList<Label> labels, BatchShape shape, AugmentationOptions augmentation, ulong seed, string name, int workers)
    {
        Check(dataset, labels, shape, augmentation, workers);
        _count = dataset.Count(split);
        if (_count == 0)
        {
            throw new DataException($"{dataset.Name}: the part {split} is empty; it needs at least one example");
        }

        (_dataset, _split, _labels, _shape, _augmentation, _seed, _name) = (dataset, split, [.. labels], shape, augmentation, seed, name);
        _ahead = workers + 1;
        _threads = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"loader {name} {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Batches an epoch, at least 1.</summary>
    public long StepsPerEpoch => Math.Max(1, _count / _shape.Count);

    /// <summary>The next batch; waits until it is ready. Dispose it when it has been copied.</summary>
    /// <exception cref="DataException">A sample of the batch could not be read. The loader goes on with the step after.</exception>
    /// <exception cref="ObjectDisposedException">The loader is disposed.</exception>
    public Batch Next()
    {
        Prepared prepared;
        lock (_gate)
        {
            while (true)
            {
                ObjectDisposedException.ThrowIf(_stopped, this);
                if (_ready.Remove(_nextToLend, out prepared))
                {
                    break;
                }

                Monitor.Wait(_gate);
            }

            _nextToLend++;
            Monitor.PulseAll(_gate);
        }

        prepared.Error?.Throw();
        Batch batch = prepared.Batch!;
        batch.Lend();
        return batch;
    }

    /// <summary>Goes on from the batch of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <exception cref="ObjectDisposedException">The loader is disposed.</exception>
    public void Seek(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            if (step == _nextToLend)
            {
                return;
            }

            foreach (Batch batch in _ready.Values.Select(static prepared => prepared.Batch).OfType<Batch>())
            {
                _pool.Push(batch);
            }

            _ready.Clear();
            Volatile.Write(ref _generation, _generation + 1);
            _nextToLend = step;
            _nextToPrepare = step;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Stops the threads and waits for them; a thread finishes at most the sample that it is reading.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Volatile.Write(ref _stopped, true);
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private static void Check(IDataset dataset, IReadOnlyList<Label> labels, BatchShape shape, AugmentationOptions augmentation, int workers)
    {
        if (workers < 1 || shape.Count < 1)
        {
            throw new ConfigurationException($"dataload: workers {workers} and batch size {shape.Count} must be 1 or more");
        }

        if (shape.TargetHeight < 1 || shape.TargetWidth < 1)
        {
            throw new ConfigurationException($"dataload: predictions of {shape.TargetHeight}x{shape.TargetWidth} pixels must be 1x1 or more; take a larger crop");
        }

        if (shape.Height != augmentation.CropHeight || shape.Width != augmentation.CropWidth)
        {
            throw new ConfigurationException(
                $"dataload: batches of {shape.Height}x{shape.Width} pixels, but crops of {augmentation.CropHeight}x{augmentation.CropWidth}; give both the same size");
        }

        CheckLength("images", shape.Count, shape.Height, shape.Width);
        CheckLength("predictions", shape.Count, shape.TargetHeight, shape.TargetWidth);
        CheckLabels(dataset, labels);
    }

    /// <summary>Refuses what no array holds; three values a pixel is the most that images and labels have.</summary>
    private static void CheckLength(string what, int count, int height, int width)
    {
        if (3.0 * count * height * width > Array.MaxLength)
        {
            throw new ConfigurationException(
                $"dataload: {what} of {count} x {height} x {width} x 3 values are more than the {Array.MaxLength} of one buffer; take a smaller batch or crop");
        }
    }

    private static void CheckLabels(IDataset dataset, IReadOnlyList<Label> labels)
    {
        Label[] repeated = [.. labels.CountBy(static kind => kind).Where(static pair => pair.Value > 1).Select(static pair => pair.Key)];
        if (repeated.Length > 0)
        {
            throw new ConfigurationException($"dataload: label {string.Join(", ", repeated)} is asked for twice or more; name each once");
        }

        Label[] missing = [.. labels.Except(dataset.Labels)];
        if (missing.Length > 0)
        {
            throw new ConfigurationException(
                $"dataload: {dataset.Name} has no label {string.Join(", ", missing)}, only {string.Join(", ", dataset.Labels)}; choose tasks that it has labels for");
        }
    }

    private void Work()
    {
        while (true)
        {
            long step, generation;
            Batch? batch;
            lock (_gate)
            {
                while (!_stopped && _nextToPrepare >= _nextToLend + _ahead)
                {
                    Monitor.Wait(_gate);
                }

                if (_stopped)
                {
                    return;
                }

                step = _nextToPrepare++;
                generation = _generation;
                _pool.TryPop(out batch);
            }

            ExceptionDispatchInfo? error = Prepare(ref batch, step, generation);
            lock (_gate)
            {
                bool wanted = generation == _generation;
                if (batch is not null && (!wanted || error is not null))
                {
                    _pool.Push(batch);
                }

                if (wanted)
                {
                    _ready[step] = new(error is null ? batch : null, error);
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }

    /// <summary>Fills a batch, a new one if there is none; gives up half-way where nobody will ask for it.</summary>
    /// <returns>What went wrong, or null; without an error there is a batch.</returns>
    private ExceptionDispatchInfo? Prepare(ref Batch? batch, long step, long generation)
    {
        try
        {
            // Made here and not where the step is taken: too little memory is an error of the step too, and must not end the process.
            batch ??= new Batch(_shape, _labels, _room, Return);
            batch.Step = step;
            int[] order = Order(step / StepsPerEpoch);
            long first = step % StepsPerEpoch * _shape.Count;
            for (int i = 0; i < _shape.Count && generation == Volatile.Read(ref _generation) && !Volatile.Read(ref _stopped); i++)
            {
                Sample sample = _dataset.Load(_split, order[(first + i) % _count], _labels);
                RandomStream stream = RandomStream.For(_seed, "augment/" + _name, (step * _shape.Count) + i);
                BatchAssembler.Put(batch, i, sample, _augmentation, stream);
            }

            return null;
        }
        catch (Exception error)
        {
            // Whatever it is, it belongs to the thread that asks for the batch.
            return ExceptionDispatchInfo.Capture(error);
        }
    }

    private int[] Order(long epoch)
    {
        EpochOrder? known = Volatile.Read(ref _order);
        if (known is null || known.Epoch != epoch)
        {
            known = new(epoch, RandomStream.For(_seed, "order/" + _name, epoch).Permutation(_count));
            Volatile.Write(ref _order, known);
        }

        return known.Indices;
    }

    private void Return(Batch batch)
    {
        lock (_gate)
        {
            _pool.Push(batch);
        }
    }

    /// <summary>The result for a step: a batch or an error.</summary>
    private readonly record struct Prepared(Batch? Batch, ExceptionDispatchInfo? Error);

    private sealed record EpochOrder(long Epoch, int[] Indices);
}
