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
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly IDataset _dataset;
    private readonly Split _split;
    private readonly LabelKind[] _labels;
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
    private long _nextToLend;
    private long _nextToPrepare;
    private long _generation;
    private bool _stopped;

    /// <summary>Starts the threads.</summary>
    /// <param name="dataset">Where samples come from.</param>
    /// <param name="split">Which part.</param>
    /// <param name="labels">The labels to load.</param>
    /// <param name="shape">The sizes of a batch.</param>
    /// <param name="augmentation">How samples are varied; its crop is the batch's height and width.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">What the batches are for; other names give other orders.</param>
    /// <param name="workers">Background threads, at least 1.</param>
    public BatchLoader(
        IDataset dataset, Split split, IReadOnlyList<LabelKind> labels, BatchShape shape, AugmentationOptions augmentation, ulong seed, string name, int workers)
    {
        _count = dataset.Count(split);
        if (_count == 0)
        {
            throw new DataException($"{dataset.Name}: the part {split} is empty; it needs at least one example");
        }

        if (workers < 1 || shape.Count < 1)
        {
            throw new ConfigurationException($"dataload: workers {workers} and batch size {shape.Count} must be 1 or more");
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
    /// <exception cref="DataException">A sample of the batch could not be read.</exception>
    public Batch Next()
    {
        lock (_gate)
        {
            Prepared? prepared;
            while (!_ready.Remove(_nextToLend, out prepared))
            {
                ObjectDisposedException.ThrowIf(_stopped, this);
                Monitor.Wait(_gate);
            }

            _nextToLend++;
            Monitor.PulseAll(_gate);
            prepared.Error?.Throw();
            return prepared.Batch!;
        }
    }

    /// <summary>Goes on from the batch of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public void Seek(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        lock (_gate)
        {
            if (step == _nextToLend)
            {
                return;
            }

            foreach (Prepared prepared in _ready.Values)
            {
                if (prepared.Batch is { } batch)
                {
                    _pool.Push(batch);
                }
            }

            _ready.Clear();
            _generation++;
            _nextToLend = step;
            _nextToPrepare = step;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Stops the threads and waits for them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        while (true)
        {
            long step, generation;
            Batch batch;
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
                batch = _pool.Count > 0 ? _pool.Pop() : new Batch(_shape, _labels, Return);
            }

            ExceptionDispatchInfo? error = Prepare(batch, step);
            lock (_gate)
            {
                // What was prepared for a place in the data that has been left since is of no use.
                if (generation != _generation)
                {
                    _pool.Push(batch);
                    continue;
                }

                _ready[step] = new Prepared(error is null ? batch : null, error);
                Monitor.PulseAll(_gate);
            }
        }
    }

    private ExceptionDispatchInfo? Prepare(Batch batch, long step)
    {
        try
        {
            batch.Step = step;
            int[] order = RandomStream.For(_seed, "order/" + _name, step / StepsPerEpoch).Permutation(_count);
            long first = step % StepsPerEpoch * _shape.Count;
            for (int i = 0; i < _shape.Count; i++)
            {
                Sample sample = _dataset.Load(_split, order[(first + i) % _count], _labels);
                RandomStream stream = RandomStream.For(_seed, "augment/" + _name, (step * _shape.Count) + i);
                BatchAssembler.Put(batch, i, Augmenter.Apply(sample, _augmentation, stream));
            }

            return null;
        }
        catch (Exception error)
        {
            // Whatever it is, it belongs to the thread that asks for the batch.
            return ExceptionDispatchInfo.Capture(error);
        }
    }

    private void Return(Batch batch)
    {
        lock (_gate)
        {
            _pool.Push(batch);
        }
    }

    private sealed record Prepared(Batch? Batch, ExceptionDispatchInfo? Error);
}
