using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What runs that stand side by side are called.</summary>
public static class RunNames
{
    /// <summary>The names of runs of the same tasks: those of their folders; where two have one name, the paths.</summary>
    /// <exception cref="DataException">The runs have other tasks, or one is there twice.</exception>
    public static string[] Of(IReadOnlyList<RunFiles> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        RunFiles? other = runs.FirstOrDefault(run => !run.Config.Tasks.Order().SequenceEqual(runs[0].Config.Tasks.Order()));
        if (other is not null)
        {
            throw new DataException($"{other.Folder.Path}: its tasks are {string.Join(", ", other.Config.Tasks)}, those of {runs[0].Folder.Path} {string.Join(", ", runs[0].Config.Tasks)}; give runs of the same tasks");
        }

        if (runs.GroupBy(static run => Path.GetFullPath(run.Folder.Path)).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new DataException($"{twice.Key}: is given twice; give each run once");
        }

        bool same = runs.Select(static run => run.Name).Distinct().Count() < runs.Count;
        return [.. runs.Select(run => same ? run.Folder.Path : run.Name)];
    }

    /// <summary>What the finished ones among some runs were tested on, each once: more than one can't be compared.</summary>
    public static IReadOnlyList<string> TestedOn(IReadOnlyList<RunFiles> runs) =>
        [.. runs.Select(static run => run.Metrics?.Provenance).OfType<Learning.Training.RunProvenance>().Select(static p => $"{p.Dataset}, {p.TestImages} test images").Distinct()];
}
