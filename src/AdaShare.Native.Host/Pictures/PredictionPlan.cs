using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Pictures;

/// <summary>An image and the names of the pictures that are made of it.</summary>
/// <param name="Image">The image's file.</param>
/// <param name="Combined">The picture of the input beside all predictions; null where no task speaks of pixels.</param>
/// <param name="OfTasks">The picture of each task alone.</param>
public sealed record PlannedPictures(string Image, string? Combined, IReadOnlyList<string> OfTasks)
{
    /// <summary>All pictures.</summary>
    public IEnumerable<string> Outputs => Combined is null ? OfTasks : OfTasks.Prepend(Combined);
}

/// <summary>Settles which images are read and what the pictures of each are called, before the first one is computed.</summary>
public static class PredictionPlan
{
    private static readonly string[] ImageEndings = [".png", ".jpg", ".jpeg"], TextEndings = [".txt"];

    /// <summary>Makes the plan.</summary>
    /// <param name="kind">What is predicted from.</param>
    /// <param name="inputs">Images or texts, and folders whose images or texts are taken in the order of their names; hidden files are passed over.</param>
    /// <param name="folder">Where pictures go.</param>
    /// <param name="tasks">The names of the tasks that are painted.</param>
    /// <param name="table">The name of the file with what other tasks say; null where there are none.</param>
    /// <param name="force">Whether pictures that are there already may be replaced; an input never is.</param>
    /// <exception cref="DataException">An input is missing, a folder has no image, or a picture would replace a file.</exception>
    public static IReadOnlyList<PlannedPictures> Of(InputKind kind, IReadOnlyList<string> inputs, string folder, IReadOnlyList<string> tasks, string? table, bool force)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(tasks);
        if (File.Exists(folder))
        {
            throw new DataException($"{folder}: is a file; --out needs a folder, which is made where it is missing");
        }

        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        PlannedPictures[] plan = [.. inputs.SelectMany(input => Files(kind, input)).Select(image => Names(image, folder, tasks, taken))];
        HashSet<string> read = [.. plan.Select(static planned => Place(planned.Image))];
        string[] tables = table is null ? [] : [Path.Combine(folder, table)];
        foreach (string output in plan.SelectMany(static planned => planned.Outputs).Concat(tables))
        {
            if (read.Contains(Place(output)))
            {
                throw new DataException($"{output}: is one of the {kind.Plural()} to predict from, and would be replaced by what is predicted; choose another --out");
            }

            if (!force && Path.Exists(output))
            {
                throw new DataException($"{output}: there is such a file already; choose another --out, or replace it with --force");
            }
        }

        return plan;
    }

    private static IEnumerable<string> Files(InputKind kind, string input)
    {
        if (!Directory.Exists(input))
        {
            return [input];
        }

        string[] endings = kind == InputKind.Text ? TextEndings : ImageEndings;
        string[] files =
        [
            .. Directory.EnumerateFiles(input).Where(file => !Path.GetFileName(file).StartsWith('.') && endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal),
        ];
        return files.Length > 0 ? files : throw new DataException($"{input}: the folder has no {kind.Plural()}; expected files that end in {string.Join(", ", endings)}");
    }

    /// <summary>The first name, with a number where others are taken, whose pictures are all free: a.png with task seg and a_seg.png must not meet.</summary>
    private static PlannedPictures Names(string image, string folder, IReadOnlyList<string> tasks, HashSet<string> taken)
    {
        string name = Path.GetFileNameWithoutExtension(image);
        for (int number = 1; ; number++)
        {
            string unique = number == 1 ? name : $"{name}-{number}";
            var planned = new PlannedPictures(image, tasks.Count == 0 ? null : Path.Combine(folder, unique + ".png"), [.. tasks.Select(task => Path.Combine(folder, $"{unique}_{task}.png"))]);
            if (!planned.Outputs.Any(taken.Contains))
            {
                taken.UnionWith(planned.Outputs);
                return planned;
            }
        }
    }

    /// <summary>Which file a name leads to, links of every kind resolved; the name itself where there is no such file yet.</summary>
    private static string Place(string path)
    {
        try
        {
            return RegularFile.Identify(path).Place;
        }
        catch (IOException)
        {
            return Path.GetFullPath(path);
        }
    }
}
