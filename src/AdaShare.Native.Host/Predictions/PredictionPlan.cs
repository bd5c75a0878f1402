using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Pictures;

namespace AdaShare.Native.Host.Predictions;

/// <summary>An image and the names of the pictures that are made of it.</summary>
/// <param name="Image">The image's file.</param>
/// <param name="Combined">The picture of the input beside all predictions; null where no task speaks of pixels.</param>
/// <param name="OfTasks">The picture of each task alone.</param>
/// <param name="Raw">The files of numbers, task by task; empty where they are not asked for.</param>
public sealed record PlannedPictures(string Image, string? Combined, IReadOnlyList<string> OfTasks, IReadOnlyList<string> Raw)
{
    /// <summary>The picture of each task's label; empty where labels are not read.</summary>
    public IReadOnlyList<string> OfLabels { get; init; } = [];

    /// <summary>The picture of how far each task is off; empty where labels are not read.</summary>
    public IReadOnlyList<string> OfErrors { get; init; } = [];

    /// <summary>All files that are written.</summary>
    public IEnumerable<string> Outputs => [.. Combined is null ? [] : new[] { Combined }, .. OfTasks, .. OfLabels, .. OfErrors, .. Raw];
}

/// <summary>Settles which images are read and what the pictures of each are called, before the first one is computed.</summary>
public static class PredictionPlan
{
    private static readonly string[] ImageEndings = [".png", ".jpg", ".jpeg"], TextEndings = [".txt"];

    /// <summary>Makes the plan.</summary>
    /// <param name="kind">What is predicted from.</param>
    /// <param name="inputs">Images or texts, and folders whose images or texts are taken in the order of their names, frame2 before frame10; hidden files are passed over.</param>
    /// <param name="folder">Where pictures go.</param>
    /// <param name="tasks">The names of the tasks that are painted.</param>
    /// <param name="raw">What the files of numbers end in; none where they are not asked for.</param>
    /// <param name="tables">The names of the files that tell of all inputs together.</param>
    /// <param name="force">Whether pictures that are there already may be replaced; an input never is.</param>
    /// <exception cref="DataException">An input is missing, a folder has no image, pictures of two images have one name, or a picture would replace a file.</exception>
    public static IReadOnlyList<PlannedPictures> Of(InputKind kind, IReadOnlyList<string> inputs, string folder, IReadOnlyList<string> tasks, IReadOnlyList<string> raw, IReadOnlyList<string> tables, bool force)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(raw);
        ArgumentNullException.ThrowIfNull(tables);
        RequireFolder(folder);
        if (inputs.FirstOrDefault(input => Directory.Exists(input) && Path.TrimEndingDirectorySeparator(Place(input)) == Path.TrimEndingDirectorySeparator(Place(folder))) is { } same)
        {
            throw new DataException($"{folder}: is the folder of the {kind.Plural()} to predict from ({same}), and what is written there would be taken for more of them the next time; choose another --out");
        }

        PlannedPictures[] plan = [.. inputs.SelectMany(input => Files(kind, input)).Select(image => PredictionNames.Of(image, folder, tasks, raw))];
        PredictionNames.RequireApart(plan);
        HashSet<string> read = [.. plan.Select(static planned => Place(planned.Image))];
        if (plan.SelectMany(static planned => planned.Outputs).Concat(tables.Select(table => Path.Combine(folder, table))).FirstOrDefault(output => read.Contains(Place(output))) is { } input)
        {
            throw new DataException($"{input}: is one of the {kind.Plural()} to predict from, and would be replaced by what is predicted; choose another --out");
        }

        RequireFree(plan, folder, tables, force);
        return plan;
    }

    /// <summary>Holds what is written for examples of a data set against what is there.</summary>
    /// <param name="plan">What is written.</param>
    /// <param name="folder">Where it goes.</param>
    /// <param name="root">The folder that the data set is read from; null where it is read from none.</param>
    /// <param name="tables">The names of the files that tell of all examples together.</param>
    /// <param name="force">Whether pictures that are there already may be replaced.</param>
    /// <exception cref="DataException">The folder lies in the data set's, pictures of two examples have one name, or one would replace a file.</exception>
    public static void Require(IReadOnlyList<PlannedPictures> plan, string folder, string? root, IReadOnlyList<string> tables, bool force)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(tables);
        RequireFolder(folder);
        if (!string.IsNullOrWhiteSpace(root) && (Path.TrimEndingDirectorySeparator(Place(folder)) + Path.DirectorySeparatorChar).StartsWith(Path.TrimEndingDirectorySeparator(Place(root)) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new DataException($"{folder}: lies in the folder of the data set ({root}), whose files are never replaced; choose another --out");
        }

        PredictionNames.RequireApart(plan);
        RequireFree(plan, folder, tables, force);
    }

    private static void RequireFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new DataException($"{folder}: is a file; --out needs a folder, which is made where it is missing");
        }
    }

    private static void RequireFree(IReadOnlyList<PlannedPictures> plan, string folder, IReadOnlyList<string> tables, bool force)
    {
        if (!force && plan.SelectMany(static planned => planned.Outputs).Concat(tables.Select(table => Path.Combine(folder, table))).FirstOrDefault(Path.Exists) is { } output)
        {
            throw new DataException($"{output}: there is such a file already; choose another --out, or replace it with --force");
        }
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
                .Order(NaturalOrder.Instance),
        ];
        return files.Length > 0 ? files : throw new DataException($"{input}: the folder has no {kind.Plural()}; expected files that end in {string.Join(", ", endings)}");
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
