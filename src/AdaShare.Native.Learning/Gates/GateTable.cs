using System.Globalization;

namespace AdaShare.Native.Learning.Gates;

/// <summary>What each task does with each block in a forward pass: a table of tasks x blocks, or the case that all tasks share every block.</summary>
/// <remarks>
/// Shared by all and a table in which every gate is on compute the same features. In training they differ: shared is one pass, whose running statistics move once (warm-up, hard
/// sharing), a table is a pass for each task, whose running statistics move K times, as in the official code.
/// </remarks>
public sealed class GateTable
{
    private readonly Gate[][] _rows;

    private GateTable(Gate[][] rows) => _rows = rows;

    /// <summary>Every block runs, once for all tasks.</summary>
    public static GateTable Shared { get; } = new([]);

    /// <summary>Whether every block runs once for all tasks.</summary>
    public bool IsShared => _rows.Length == 0;

    /// <summary>The number of tasks; 0 where all share.</summary>
    public int Tasks => _rows.Length;

    /// <summary>The number of blocks; 0 where all tasks share.</summary>
    public int Blocks => IsShared ? 0 : _rows[0].Length;

    /// <summary>A task's gate on a block.</summary>
    public Gate this[int task, int block] => _rows[task][block];

    /// <summary>All gates of a block, task by task.</summary>
    internal Gate[] OfBlock(int block) => [.. _rows.Select(row => row[block])];

    /// <summary>A table of tasks x blocks.</summary>
    /// <param name="rows">[task][block], all rows of one length.</param>
    /// <exception cref="ArgumentException">There is no task, or rows differ in length.</exception>
    public static GateTable PerTask(Gate[][] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Length > 0 && Array.TrueForAll(rows, row => row.Length == rows[0].Length)
            ? new GateTable(rows)
            : throw new ArgumentException("gates: give at least one task, and each task a gate for every block", nameof(rows));
    }

    /// <summary>The table of some of the tasks.</summary>
    /// <param name="tasks">Their indices.</param>
    public GateTable Of(IReadOnlyList<int> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return IsShared || (tasks.Count == Tasks && tasks.Select((task, i) => task == i).All(static same => same)) ? this : new GateTable([.. tasks.Select(t => _rows[t])]);
    }

    /// <summary>The kinds of all gates, [task][block].</summary>
    public GateKind[][] Kinds() => [.. _rows.Select(static row => Array.ConvertAll(row, static gate => gate.Kind))];

    /// <summary>
    /// What is computed under the gates, in a word: tables of one signature make the same plan. A letter a gate (# on, . off, s silent, ~ soft, with its weight where that is
    /// constant), a row a task, or <c>shared</c>.
    /// </summary>
    public string Signature => IsShared ? "shared" : string.Join('/', _rows.Select(static row => string.Concat(row.Select(Letter))));

    private static string Letter(Gate gate) => gate.Kind switch
    {
        GateKind.On => "#",
        GateKind.Off => ".",
        GateKind.Silent => "s",
        _ => "~" + gate.Select?.ToString("R", CultureInfo.InvariantCulture),
    };
}
