using System.Globalization;

namespace AdaShare.Native.Learning.Gates;

/// <summary>
/// What each task does with each block in a forward pass: a table of tasks x blocks, one row for all tasks, or the case that all tasks share every block. A gate of the table may
/// differ from image to image of a group, see <see cref="Gate.PerImage"/>.
/// </summary>
/// <remarks>
/// Shared by all and a table in which every gate is on compute the same features. In training they differ: shared is one pass, whose running statistics move once (warm-up, hard
/// sharing), a table is a pass for each task, whose running statistics move K times, as in the official code. One row for all tasks is one pass again, under gates.
/// </remarks>
public sealed class GateTable
{
    private readonly Gate[][] _rows;

    private GateTable(Gate[][] rows) => _rows = rows;

    /// <summary>The network decides in the pass, image by image; only networks that can do so take it.</summary>
    public static GateTable Decided { get; } = new([]) { IsDecided = true };

    /// <summary>Whether the network decides in the pass.</summary>
    public bool IsDecided { get; private init; }

    /// <summary>Whether there is one row for all tasks, which are one pass.</summary>
    public bool IsCommon { get; private init; }

    /// <summary>Whether images of a group run different blocks.</summary>
    public bool HasImageDecisions => Any(static gate => gate.Images is not null);

    /// <summary>Whether images of a group have weights of their own.</summary>
    public bool HasImageWeights => Any(static gate => gate.Images is null && gate.IsPerImage);

    /// <summary>Every block runs, once for all tasks.</summary>
    public static GateTable Shared { get; } = new([]);

    /// <summary>Whether every block runs once for all tasks.</summary>
    public bool IsShared => _rows.Length == 0 && !IsDecided;

    /// <summary>The number of tasks; 0 where all have the same row, or share, or the network decides.</summary>
    public int Tasks => IsCommon ? 0 : _rows.Length;

    /// <summary>The number of blocks; 0 where all tasks share, or the network decides.</summary>
    public int Blocks => _rows.Length == 0 ? 0 : _rows[0].Length;

    /// <summary>A task's gate on a block.</summary>
    public Gate this[int task, int block] => _rows[IsCommon ? 0 : task][block];

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

    /// <summary>One row for all tasks: one pass under gates, whose features all tasks use.</summary>
    /// <param name="row">A gate for every block.</param>
    public static GateTable Common(Gate[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new GateTable([row]) { IsCommon = true };
    }

    /// <summary>The table of some of the tasks.</summary>
    /// <param name="tasks">Their indices.</param>
    public GateTable Of(IReadOnlyList<int> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return _rows.Length == 0 || IsCommon || (tasks.Count == Tasks && tasks.Select((task, i) => task == i).All(static same => same)) ? this : new GateTable([.. tasks.Select(t => _rows[t])]);
    }

    /// <summary>The table of images that all decide alike.</summary>
    /// <param name="image">One of them.</param>
    internal GateTable OfImage(int image) =>
        new([.. _rows.Select(row => Array.ConvertAll(row, gate => gate.Images is { } runs ? runs[image] ? Gate.On : Gate.Off : gate))]) { IsCommon = IsCommon };

    /// <summary>A row for each of some tasks, where all have the same.</summary>
    internal GateTable Repeated(int tasks) => PerTask([.. Enumerable.Repeat(_rows[0], tasks)]);

    /// <summary>What an image decides, in a word that is equal for images that decide alike.</summary>
    internal string DecisionsOf(int image) =>
        string.Concat(_rows.SelectMany(row => row.Where(static gate => gate.Images is not null).Select(gate => gate.Images![image] ? '#' : '.')));

    /// <summary>The kinds of all gates, [task][block].</summary>
    public GateKind[][] Kinds() => [.. _rows.Select(static row => Array.ConvertAll(row, static gate => gate.Kind))];

    /// <summary>
    /// What is computed under the gates, in a word: tables of one signature make the same plan. A letter a gate (# on, . off, s silent, ~ soft, with its weight where that is
    /// constant, or what each image does), a row a task, or <c>shared</c>.
    /// </summary>
    public string Signature => IsDecided ? "decided" : IsShared ? "shared" : (IsCommon ? "common " : "") + string.Join('/', _rows.Select(static row => string.Concat(row.Select(Letter))));

    private static string Letter(Gate gate) => gate.Kind switch
    {
        GateKind.On => "#",
        GateKind.Off => ".",
        GateKind.Silent => "s",
        _ => "~" + (gate.Images is { } runs ? $"({runs})" : gate.IsPerImage ? "*" : gate.Select?.ToString("R", CultureInfo.InvariantCulture)),
    };

    private bool Any(Func<Gate, bool> holds) => Array.Exists(_rows, row => row.Any(holds));
}
