using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>Labels, predictions and errors of a task as pictures, on one scale over all images.</summary>
internal static class AnswerPictures
{
    private const double SmallestScale = 1e-9;
    private const int Gap = 4;

    /// <summary>The scale of what has one channel. Labels decide it: a few wild predictions must not flatten everything else.</summary>
    public static (double Low, double High) Range(IReadOnlyList<TaskAnswer> answers)
    {
        float[] known = [.. Values(answers.Select(static a => a.Label).OfType<Plane>()).Where(static v => v > 0)];
        float[] said = known.Length > 0 ? known : [.. Values(answers.Select(static a => a.Prediction))];
        return said.Length == 0 ? (0, 1) : (said.Min(), said.Max());
    }

    /// <summary>The error that has the end of the scale.</summary>
    public static double Most(IReadOnlyList<TaskError> errors) =>
        errors.Count > 0 && errors[0].Most is { } most ? most : Math.Max(SmallestScale, errors.SelectMany(static e => e.Values.Values).Where(float.IsFinite).DefaultIfEmpty(0).Max());

    /// <summary>An error as a picture; black is what the label does not say.</summary>
    public static Picture Painted(TaskError error, double most) =>
        Picture.Of(error.Values, (y, x) => error.Values[y, x, 0] is var e && float.IsFinite(e) ? Turbo.Of(e / most) : Colour.Black);

    /// <summary>Image, label, prediction and error side by side, each of the image's size.</summary>
    /// <param name="task">The task, whose label speaks of pixels.</param>
    /// <param name="image">The image.</param>
    /// <param name="answer">What is true and predicted.</param>
    /// <param name="range">See <see cref="Range"/>.</param>
    /// <param name="most">See <see cref="Most"/>.</param>
    public static Picture SideBySide(TaskSpec task, Picture image, TaskAnswer answer, (double Low, double High) range, double most)
    {
        var pictures = new List<Picture> { image };
        if (answer.Label is { } label)
        {
            pictures.Add(task.Kind.Paint(task.Name, label, range).Picture);
        }

        pictures.Add(task.Kind.Paint(task.Name, answer.Prediction, range).Picture);
        if (answer.Error is { } error)
        {
            pictures.Add(Painted(error, most));
        }

        var all = new Picture(image.Height, (pictures.Count * (image.Width + Gap)) - Gap);
        for (int i = 0; i < pictures.Count; i++)
        {
            Picture one = pictures[i].Resize(image.Height, image.Width);
            for (int y = 0; y < image.Height; y++)
            {
                one.Pixels.AsSpan(y * image.Width * 3, image.Width * 3).CopyTo(all.Pixels.AsSpan(((y * all.Width) + (i * (image.Width + Gap))) * 3));
            }
        }

        return all;
    }

    private static IEnumerable<float> Values(IEnumerable<Plane> planes) => planes.Where(static plane => plane.Channels == 1).SelectMany(static plane => plane.Values).Where(float.IsFinite);
}
