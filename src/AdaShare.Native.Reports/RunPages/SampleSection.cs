using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>Images of the test part with what is true, what the final network says, and how far it is off; every task has one scale over all images.</summary>
public static class SampleSection
{
    private const int RampSteps = 12;
    private const int ShownCharacters = 200;

    /// <summary>The section.</summary>
    /// <param name="network">The final network.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="images">How many images of each group of tasks: the first ones, not chosen by how they look.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="stop">Stops between images.</param>
    public static string Of(TrainedNetwork network, IDataset dataset, int images, bool decodedNormals, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        IReadOnlyList<TaskSpec> tasks = network.Model.Tasks;
        var text = new StringBuilder();
        foreach (TaskGroup group in TaskGroup.Of(dataset, tasks))
        {
            SampleAnswers[] shown = [.. SampleAnswers.Of(network, group, images, decodedNormals, stop)];
            if (shown.Length > 0)
            {
                text.Append(Table(group, tasks, shown));
            }
        }

        return text.Length == 0 ? "" : HtmlPage.Paragraph(dataset.Inputs == InputKind.Text
            ? "The first texts of the test part, not chosen by what they say, as the network reads them."
            : "The first images of the test part, not chosen by how they look. Every task has one scale over all images; black is what the label does not say.", "note") + text;
    }

    private static string Table(TaskGroup group, IReadOnlyList<TaskSpec> tasks, SampleAnswers[] shown)
    {
        var text = new StringBuilder();
        for (int i = 0; i < group.Tasks.Count; i++)
        {
            TaskSpec task = tasks[group.Tasks[i]];
            TaskAnswer[] answers = [.. shown.Select(image => image.Answers[i])];
            text.Append($"<h3>{HtmlText.Escape(task.Name)}</h3>\n<div class=\"scroll pictures\" tabindex=\"0\" role=\"region\" aria-label=\"{HtmlText.Escape(task.Name)}: sample predictions\"><table><thead><tr><th>{(group.Dataset.Inputs == InputKind.Text ? "text" : "image")}</th><th>label</th><th>prediction</th><th>error</th></tr></thead><tbody>\n");
            text.Append(task.Label.IsOfImage ? Words(task, group.Dataset, shown, answers) : Pictures(task, group.Dataset, shown, answers));
        }

        return text.ToString();
    }

    /// <summary>The rest of a table whose task speaks of images as a whole.</summary>
    private static string Words(TaskSpec task, IDataset dataset, SampleAnswers[] shown, TaskAnswer[] answers)
    {
        IReadOnlyList<string> names = dataset.ClassNamesOf(task.Label);
        var text = new StringBuilder();
        for (int n = 0; n < shown.Length; n++)
        {
            string label = answers[n].Label is { } known ? task.Kind.Say(known, names) ?? "" : "not labelled";
            string error = answers[n].Error is { } measured && float.IsFinite(measured.Values.Values[0]) ? HtmlText.Value(measured.Values.Values[0]) : "";
            text.Append("<tr>").Append(InputOf(shown[n].Sample))
                .Append($"<td>{HtmlText.Escape(label)}</td><td>{HtmlText.Escape(task.Kind.Say(answers[n].Prediction, names) ?? "")}</td><td>{error}</td></tr>\n");
        }

        string title = answers.Select(static a => a.Error).OfType<TaskError>().FirstOrDefault()?.Title ?? "";
        return text.Append("</tbody></table></div>\n").Append(title.Length > 0 ? HtmlPage.Paragraph($"error: {title}", "note") : "").ToString();
    }

    /// <summary>What the network read: the picture, or the beginning of the text.</summary>
    private static string InputOf(Sample sample) => sample.Input is CharacterText text
        ? $"<td>{HtmlText.Escape(TextAlphabet.Decode(text, ShownCharacters))}</td>"
        : Image(Picture.Of(sample.Image), $"image {sample.Id}");

