using System.Globalization;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;

namespace AdaShare.Native.Learning.Training;

/// <summary>
/// A policy from a file: a run's policy.json, or a pickle of a table for each task with a row for each block, whose columns select it and skip it. Published pickles are dictionaries of
/// <c>task1_policy</c>, <c>task2_policy</c> … (<c>policyIterbest_rs0048.pickle</c>); a list of arrays is read too.
/// </summary>
/// <remarks>Source of the form: github.com/sunxm2357/AdaShare, envs/blockdrop_env.py, <c>save_policy</c>.</remarks>
public static class PolicyTables
{
    private const string Json = ".json";

    /// <summary>Reads a policy.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tasks">The tasks' names, in the order of the file's tables.</param>
    /// <param name="blocks">The number of blocks; first ones that have no row always run.</param>
    /// <exception cref="DataException">The file is missing or damaged, or its policy is one for other tasks or blocks; one sentence with the file.</exception>
    public static BlockPolicy Read(string path, IReadOnlyList<string> tasks, int blocks)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tasks);
        return path.EndsWith(Json, StringComparison.OrdinalIgnoreCase) ? OfRun(path, tasks, blocks) : OfPickle(path, tasks, blocks);
    }

    private static BlockPolicy OfRun(string path, IReadOnlyList<string> tasks, int blocks)
    {
        PolicyFile file = PolicyFile.Read(path);
        bool[][] runs = file.Selected is int selected ? file.Sampled[selected] : file.ArgMax;
        return file.Tasks.SequenceEqual(tasks) && runs[0].Length == blocks
            ? new BlockPolicy(runs)
            : throw new DataException($"{path}: is a policy for {string.Join(", ", file.Tasks)} and {runs[0].Length} blocks, expected {string.Join(", ", tasks)} and {blocks} blocks; give that of the checkpoint");
    }

    private static BlockPolicy OfPickle(string path, IReadOnlyList<string> tasks, int blocks)
    {
        using PyTorchFile file = PyTorchFile.Open(path);
        WeightTensor[] tables = [.. file.Tensors.OrderBy(static table => Number(table.Name))];
        if (tables.Length != tasks.Count)
        {
            throw new DataException($"{path}: has policies for {tables.Length} tasks, expected {tasks.Count} ({string.Join(", ", tasks)}); give that of the checkpoint");
        }

        return new BlockPolicy([.. tables.Select((table, t) => Row(path, table, tasks[t], blocks))]);
    }

    // task10_policy comes behind task9_policy.
    private static long Number(string name)
    {
        string digits = string.Concat(name.SkipWhile(static c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit));
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : long.MaxValue;
    }

    private static bool[] Row(string path, WeightTensor table, string task, int blocks)
    {
        if (table.Shape is not [var rows, 2] || rows < 1 || rows > blocks)
        {
            throw new DataException($"{path}: the policy of {task} is [{string.Join(", ", table.Shape)}], expected [{blocks}, 2]; give that of the checkpoint, or set the backbone");
        }

        double[] values = table.Read();
        var runs = new bool[blocks];
        for (int b = 0; b < blocks; b++)
        {
            int row = b - (blocks - (int)rows);
            if (row < 0)
            {
                runs[b] = true;
                continue;
            }

            (double select, double skip) = (values[2 * row], values[(2 * row) + 1]);
            runs[b] = (select, skip) switch
            {
                (1, 0) => true,
                (0, 1) => false,
                _ => throw new DataException($"{path}: the policy of {task} for block {b} is {select.ToString(CultureInfo.InvariantCulture)}, {skip.ToString(CultureInfo.InvariantCulture)}, expected 1, 0 to run it or 0, 1 to skip it; give a policy that was sampled"),
            };
        }

        return runs;
    }
}
