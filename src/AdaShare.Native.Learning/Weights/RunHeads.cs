using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Weights;

/// <summary>The heads of a model that start from those of another run: of tasks with one name, kind and number of outputs.</summary>
/// <param name="theirs">The tasks of that run.</param>
/// <param name="ours">The tasks of the model.</param>
internal sealed class RunHeads(TaskPlaces theirs, TaskPlaces ours)
{
    /// <summary>The names of the tasks whose heads are taken.</summary>
    public List<string> Taken { get; } = [];

    /// <summary>The tasks whose heads stay as they are, each with why.</summary>
    public List<string> Fresh { get; } = [];

    /// <summary>The tensors of all heads that are taken, with the parameters that they go into.</summary>
    /// <param name="parameters">The parameters of the model's heads.</param>
    /// <param name="tensors">The tensors of the other run's network.</param>
    public IReadOnlyList<(Parameter Target, WeightTensor Source)> Match(IEnumerable<Parameter> parameters, IReadOnlyDictionary<string, WeightTensor> tensors)
    {
        var sources = tensors.Select(entry => (Head: theirs.HeadOf(entry.Key), entry.Value)).Where(static entry => entry.Head is not null).ToDictionary(static entry => entry.Head!.Value, static entry => entry.Value);
        var taken = new List<(Parameter, WeightTensor)>();
        foreach (IGrouping<int, (Parameter Target, string Place)> head in parameters.Select(parameter => (Parameter: parameter, Head: ours.HeadOf(parameter.Name))).Where(static entry => entry.Head is not null)
            .GroupBy(static entry => entry.Head!.Value.Task, static entry => (entry.Parameter, entry.Head!.Value.Place)))
        {
            TaskSpec task = ours.Tasks[head.Key];
            int there = theirs.IndexOf(task.Name);
            if (Misfit(task, there < 0 ? null : theirs.Tasks[there], head, place => sources.GetValueOrDefault((there, place))) is { } why)
            {
                Fresh.Add($"{task.Name} ({why})");
                continue;
            }

            Taken.Add(task.Name);
            taken.AddRange(head.Select(part => (part.Target, sources[(there, part.Place)])));
        }

        return taken;
    }

    /// <summary>Why a head is not taken; null where it is.</summary>
    private static string? Misfit(TaskSpec task, TaskSpec? other, IEnumerable<(Parameter Target, string Place)> head, Func<string, WeightTensor?> source)
    {
        if (other is null)
        {
            return "no such task there";
        }

        if (other.Kind.Name != task.Kind.Name || other.Channels != task.Channels)
        {
            return other.Kind.Name != task.Kind.Name ? $"{other.Kind.Name} there, {task.Kind.Name} here" : $"{other.Channels} outputs there, {task.Channels} here";
        }

        foreach ((Parameter target, string place) in head)
        {
            long[] expected = [.. target.Shape.ToArray().Select(static size => (long)size)];
            if (source(place) is not { } tensor)
            {
                return $"no {target.Name} there";
            }

            if (!tensor.Shape.SequenceEqual(expected))
            {
                return $"{tensor.Name} is [{string.Join(", ", tensor.Shape)}] there, [{string.Join(", ", expected)}] here";
            }
        }

        return null;
    }
}
