using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Predictions;

/// <summary>What the pictures of an image are called: a function of the image's own name, so that they are the same whatever else is predicted with it.</summary>
public static class PredictionNames
{
    private const string PictureEnding = ".png";

    /// <summary>What the names of an image's pictures begin with: its name without .png, and with any other ending, so that a.png and a.jpg do not meet.</summary>
    /// <param name="image">The image's file.</param>
    public static string StemOf(string image) => Path.GetExtension(image).Equals(PictureEnding, StringComparison.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(image) : Path.GetFileName(image);

    /// <summary>The pictures of an image: STEM.png, and STEM_TASK.png for each task; none where no task is painted.</summary>
    /// <param name="image">The image's file.</param>
    /// <param name="folder">Where pictures go.</param>
    /// <param name="tasks">The names of the tasks that are painted.</param>
    /// <param name="raw">What the files of numbers end in after the stem.</param>
    public static PlannedPictures Of(string image, string folder, IReadOnlyList<string> tasks, IReadOnlyList<string> raw)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        string stem = Path.Combine(folder, StemOf(image));
        return new PlannedPictures(image, tasks.Count == 0 ? null : stem + PictureEnding, [.. tasks.Select(task => $"{stem}_{task}{PictureEnding}")], [.. raw.Select(ending => stem + ending)]);
    }

    /// <summary>The pictures of an example of a data set: as of an image of its name, and STEM_TASK_label.png and STEM_TASK_error.png for each task.</summary>
    /// <param name="example">The name of the example in its data set; what file names can't have becomes _.</param>
    /// <param name="folder">Where pictures go.</param>
    /// <param name="tasks">The names of the tasks that are painted.</param>
    /// <param name="raw">What the files of numbers end in after the stem.</param>
    public static PlannedPictures OfExample(string example, string folder, IReadOnlyList<string> tasks, IReadOnlyList<string> raw)
    {
        ArgumentNullException.ThrowIfNull(example);
        char[] refused = [.. Path.GetInvalidFileNameChars(), '/', '\\', ':'];
        string name = string.Concat(example.Select(character => refused.Contains(character) ? '_' : character)), stem = Path.Combine(folder, StemOf(name));
        return Of(name, folder, tasks, raw) with
        {
            Image = example,
            OfLabels = [.. tasks.Select(task => $"{stem}_{task}_label{PictureEnding}")],
            OfErrors = [.. tasks.Select(task => $"{stem}_{task}_error{PictureEnding}")],
        };
    }

    /// <summary>Refuses pictures of two images that have the same name, also where only capitals differ: some file systems take them for one. A number would tell them apart, but would depend on the order.</summary>
    /// <exception cref="DataException">Two pictures have one name.</exception>
    public static void RequireApart(IReadOnlyList<PlannedPictures> plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (PlannedPictures planned in plan)
        {
            foreach (string output in planned.Outputs)
            {
                if (!owners.TryAdd(output, planned.Image))
                {
                    throw new DataException(
                        Path.GetFullPath(owners[output]) == Path.GetFullPath(planned.Image)
                            ? $"{planned.Image}: is given twice; give it once"
                            : $"{planned.Image}: its file {output} would be one of {owners[output]} too; predict the two in calls of their own, with another --out, or rename one");
                }
            }
        }
    }
}
