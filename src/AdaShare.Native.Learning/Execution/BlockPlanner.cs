using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>Decides what is computed at one block, from the streams that reach it and the tasks' decisions on it.</summary>
/// <param name="streams">The streams, each a list of tasks.</param>
/// <param name="gates">The decision of each task.</param>
/// <param name="passes">The tasks whose passes move the running statistics, in order.</param>
/// <param name="training">Whether batch norms are in training mode.</param>
/// <param name="taskNorms">Whether each task has batch norms of its own, so that every stream, which is then of one task, is a batch by itself.</param>
internal sealed class BlockPlanner(IReadOnlyList<IReadOnlyList<int>> streams, Gate[] gates, int[] passes, bool training, bool taskNorms)
{
    public BlockPlan Plan(int index) => new(index, streams, [.. passes.Select(StreamOf)], Bodies(), Outputs());

    // K passes move the running statistics in the order of the tasks, and momentum makes that order matter. Silent streams are kept out of the batch that runs
    // backward, so where they interleave with others the body is executed in turns, and a stream whose turn comes again is computed again, silently.
    private BodyPass[] Bodies()
    {
        var turns = new List<Turn>();
        var recorded = new HashSet<int>();
        foreach (int task in passes.Where(SeesBody))
        {
            int stream = StreamOf(task);
            Turn? last = turns.Count > 0 ? turns[^1] : null;
            bool continues = last is { IsSilent: false } && last.Order.Contains(stream);
            bool silent = !NeedsBody(stream) || (recorded.Contains(stream) && !continues);
            if (last is null || last.IsSilent != silent || taskNorms)
            {
                last = new Turn(silent, []);
                turns.Add(last);
            }

            last.Order.Add(stream);
            if (!silent)
            {
                recorded.Add(stream);
            }
        }

        return [.. turns.Select(static turn => turn.ToPass())];
    }

    private StreamOutput[] Outputs()
    {
        int[][][] mixed = [.. streams.Select(Mixed)];
        IEnumerable<StreamOutput> Mixes(bool alone) => mixed.SelectMany((mixes, s) =>
            mixes.Length == 1 == alone ? mixes.Select(tasks => new StreamOutput(s, GateKind.Soft, tasks)) : []);
        return
        [
            .. Hard(GateKind.On, static kind => kind == GateKind.On), .. Mixes(alone: true), .. Mixes(alone: false),
            .. Hard(GateKind.Off, static kind => kind is GateKind.Off or GateKind.Silent),
        ];
    }

    // Samples of two tasks differ; constant weights, or decisions of the images, that are equal give one mix for all that have them.
    private int[][] Mixed(IReadOnlyList<int> tasks) => [.. tasks.Where(t => gates[t].Kind == GateKind.Soft).GroupBy(Mix).Select(static same => same.ToArray())];

    private (double? Select, ImageDecisions? Images, Tensor? Weights, int Own) Mix(int task)
    {
        Gate gate = gates[task];
        return (gate.Select, gate.Images, gate.Weights, gate is { Select: null, Images: null, Weights: null } ? task : -1);
    }

    private IEnumerable<StreamOutput> Hard(GateKind kind, Func<GateKind, bool> decided)
    {
        for (int s = 0; s < streams.Count; s++)
        {
            int[] tasks = [.. streams[s].Where(t => decided(gates[t].Kind))];
            if (tasks.Length > 0)
            {
                yield return new StreamOutput(s, kind, tasks);
            }
        }
    }

    private bool SeesBody(int task) => gates[task].Kind is GateKind.On or GateKind.Soft || (gates[task].Kind == GateKind.Silent && training);

    private bool NeedsBody(int stream) => streams[stream].Any(t => gates[t].Kind is GateKind.On or GateKind.Soft);

    private int StreamOf(int task)
    {
        int s = 0;
        while (!streams[s].Contains(task))
        {
            s++;
        }

        return s;
    }

    /// <summary>A run of consecutive updates that one execution of the body makes: the stream of each.</summary>
    private sealed record Turn(bool IsSilent, List<int> Order)
    {
        public BodyPass ToPass()
        {
            int[] batch = [.. Order.Distinct().Order()];
            return new BodyPass(batch, IsSilent, [.. Order.Select(stream => Array.IndexOf(batch, stream))]);
        }
    }
}
