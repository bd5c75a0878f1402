using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>Images of the test part with what is true, what the final network says, and how far it is off; every task has one scale over all images.</summary>
public static class SampleSection
{
    private const int MostColumns = 240;
    private const int RampSteps = 12;

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
            Shown[] shown = [.. Enumerable.Range(0, Math.Min(images, group.Dataset.Count(Split.Test))).Select(i => Predict(network, group, i, decodedNormals, stop))];
            if (shown.Length > 0)
            {
                text.Append(Table(group, tasks, shown));
            }
        }

        return text.Length == 0 ? "" : HtmlPage.Paragraph("The first images of the test part, not chosen by how they look. Every task has one scale over all images; black is what the label does not say.", "note") + text;
    }

    private static Shown Predict(TrainedNetwork network, TaskGroup group, int index, bool decodedNormals, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        IReadOnlyList<TaskSpec> tasks = network.Model.Tasks;
        Sample sample = group.Dataset.Load(Split.Test, index, [.. group.Tasks.Select(t => tasks[t].Label)]);
        IReadOnlyList<(TaskSpec Task, Plane Prediction)> predicted = network.Predict(sample.Image);
        return new Shown(sample, [.. group.Tasks.Select(t =>
        {
            Plane label = tasks[t].Kind.ReadLabel(sample.Labels[tasks[t].Label], decodedNormals);
            return new Answer(label, predicted[t].Prediction, tasks[t].Kind.Error(predicted[t].Prediction, label));
        })]);
    }

    private static string Table(TaskGroup group, IReadOnlyList<TaskSpec> tasks, Shown[] shown)
    {
        var text = new StringBuilder();
        for (int i = 0; i < group.Tasks.Count; i++)
        {
            TaskSpec task = tasks[group.Tasks[i]];
            Answer[] answers = [.. shown.Select(image => image.Answers[i])];
            (double Low, double High) range = Range(answers.Select(static a => a.Label), answers.Select(static a => a.Prediction));
            double most = answers[0].Error.Most ?? Math.Max(1e-9, answers.SelectMany(static a => a.Error.Values.Values).Where(float.IsFinite).DefaultIfEmpty(0).Max());
            text.Append($"<h3>{HtmlText.Escape(task.Name)}</h3>\n<div class=\"scroll pictures\" tabindex=\"0\" role=\"region\" aria-label=\"{HtmlText.Escape(task.Name)}: sample predictions\"><table><thead><tr><th>image</th><th>label</th><th>prediction</th><th>error</th></tr></thead><tbody>\n");
            for (int n = 0; n < shown.Length; n++)
            {
                Picture error = Picture.Of(answers[n].Error.Values, (y, x) => answers[n].Error.Values[y, x, 0] is var e && float.IsFinite(e) ? Turbo.Of(e / most) : Colour.Black);
                string id = shown[n].Sample.Id;
                text.Append("<tr>").Append(Image(Picture.Of(shown[n].Sample.Image), $"image {id}")).Append(Image(task.Kind.Paint(task.Name, answers[n].Label, range).Picture, $"{task.Name}, label of {id}"))
                    .Append(Image(task.Kind.Paint(task.Name, answers[n].Prediction, range).Picture, $"{task.Name}, prediction for {id}")).Append(Image(error, $"{task.Name}, error for {id}")).Append("</tr>\n");
            }

            text.Append("</tbody></table></div>\n").Append(Legend(task, group.Dataset, answers, range, most));
        }

        return text.ToString();
    }

    private static (double Low, double High) Range(IEnumerable<Plane> labels, IEnumerable<Plane> predictions)
    {
        // Labels decide the scale: a few wild predictions must not flatten everything else.
        float[] known = [.. labels.Where(static plane => plane.Channels == 1).SelectMany(static plane => plane.Values).Where(static v => float.IsFinite(v) && v > 0)];
        float[] said = known.Length > 0 ? known : [.. predictions.Where(static plane => plane.Channels == 1).SelectMany(static plane => plane.Values).Where(float.IsFinite)];
        return said.Length == 0 ? (0, 1) : (said.Min(), said.Max());
    }

    private static string Legend(TaskSpec task, IDataset dataset, Answer[] answers, (double Low, double High) range, double most)
    {
        string error = $"<p class=\"note\">{HtmlText.Escape(answers[0].Error.Title)}: 0 {Ramp(static v => v)} {HtmlText.Value(most)}{(answers[0].Error.Unit.Length > 0 ? " " + HtmlText.Escape(answers[0].Error.Unit) : "")}{(answers[0].Error.Most is not null && answers[0].Error.Unit.Length > 0 ? " or more" : "")}</p>\n";
        if (task.Label == LabelKind.Segmentation)
        {
            int[] classes = [.. answers.SelectMany(static a => a.Label.Values.Concat(a.Prediction.Values)).Select(static v => (int)v).Distinct().Where(static c => c != SegmentationTask.IgnoreLabel).Order()];
            string key = string.Concat(classes.Select(c => $"<li><i style=\"background:{Hex(ClassPalette.Of(c))}\"></i>{HtmlText.Escape(c < dataset.ClassNames.Count ? dataset.ClassNames[c] : $"class {c}")}</li>"));
            return $"<ul class=\"k\">{key}</ul>\n{error}";
        }

        return task.Label switch
        {
            LabelKind.Depth => $"<p class=\"note\">distance: {HtmlText.Value(range.Low)} {Ramp(static v => 1 - v)} {HtmlText.Value(range.High)} m</p>\n{error}",
            LabelKind.SurfaceNormals => HtmlPage.Paragraph("directions: x in red, y in green, z in blue, each from -1 (dark) to 1 (bright)", "note") + error,
            _ => HtmlPage.Paragraph("strength: -1 black, 1 white", "note") + error,
        };
    }

    private static string Ramp(Func<double, double> of)
    {
        string stops = string.Join(',', Enumerable.Range(0, RampSteps + 1).Select(i => Hex(Turbo.Of(of((double)i / RampSteps)))));
        return $"<span class=\"ramp\" style=\"background:linear-gradient(90deg,{stops})\"></span>";
    }

    private static string Image(Picture picture, string alt)
    {
        Picture small = picture.Width > MostColumns ? picture.Resize(Math.Max(1, picture.Height * MostColumns / picture.Width), MostColumns) : picture;
        string bytes = Convert.ToBase64String(Png.Encode(new ByteImage(small.Width, small.Height, 3, small.Pixels)));
        return $"<td><img alt=\"{HtmlText.Escape(alt)}\" width=\"{small.Width}\" height=\"{small.Height}\" src=\"data:image/png;base64,{bytes}\"/></td>";
    }

    private static string Hex(Colour colour) => string.Create(CultureInfo.InvariantCulture, $"#{colour.R:x2}{colour.G:x2}{colour.B:x2}");

    private sealed record Shown(Sample Sample, Answer[] Answers);

    private sealed record Answer(Plane Label, Plane Prediction, TaskError Error);
}