    /// <summary>The rest of a table whose task speaks of pixels.</summary>
    private static string Pictures(TaskSpec task, IDataset dataset, SampleAnswers[] shown, TaskAnswer[] answers)
    {
        var scale = AnswerScale.Of(answers);
        ((double Low, double High) range, double most) = (scale.Range, scale.Most);
        TaskError[] errors = [.. answers.Select(static a => a.Error).OfType<TaskError>()];
        var text = new StringBuilder();
        for (int n = 0; n < shown.Length; n++)
        {
            string id = shown[n].Sample.Id;
            text.Append("<tr>").Append(Image(Picture.Of(shown[n].Sample.Image), $"image {id}"));
            text.Append(answers[n].Label is { } label ? Image(task.Kind.Paint(task.Name, label, range).Picture, $"{task.Name}, label of {id}") : "<td>not labelled</td>");
            text.Append(Image(task.Kind.Paint(task.Name, answers[n].Prediction, range).Picture, $"{task.Name}, prediction for {id}"));
            text.Append(answers[n].Error is { } error ? Image(AnswerPictures.Painted(error, most), $"{task.Name}, error for {id}") : "<td></td>").Append("</tr>\n");
        }

        return text.Append("</tbody></table></div>\n").Append(Legend(task, dataset, answers, errors.FirstOrDefault(), range, most)).ToString();
    }

    private static string Legend(TaskSpec task, IDataset dataset, TaskAnswer[] answers, TaskError? measured, (double Low, double High) range, double most)
    {
        string unit = measured?.Unit.Length > 0 ? " " + HtmlText.Escape(measured.Unit) : "";
        string error = measured is null ? "" : $"<p class=\"note\">{HtmlText.Escape(measured.Title)}: 0 {Ramp(static v => v)} {HtmlText.Value(most)}{unit}{(measured.Most is not null && unit.Length > 0 ? " or more" : "")}</p>\n";
        switch (task.Label.Kind)
        {
            case LabelKind.Segmentation:
                IReadOnlyList<string> names = dataset.ClassNamesOf(task.Label);
                int[] classes = [.. answers.SelectMany(static a => (a.Label?.Values ?? []).Concat(a.Prediction.Values)).Select(static v => (int)v).Distinct().Where(static c => c != SegmentationTask.IgnoreLabel).Order()];
                string key = string.Concat(classes.Select(c => $"<li><i style=\"background:{Hex(ClassPalette.Of(c))}\"></i>{HtmlText.Escape(c < names.Count ? names[c] : $"class {c}")}</li>"));
                return $"<ul class=\"k\">{key}</ul>\n{error}";
            case LabelKind.Depth:
                string depth = task.Kind.Unit == "m" ? "distance" : "depth as it is stored", suffix = task.Kind.Unit.Length > 0 ? " " + HtmlText.Escape(task.Kind.Unit) : "";
                return $"<p class=\"note\">{depth}: {HtmlText.Value(range.Low)} {Ramp(static v => 1 - v)} {HtmlText.Value(range.High)}{suffix}</p>\n{error}";
            case LabelKind.SurfaceNormals:
                return HtmlPage.Paragraph("directions: x in red, y in green, z in blue, each from -1 (dark) to 1 (bright)", "note") + error;
            default:
                return HtmlPage.Paragraph("strength: -1 black, 1 white", "note") + error;
        }
    }

    private static string Ramp(Func<double, double> of)
    {
        string stops = string.Join(',', Enumerable.Range(0, RampSteps + 1).Select(i => Hex(Turbo.Of(of((double)i / RampSteps)))));
        return $"<span class=\"ramp\" style=\"background:linear-gradient(90deg,{stops})\"></span>";
    }

    private static string Image(Picture picture, string alt) => $"<td>{HtmlImage.Of(picture, alt)}</td>";

    private static string Hex(Colour colour) => string.Create(CultureInfo.InvariantCulture, $"#{colour.R:x2}{colour.G:x2}{colour.B:x2}");
}
