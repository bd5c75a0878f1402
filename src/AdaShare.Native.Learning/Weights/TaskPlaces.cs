using System.Globalization;
using System.Text.RegularExpressions;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Weights;

/// <summary>What belongs to which task in the names of a model's tensors, whether tasks are numbered there, as in the official code (<c>task1_fc1_c0.conv1.weight</c>, <c>task0_bn1.weight</c>), or named (<c>seg.head_c0.conv1.weight</c>).</summary>
/// <param name="tasks">The model's tasks.</param>
internal sealed partial class TaskPlaces(IReadOnlyList<TaskSpec> tasks)
{
    /// <summary>The tasks.</summary>
    public IReadOnlyList<TaskSpec> Tasks => tasks;

    /// <summary>The task of a head's tensor, by its index, and the place within the head, such as <c>_c0.conv1.weight</c>; null where the name is of no head.</summary>
    public (int Task, string Place)? HeadOf(string name)
    {
        for (int t = 0; t < tasks.Count; t++)
        {
            foreach (string prefix in (string[])[new HeadSpec(t + 1, 0, 0, 0, 0).Prefix, TaskNames.Head(tasks[t].Name)])
            {
                if (name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) && name[prefix.Length] is '_' or '.')
                {
                    return (t, name[prefix.Length..]);
                }
            }
        }

        return null;
    }

    /// <summary>The name that a batch norm of one task has in a model whose tasks stand in another order; other names as they are.</summary>
    /// <param name="name">Its name here.</param>
    /// <param name="there">The other model.</param>
    /// <returns>Null where the other model has no such task.</returns>
    public string? NormIn(string name, TaskPlaces there)
    {
        Match mark = NormTask().Match(name);
        if (!mark.Success)
        {
            return name;
        }

        int task = int.Parse(mark.Groups["task"].ValueSpan, CultureInfo.InvariantCulture), other = task < tasks.Count ? there.IndexOf(tasks[task].Name) : -1;
        return other < 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{name[..mark.Groups["task"].Index]}{other}{name[(mark.Groups["task"].Index + mark.Groups["task"].Length)..]}");
    }

    /// <summary>The index of a task; -1 where there is none of the name.</summary>
    public int IndexOf(string task) => tasks.Select(static spec => spec.Name).ToList().IndexOf(task);

    [GeneratedRegex(@"(?<=^|\.)task(?<task>\d{1,4})_(?=bn|ds)", RegexOptions.ExplicitCapture)]
    private static partial Regex NormTask();
}
