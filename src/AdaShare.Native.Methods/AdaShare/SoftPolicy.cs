using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Gates;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>Where the Gumbel noise of the decisions comes from: the run's random numbers, which the device draws, or numbers from the host.</summary>
public sealed class GumbelSource
{
    private readonly Func<int, RandomStream>? _stream;
    private readonly Func<int, int, double[]>? _values;

    private GumbelSource(Func<int, RandomStream>? stream, Func<int, int, double[]>? values) => (_stream, _values) = (stream, values);

    /// <summary>Each task's own stream of a training step.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="time">The number of the step.</param>
    public static GumbelSource Of(ulong seed, long time) => new(task => RandomStream.For(seed, $"gumbel/{task}", time), null);

    /// <summary>Given numbers.</summary>
    /// <param name="values">From a task and a count to that many numbers, block by block, select and skip.</param>
    public static GumbelSource Given(Func<int, int, double[]> values) => new(null, values);

    /// <summary>The gates of all tasks: [decisions * tasks, 2], row decision * tasks + task.</summary>
    internal Tensor Sample(Step step, IReadOnlyList<Tensor> logits, double temperature, bool straightThrough)
    {
        if (_stream is not null)
        {
            return step.GumbelGates(logits, [.. Enumerable.Range(0, logits.Count).Select(_stream)], temperature, straightThrough);
        }

        var shape = new Shape(logits.Count, logits[0].Shape[0], 2);
        double[] noise = [.. Enumerable.Range(0, logits.Count).SelectMany(task => _values!(task, (int)logits[task].Count))];
        return step.GumbelGates(logits, step.FromDoubles(shape, logits[0].DType, noise), temperature, straightThrough);
    }
}

/// <summary>Draws the soft gates of a training step from the logits, through which gradients reach the logits.</summary>
public static class SoftPolicy
{
    /// <summary>
    /// Samples softmax((logits + noise) / temperature) for every task. The last <paramref name="openBlocks"/> blocks are mixed with their sample, the
    /// blocks before them run.
    /// </summary>
    /// <param name="step">The step that owns the gates.</param>
    /// <param name="network">Whose logits.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="openBlocks">How many of the last blocks have an open decision; at most those that have logits.</param>
    /// <param name="noise">The noise.</param>
    /// <param name="straightThrough">Whether gates are one-hot, with the gradient of the soft sample.</param>
    public static GateTable Sample(Step step, AdaShareNetwork network, double temperature, int openBlocks, GumbelSource noise, bool straightThrough)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Policy);
        int blocks = network.Spec.Backbone.BlockCount, tasks = network.Logits.Count;
        int open = Math.Min(openBlocks, network.DecisionCount);
        Tensor sample = noise.Sample(step, [.. network.Logits.Select(static logits => logits.Value)], temperature, straightThrough);
        var gates = new Gate[tasks][];
        for (int t = 0; t < tasks; t++)
        {
            var row = new Gate[blocks];
            for (int b = 0; b < blocks; b++)
            {
                row[b] = b < blocks - open ? Gate.On : Gate.Soft(step.Narrow(sample, ((b - network.SkipLayer) * tasks) + t, 1));
            }

            gates[t] = row;
        }

        step.Release(sample);
        return GateTable.PerTask(gates);
    }
}
