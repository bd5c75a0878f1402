using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Methods.Routing;

/// <summary>Where the features of every task and image lie while they are routed. Tasks that have gone the same way with an image have the same features, which are computed once.</summary>
internal sealed class RoutedRows
{
    private readonly Step _step;
    private readonly int _images;
    private Row[][] _rows;

    /// <summary>Begins with the same features for all tasks.</summary>
    /// <param name="step">The step that owns everything.</param>
    /// <param name="features">[N, h, w, C], of which the rows take hold.</param>
    /// <param name="tasks">The number of tasks.</param>
    public RoutedRows(Step step, Tensor features, int tasks)
    {
        (_step, _images) = (step, features.Shape[0]);
        _rows = [.. Enumerable.Range(0, tasks).Select(_ => Enumerable.Range(0, _images).Select(i => new Row(features, i, "")).ToArray())];
    }

    /// <summary>The features of a task, all images; the caller releases them where they are not <see cref="IsHeld">held</see>.</summary>
    public Tensor Of(int task) => Gather(_rows[task]);

    /// <summary>Whether a tensor is one of those in which the rows lie.</summary>
    public bool IsHeld(Tensor tensor) => _rows.Any(rows => rows.Any(row => row.Batch == tensor));

    /// <summary>Sends every task's images through the functions that were chosen, each function once over all that go there.</summary>
    /// <param name="choices">[task][image].</param>
    /// <param name="functions">The number of functions.</param>
    /// <param name="run">Computes a function.</param>
    /// <returns>Rows that were computed.</returns>
    public int Route(int[][] choices, int functions, Func<int, Tensor, Tensor> run)
    {
        var next = new Row[_rows.Length][];
        for (int t = 0; t < next.Length; t++)
        {
            next[t] = new Row[_images];
        }

        int computed = 0;
        for (int m = 0; m < functions; m++)
        {
            // A digit a depth, with a dot between, so that no two ways have one name.
            (int Task, int Image)[] going = [.. Enumerable.Range(0, next.Length).SelectMany(t => Enumerable.Range(0, _images).Where(i => choices[t][i] == m).Select(i => (t, i)))];
            var distinct = new Dictionary<(int Image, string Path), int>();
            var sources = new List<Row>();
            foreach ((int task, int image) in going)
            {
                Row row = _rows[task][image];
                if (distinct.TryAdd((image, row.Path), sources.Count))
                {
                    sources.Add(row);
                }
            }

            if (sources.Count == 0)
            {
                continue;
            }

            computed += sources.Count;
            Tensor input = Gather([.. sources]);
            Tensor output = run(m, input);
            if (!IsHeld(input))
            {
                _step.Release(input);
            }

            foreach ((int task, int image) in going)
            {
                Row row = _rows[task][image];
                next[task][image] = new Row(output, distinct[(image, row.Path)], $"{row.Path}.{m}");
            }
        }

        Tensor[] before = [.. _rows.SelectMany(static rows => rows.Select(static row => row.Batch)).Distinct()];
        _rows = next;
        foreach (Tensor tensor in before)
        {
            _step.Release(tensor);
        }

        return computed;
    }

    /// <summary>The features of every task, and nothing else: the rows are at their end.</summary>
    public Tensor[] Finish()
    {
        var made = new List<(Row[] Rows, Tensor Features)>();
        var features = new Tensor[_rows.Length];
        for (int t = 0; t < features.Length; t++)
        {
            int known = made.FindIndex(other => other.Rows.AsSpan().SequenceEqual(_rows[t]));
            if (known < 0)
            {
                made.Add((_rows[t], Gather(_rows[t])));
                known = made.Count - 1;
            }

            features[t] = made[known].Features;
        }

        foreach (Tensor tensor in _rows.SelectMany(static rows => rows.Select(static row => row.Batch)).Distinct().Where(tensor => !features.Contains(tensor)).ToArray())
        {
            _step.Release(tensor);
        }

        return features;
    }

    private Tensor Gather(Row[] rows)
    {
        Tensor batch = rows[0].Batch;
        if (batch.Shape[0] == rows.Length && rows.Index().All(pair => pair.Item.Batch == batch && pair.Item.Index == pair.Index))
        {
            return batch;
        }

        Tensor[] parts = Array.ConvertAll(rows, row => _step.Narrow(row.Batch, row.Index, 1));
        Tensor joined = _step.Concat(parts, 0);
        foreach (Tensor part in parts)
        {
            _step.Release(part);
        }

        return joined;
    }

    private readonly record struct Row(Tensor Batch, int Index, string Path);
}
