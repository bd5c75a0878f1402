using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>Decides what is computed at one block, from the streams that reach it and the tasks' decisions on it.</summary>
/// <param name="streams">The streams, each a list of tasks.</param>
/// <param name="kinds">The decision of each task.</param>
/// <param name="passes">The tasks whose passes move the running statistics, in order.</param>
/// <param name="training">Whether batch norms are in training mode.</param>
internal sealed class BlockPlanner(IReadOnlyList<IReadOnlyList<int>> streams, GateKind[] kinds, int[] passes, bool training)
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
            if (last is null || last.IsSilent != silent)
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
        int[][] mixed = [.. streams.Select(tasks => tasks.Where(t => kinds[t] == GateKind.Soft).ToArray())];
        IEnumerable<StreamOutput> Mixes(bool alone) => mixed.SelectMany((tasks, s) =>
            tasks.Length == 1 == alone ? tasks.Select(t => new StreamOutput(s, GateKind.Soft, [t])) : []);
        return
        [
            .. Hard(GateKind.On, static kind => kind == GateKind.On), .. Mixes(alone: true), .. Mixes(alone: false),
            .. Hard(GateKind.Off, static kind => kind is GateKind.Off or GateKind.Silent),
        ];
    }

    private IEnumerable<StreamOutput> Hard(GateKind kind, Func<GateKind, bool> decided)
    {
        for (int s = 0; s < streams.Count; s++)
        {
            int[] tasks = [.. streams[s].Where(t => decided(kinds[t]))];
            if (tasks.Length > 0)
            {
                yield return new StreamOutput(s, kind, tasks);
            }
        }
    }

    private bool SeesBody(int task) => kinds[task] is GateKind.On or GateKind.Soft || (kinds[task] == GateKind.Silent && training);

    private bool NeedsBody(int stream) => streams[stream].Any(t => kinds[t] is GateKind.On or GateKind.Soft);

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
