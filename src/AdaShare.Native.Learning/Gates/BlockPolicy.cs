using System.Globalization;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Gates;

/// <summary>For each task and block whether the block runs.</summary>
public sealed class BlockPolicy
{
    private readonly bool[][] _runs;

    /// <summary>Wraps decisions.</summary>
    /// <param name="runs">[task][block], all rows of one length.</param>
    public BlockPolicy(bool[][] runs)
    {
        if (runs.Any(row => row.Length != runs[0].Length))
        {
            throw new ArgumentException("policy: every task needs a decision for every block", nameof(runs));
        }

        _runs = runs;
    }

    /// <summary>The number of tasks.</summary>
    public int Tasks => _runs.Length;

    /// <summary>The number of blocks, L.</summary>
    public int Blocks => _runs.Length == 0 ? 0 : _runs[0].Length;

    /// <summary>Decisions that skip a block.</summary>
    public int Skipped => _runs.Sum(static row => row.Count(static run => !run));

    /// <summary>Whether a task runs a block.</summary>
    public bool this[int task, int block] => _runs[task][block];

    /// <summary>The policy under which every task runs every block.</summary>
    public static BlockPolicy AllOn(int tasks, int blocks) => new([.. Enumerable.Range(0, tasks).Select(_ => Enumerable.Repeat(true, blocks).ToArray())]);

    /// <summary>Reads a hand-written policy such as <c>seg:6;sn:9,10,11;depth:5,10,11</c>: the blocks, counted from 0, that each task skips.</summary>
    /// <param name="text">The text; tasks that are not named skip nothing.</param>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="source">What messages call the text: a configuration key, for example.</param>
    /// <exception cref="ConfigurationException">An unknown task or block.</exception>
    public static BlockPolicy Parse(string text, IReadOnlyList<string> tasks, int blocks, string source = "policy")
    {
        BlockPolicy policy = AllOn(tasks.Count, blocks);
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = part.Split(':', 2, StringSplitOptions.TrimEntries);
            int task = tasks.ToList().IndexOf(sides[0]);
            if (task < 0)
            {
                throw new ConfigurationException($"{source}: task {sides[0]} in \"{part}\" is not one of {string.Join(", ", tasks)}");
            }

            foreach (string number in (sides.Length == 2 ? sides[1] : string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int block) || block >= blocks)
                {
                    throw new ConfigurationException($"{source}: block {number} in \"{part}\" does not exist; blocks are 0 to {blocks - 1}");
                }

                policy._runs[task][block] = false;
            }
        }

        return policy;
    }

    /// <summary>The policy as gates of a forward pass.</summary>
    /// <param name="dropped">What happens to a block that is skipped: <see cref="GateKind.Off"/> or <see cref="GateKind.Silent"/>.</param>
    public GateTable ToGates(GateKind dropped = GateKind.Off) => GateTable.PerTask([.. _runs.Select(row => row.Select(run => run ? Gate.On : new Gate(dropped)).ToArray())]);

    /// <summary>The decisions as arrays [task][block].</summary>
    public bool[][] ToArray() => [.. _runs.Select(static row => (bool[])row.Clone())];

    /// <summary>The blocks that each task skips, from 0, by the task's name.</summary>
    /// <param name="tasks">The tasks' names, in order.</param>
    public Dictionary<string, int[]> SkippedByTask(IReadOnlyList<string> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return Enumerable.Range(0, Tasks).ToDictionary(t => tasks[t], t => Enumerable.Range(0, Blocks).Where(b => !_runs[t][b]).ToArray());
    }
}
