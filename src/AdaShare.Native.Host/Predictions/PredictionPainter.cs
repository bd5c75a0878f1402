using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Predictions;

/// <summary>Paints what is predicted for an image: each task alone, and all beside the input; where labels are known, those and how far the prediction is off too. Safe for several threads at once.</summary>
/// <param name="look">How it is painted.</param>
/// <param name="names">The names of a task's classes; none where nobody knows.</param>
public sealed class PredictionPainter(PredictionLook look, Func<TaskSpec, IReadOnlyList<string>> names)
{
    /// <summary>Writes an image's pictures.</summary>
    /// <param name="planned">What they are called.</param>
    /// <param name="input">The image or text.</param>
    /// <param name="answers">Its tasks, in order.</param>
    /// <param name="shared">The scales over all images, by the task's name; null where each image has its own.</param>
    /// <returns>A line for people: where the picture is, what it shows, and what is said of the image.</returns>
    /// <exception cref="DataException">A picture can't be written.</exception>
    public string Paint(PlannedPictures planned, PredictionInput input, IReadOnlyList<(TaskSpec Task, TaskAnswer Answer)> answers, IReadOnlyDictionary<string, AnswerScale>? shared)
    {
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(answers);
        string shown = planned.Image;
        if (planned.Combined is { } combined)
        {
            var image = (BgrImage)input.Stored;
            PaintedTask[] painted = [.. answers.Where(static one => !one.Task.Label.IsOfImage).Select(one => Painted(one.Task, one.Answer, image, shared?.GetValueOrDefault(one.Task.Name)))];
            for (int t = 0; t < painted.Length; t++)
            {
                PictureFile.Write(planned.OfTasks[t], painted[t].Prediction.Picture);
                WriteIfThere(planned.OfLabels, t, painted[t].Label);
                WriteIfThere(planned.OfErrors, t, painted[t].Error);
            }

            var seen = Picture.Of(image);
            bool isHeldAgainstLabels = planned.OfLabels.Count > 0;
            PictureFile.Write(combined, isHeldAgainstLabels
                ? PictureLegend.Stack([.. painted.Select(one => PictureLegend.Row([seen, .. one.Pictures], [LegendColumn.Input, .. one.Columns]))])
                : PictureLegend.Row([seen, .. painted.Select(static one => one.Prediction.Picture)], [LegendColumn.Input, .. painted.Select(static one => one.Columns[0])]));
            shown = $"{combined}: input | {string.Join(" | ", painted.Select(static one => one.Prediction.Task + RangeOf(one) + ErrorOf(one.Task, one.Answer)))}";
        }

        return shown + string.Concat(answers.Where(static one => one.Task.Label.IsOfImage).Select(one => $"; {one.Task.Name}: {one.Task.Kind.Say(one.Answer.Prediction, names(one.Task))}{LabelOf(one.Task, one.Answer)}"));
    }

    private static void WriteIfThere(IReadOnlyList<string> files, int task, Picture? picture)
    {
        if (picture is not null && files.Count > 0)
        {
            PictureFile.Write(files[task], picture);
        }
    }

    private PaintedTask Painted(TaskSpec task, TaskAnswer answer, BgrImage image, AnswerScale? shared)
    {
        (double, double)? range = look.RangeOf(task, answer, shared);
        TaskPicture prediction = Painted(task, answer.Prediction, image, range);
        LegendColumn Column(Plane plane, TaskPicture picture) => LegendColumn.Of(task, plane, picture, names(task)) is var column && NoteOf(task) is { Length: > 0 } note ? column with { Note = note } : column;
        if (answer.Label is not { } known)
        {
            return new PaintedTask(task, answer, prediction, null, null, [Column(answer.Prediction, prediction)]);
        }

        TaskPicture label = Painted(task, known, image, range);
        LegendColumn[] columns = [Column(known, label) with { Title = $"{task.Name}, label" }, Column(answer.Prediction, prediction) with { Title = $"{task.Name}, prediction" }];
        if (answer.Error is not { } error)
        {
            return new PaintedTask(task, answer, prediction, label.Picture, null, columns);
        }

        double most = (shared ?? AnswerScale.Of(answer)).Most;
        return new PaintedTask(task, answer, prediction, label.Picture, AnswerPictures.Painted(error, most), [.. columns, LegendColumn.OfError(error, most)]);
    }

    private TaskPicture Painted(TaskSpec task, Plane plane, BgrImage image, (double, double)? range)
    {
        TaskPicture painted = task.Kind.Paint(task.Name, plane, range);
        return look.Overlay is { } share && task.Label.IsOfClasses ? painted with { Picture = ClassOverlay.Of(painted.Picture, plane, image, share) } : painted;
    }

    private string NoteOf(TaskSpec task) => task.Kind.FollowsScale ? look.Note
        : look.Overlay is { } share && task.Label.IsOfClasses ? string.Create(CultureInfo.InvariantCulture, $"colours at {100 * share:0.#} % over the image")
        : "";

    private static string RangeOf(PaintedTask painted)
    {
        string suffix = painted.Task.Kind.Unit.Length > 0 ? " " + painted.Task.Kind.Unit : "";
        return painted.Prediction.Metres is (double low, double high) ? string.Create(CultureInfo.InvariantCulture, $" {low:0.00}{suffix} (warm) to {high:0.00}{suffix} (cool)") : "";
    }

    private static string ErrorOf(TaskSpec task, TaskAnswer answer) => MeanError.Of(answer) is { Pixels: > 0 } error && !task.Label.IsOfImage
        ? string.Create(CultureInfo.InvariantCulture, $", {error.Title} {error.Mean:0.###}{(error.Unit is "" or "°" ? error.Unit : " " + error.Unit)}")
        : "";

    private string LabelOf(TaskSpec task, TaskAnswer answer) => answer.Label is { } label && task.Kind.Say(label, names(task)) is { } said ? $" (label: {said})" : "";

    /// <summary>A task's pictures and what stands below them: where there is a label, that, the prediction, the error; else the prediction.</summary>
    private sealed record PaintedTask(TaskSpec Task, TaskAnswer Answer, TaskPicture Prediction, Picture? Label, Picture? Error, IReadOnlyList<LegendColumn> Columns)
    {
        public IEnumerable<Picture> Pictures => new[] { Label, Prediction.Picture, Error }.OfType<Picture>();
    }
}
