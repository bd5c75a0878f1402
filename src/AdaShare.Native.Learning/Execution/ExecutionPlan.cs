using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>
/// How the backbone is executed for K tasks: what K separate passes compute, with nothing computed twice and nothing for nothing. Tasks whose input to a block is the same form a
/// stream. All tasks start as one stream, stay together while their decisions are equal and hard or constant (a trie), and go their own ways at a soft gate whose samples differ. Streams
/// that differ run as one batch along N with batch-norm statistics of their own; streams that skip a block are left out of its batch. Where each task has batch norms of its own, the tasks' ways part at the
/// first of them: they share the convolution of the stem, and each is a stream and a batch by itself from there on.
/// </summary>
/// <remarks>
/// Outputs, gradients, running statistics and counters equal those of K passes in the order of the tasks to rounding. The plan is immutable and holds no tensors;
/// <see cref="PlannedBackbone.Forward"/> executes it.
/// </remarks>
public sealed class ExecutionPlan
{
    private ExecutionPlan(GateTable gates, int[] passes, bool training, bool recompute, bool taskNorms)
    {
        RecomputesBodies = recompute;
        HasTaskNorms = taskNorms;
        Tasks = gates.Tasks;
        Training = training;
        int[] all = [.. Enumerable.Range(0, Tasks)];
        IReadOnlyList<IReadOnlyList<int>> streams = taskNorms ? [.. all.Select(static task => (IReadOnlyList<int>)[task])] : [all];
        StemUpdates = taskNorms ? all : new int[passes.Length];
        var blocks = new BlockPlan[gates.Blocks];
        for (int b = 0; b < blocks.Length; b++)
        {
            blocks[b] = new BlockPlanner(streams, gates.OfBlock(b), taskNorms ? all : passes, training, taskNorms).Plan(b);
            streams = [.. blocks[b].Outputs.Select(static o => o.Tasks)];
        }

        Blocks = blocks;
        FeatureStreams = streams;
    }

    /// <summary>The number of tasks, K.</summary>
    public int Tasks { get; }

    /// <summary>Whether batch norms are in training mode: then silent decisions move running statistics, otherwise they are skipped.</summary>
    public bool Training { get; }

    /// <summary>
    /// Whether the activations inside block bodies are not kept for the backward pass but computed again there: less memory for a second forward pass of the bodies, the
    /// same results to the bit.
    /// </summary>
    public bool RecomputesBodies { get; }

    /// <summary>Whether each task has batch norms of its own.</summary>
    public bool HasTaskNorms { get; }

    /// <summary>For each update of the stem's running statistics the stream whose statistics are applied: the only one, 0, or each task's where tasks have batch norms of their own.</summary>
    public IReadOnlyList<int> StemUpdates { get; }

    /// <summary>What is computed at each block, from the first to the last.</summary>
    public IReadOnlyList<BlockPlan> Blocks { get; }

    /// <summary>The groups of tasks whose features are the same.</summary>
    public IReadOnlyList<IReadOnlyList<int>> FeatureStreams { get; }

    /// <summary>The plan of a forward pass under policies.</summary>
    /// <param name="gates">A table of tasks x blocks.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    /// <param name="recompute">See <see cref="RecomputesBodies"/>.</param>
    /// <param name="taskNorms">See <see cref="HasTaskNorms"/>.</param>
    /// <exception cref="ArgumentException">All tasks share every block: how many tasks and blocks there are is not known then, so use <see cref="Shared"/>.</exception>
    public static ExecutionPlan Of(GateTable gates, bool training, bool recompute = false, bool taskNorms = false)
    {
        ArgumentNullException.ThrowIfNull(gates);
        return gates.Tasks == 0
            ? throw new ArgumentException(
                $"execution plan: these gates ({gates.Signature}) are not of single tasks; use ExecutionPlan.Shared or ExecutionPlan.Common, which take the number of tasks", nameof(gates))
            : new ExecutionPlan(gates, [.. Enumerable.Range(0, gates.Tasks)], training, recompute, taskNorms);
    }

    /// <summary>The plan of warm-up: no policy, one pass whose features all tasks use, so running statistics move once and not K times; a pass for each task where tasks have batch norms of their own.</summary>
    /// <param name="tasks">The number of tasks, at least 1.</param>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    /// <param name="recompute">See <see cref="RecomputesBodies"/>.</param>
    /// <param name="taskNorms">See <see cref="HasTaskNorms"/>.</param>
    public static ExecutionPlan Shared(int tasks, int blocks, bool training, bool recompute = false, bool taskNorms = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1);
        Gate[] row = [.. Enumerable.Repeat(Gate.On, blocks)];
        return new ExecutionPlan(GateTable.PerTask([.. Enumerable.Repeat(row, tasks)]), [0], training, recompute, taskNorms);
    }

    /// <summary>The plan of one row of gates for all tasks: one pass whose features all tasks use, so running statistics move once and not K times; a pass for each task where tasks have batch norms of their own.</summary>
    /// <param name="gates">One row for all tasks.</param>
    /// <param name="tasks">The number of tasks, at least 1.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    /// <param name="recompute">See <see cref="RecomputesBodies"/>.</param>
    /// <param name="taskNorms">See <see cref="HasTaskNorms"/>.</param>
    /// <exception cref="ArgumentException">The gates are others.</exception>
    public static ExecutionPlan Common(GateTable gates, int tasks, bool training, bool recompute = false, bool taskNorms = false)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1);
        return gates.IsCommon
            ? new ExecutionPlan(gates.Repeated(tasks), [0], training, recompute, taskNorms)
            : throw new ArgumentException($"execution plan: these gates ({gates.Signature}) are not one row for all tasks; use ExecutionPlan.Of or ExecutionPlan.Shared", nameof(gates));
    }

    /// <summary>The index in <see cref="FeatureStreams"/> of a task's features.</summary>
    /// <param name="task">The task, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such task.</exception>
    public int FeatureStream(int task)
    {
        for (int s = 0; s < FeatureStreams.Count; s++)
        {
            if (FeatureStreams[s].Contains(task))
            {
                return s;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(task), task, $"the plan is for {Tasks} tasks");
    }

    /// <summary>The plan as text, one line a block, with tasks by their numbers.</summary>
    public override string ToString() => PlanText.Of(this, [.. Enumerable.Range(0, Tasks).Select(static t => $"task{t + 1}")], cost: null);
}
