using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What runs that stand side by side are called.</summary>
public static class RunNames
{
    private const int ShownDigits = 8;

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

    /// <summary>What the finished ones among some runs were tested on, each once: more than one can't be compared. What has one name and size and another content is told apart by its first digits.</summary>
    /// <exception cref="DataException">A run's data.json is damaged.</exception>
    public static IReadOnlyList<string> TestedOn(IReadOnlyList<RunFiles> runs)
    {
        (string Text, string Digest)[] data = [.. runs.Where(static run => run.Metrics is not null).Select(Tested).Distinct()];
        return [.. data.Select(one => data.Count(other => other.Text == one.Text) > 1 ? $"{one.Text} with content {one.Digest}" : one.Text)];
    }

    private static (string Text, string Digest) Tested(RunFiles run)
    {
        RunProvenance from = run.Metrics!.Provenance;
        string digest = DataManifest.Read(run.Folder)?.DigestOf(Split.Test)[..ShownDigits] ?? "unknown";
        return ($"{from.Dataset}, {from.TestImages} test {BackboneRegistry.Get(run.Config.Backbone).Inputs.Plural()}", digest);
    }
}
