using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Predictions;

/// <summary>An input with what is predicted for it, or why it can't be read.</summary>
/// <param name="Index">Its index in the source.</param>
/// <param name="Input">As it was read; null where it can't be.</param>
/// <param name="Predictions">Of each of its tasks; none where it can't be read.</param>
/// <param name="Fault">Why it can't be read; null where it can.</param>
internal sealed record PredictedInput(int Index, PredictionInput? Input, IReadOnlyList<(TaskSpec Task, Plane Prediction)> Predictions, DataException? Fault);

/// <summary>
/// Predicts for the inputs of a source in their order, several of one size in a pass, while the next ones are read on other threads. Which inputs are predicted together depends on their order and sizes alone, so that the
/// numbers are the same in every call.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="source">The inputs.</param>
/// <param name="batch">The most inputs of a pass, at least 1.</param>
internal sealed class BatchedPredictions(TrainedNetwork network, IPredictionSource source, int batch)
{
    private readonly LinkedList<Slot> _slots = new();
    private int _next;

    /// <summary>Predicts; ends after the pass at hand when it is to stop.</summary>
    /// <param name="stop">Ends it.</param>
    public IEnumerable<PredictedInput> Run(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                // Two batches from which a pass is chosen, and one that is read meanwhile.
                while (_slots.Count < 3 * batch && _next < source.Plan.Count)
                {
                    int index = _next++;
                    _slots.AddLast(new Slot(index, Task.Run(() => Read(index), CancellationToken.None)));
                }

                if (_slots.Count == 0)
                {
                    yield break;
                }

                Predict();
                while (_slots.First is { Value.Done: { } done })
                {
                    _slots.RemoveFirst();
                    yield return done;
                }
            }
        }
        finally
        {
            Task.WaitAll([.. _slots.Select(static slot => slot.Reading)], CancellationToken.None);
        }
    }

    /// <summary>Predicts for the first input that waits, and with it for those near it that fit into the same pass.</summary>
    private void Predict()
    {
        var pass = new List<Slot>(batch);
        foreach (Slot slot in _slots.Take(2 * batch).Where(static slot => slot.Done is null))
        {
            PredictedInput read = slot.Reading.GetAwaiter().GetResult();
            if (read.Fault is not null)
            {
                slot.Done = read;
            }
            else if (pass.Count == 0 || Fits(pass[0].Reading.Result, read))
            {
                pass.Add(slot);
            }

            if (pass.Count == batch)
            {
                break;
            }
        }

        if (pass.Count == 0)
        {
            return;
        }

        IReadOnlyList<IReadOnlyList<(TaskSpec, Plane)>> predicted = network.Predict([.. pass.Select(static slot => slot.Reading.Result.Input!.Stored)], source.TasksOf(pass[0].Index));
        for (int i = 0; i < pass.Count; i++)
        {
            pass[i].Done = pass[i].Reading.Result with { Predictions = predicted[i] };
        }
    }

    private bool Fits(PredictedInput first, PredictedInput other)
    {
        (StoredInput one, StoredInput two) = (first.Input!.Stored, other.Input!.Stored);
        return one.Height == two.Height && one.Width == two.Width && one.ChannelCount == two.ChannelCount && source.TasksOf(first.Index).SequenceEqual(source.TasksOf(other.Index));
    }

    private PredictedInput Read(int index)
    {
        try
        {
            return new PredictedInput(index, source.Read(index), [], null);
        }
        catch (DataException error)
        {
            return new PredictedInput(index, null, [], error);
        }
    }

    private sealed class Slot(int index, Task<PredictedInput> reading)
    {
        public int Index => index;

        public Task<PredictedInput> Reading => reading;

        public PredictedInput? Done { get; set; }
    }
}
