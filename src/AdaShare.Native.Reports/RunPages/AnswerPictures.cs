using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>Labels, predictions and errors of a task as pictures, on one scale over all images.</summary>
public static class AnswerPictures
{
    private const int Gap = 4;

    /// <summary>An error as a picture; black is what the label does not say.</summary>
    /// <param name="error">The error.</param>
    /// <param name="most">The error that has the end of the scale, see <see cref="AnswerScale.Most"/>.</param>
    public static Picture Painted(TaskError error, double most)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Picture.Of(error.Values, (y, x) => error.Values[y, x, 0] is var e && float.IsFinite(e) ? Turbo.Of(e / most) : Colour.Black);
    }

    /// <summary>Image, label, prediction and error side by side, each of the image's size.</summary>
    /// <param name="task">The task, whose label speaks of pixels.</param>
    /// <param name="image">The image.</param>
    /// <param name="answer">What is true and predicted.</param>
    /// <param name="scale">The scales that the pictures of the task share.</param>
    public static Picture SideBySide(TaskSpec task, Picture image, TaskAnswer answer, AnswerScale scale)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(scale);
        var pictures = new List<Picture> { image };
        if (answer.Label is { } label)
        {
            pictures.Add(task.Kind.Paint(task.Name, label, scale.Range).Picture);
        }

        pictures.Add(task.Kind.Paint(task.Name, answer.Prediction, scale.Range).Picture);
        if (answer.Error is { } error)
        {
            pictures.Add(Painted(error, scale.Most));
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
}
