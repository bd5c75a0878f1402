using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.DataPages;

/// <summary>A page on a data set: how many images and labels there are, what they hold, what can't be read, and a contact sheet.</summary>
public static class DataPage
{
    private const int SheetColumns = 160;
    private const int MostBars = 400;
    private const int ShownCharacters = 200;
    private static readonly Split[] Sheets = [Split.TrainWeights, Split.Validation, Split.Test];

    /// <summary>The page.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="survey">What they hold.</param>
    /// <param name="images">How many images of each part the contact sheet shows, evenly spread.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    public static HtmlPage Of(IDataset dataset, DataSurvey survey, int images, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(survey);
        TaskSpec[] tasks = [.. survey.Labels.Select(static label => label.Task)];
        var page = new HtmlPage(dataset.Name, string.Create(CultureInfo.InvariantCulture, $"{survey.Images:N0} {dataset.Inputs.Plural()}, {tasks.Length} tasks; {(survey.Faulty == 0 ? "every file could be read" : $"{survey.Faulty:N0} examples can't be read")}"));
        page.Add("faults", "What can't be read", Faults(survey));
        page.Add("parts", "Parts and sizes", Parts(dataset, tasks) + (dataset.Inputs == InputKind.Text ? "" : SizesOf(survey)) + string.Concat(dataset.Notices.Select(static notice => HtmlPage.Paragraph(notice, "note"))));
        page.Add("labels", "Labels", string.Concat(survey.Labels.Select(label => LabelOf(dataset, label))));
        page.Add("sheet", "Contact sheet", Sheet(dataset, tasks, images, decodedNormals));
        return page;
    }

    private static string Faults(DataSurvey survey)
    {
        string list = string.Concat(survey.Faults.Select(static fault => $"<li>{HtmlText.Escape(fault)}</li>"));
        return survey.Faulty == 0 ? "" : $"<ul>{list}</ul>\n{(survey.Faulty > survey.Faults.Count ? HtmlPage.Paragraph($"and {survey.Faulty - survey.Faults.Count} more") : "")}";
    }

    private static string Parts(IDataset dataset, TaskSpec[] tasks)
    {
        var table = new HtmlTable($"{dataset.Inputs.Plural()} of each part", ("tasks", false), ("weights", true), ("policy", true), ("selection", true), ("test", true));
        foreach (TaskGroup group in TaskGroup.Of(dataset, tasks))
        {
            table.Add([string.Join(", ", group.Tasks.Select(t => tasks[t].Name)), .. new[] { Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test }.Select(part => (HtmlCell)HtmlText.Count(group.Dataset.Count(part)))]);
        }

        return table.ToString();
    }

    private static string SizesOf(DataSurvey survey)
    {
        if (survey.Sizes.Count == 0)
        {
            return "";
        }

        string input = survey.Training.HasPixels ? HtmlPage.Paragraph($"Mean and deviation of the training images, as dataset.yaml takes them: {survey.Training.Line}", "note") : "";
        ((int Height, int Width) size, int count) = survey.Sizes.MaxBy(static pair => pair.Value);
        int smallest = survey.Sizes.Keys.Min(static s => Math.Min(s.Height, s.Width)), largest = survey.Sizes.Keys.Max(static s => Math.Max(s.Height, s.Width));
        return HtmlPage.Paragraph(survey.Sizes.Count == 1
            ? $"All images are {size.Height} x {size.Width} pixels."
            : $"{survey.Sizes.Count} sizes; the most frequent one is {size.Height} x {size.Width} ({HtmlText.Count(count)} images); sides from {smallest} to {largest} pixels.") + input;
    }

    private static string LabelOf(IDataset dataset, LabelSurvey label)
    {
        TaskSpec task = label.Task;
        string unit = task.Label.IsOfImage ? task.Label.Kind == LabelKind.Class ? "images" : "values" : "pixels";
        double share = label.All > 0 ? 100.0 * label.Counted / label.All : 0;
        string text = $"<h3>{HtmlText.Escape(task.Name)}</h3>\n" + HtmlPage.Paragraph(string.Create(
            CultureInfo.InvariantCulture, $"{task.Kind.Name}, {task.Channels} {(task.Channels == 1 ? "channel" : "channels")}; {label.Images:N0} images have it, {label.Missing:N0} lack it; {share:0.0} % of its {unit} count."));
        return text + (label.Histogram.Length > 0 ? Bars(dataset, label, unit) : label.Counted > 0
            ? HtmlPage.Paragraph($"from {HtmlText.Value(label.Smallest)} to {HtmlText.Value(label.Largest)}, mean {HtmlText.Value(label.Mean)}{(task.Label.Kind == LabelKind.SurfaceNormals ? " (of z)" : "")}") : "");
    }

    private static string Bars(IDataset dataset, LabelSurvey label, string unit)
    {
        IReadOnlyList<string> names = dataset.ClassNamesOf(label.Task.Label);
        long most = Math.Max(1, label.Histogram.Max());
        double all = Math.Max(1, label.Task.Label.Kind == LabelKind.Attributes ? (double)label.Counted / label.Histogram.Length : label.Counted);
        var text = new StringBuilder($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{HtmlText.Escape(label.Task.Name)}: {unit} of each class\"><table><thead><tr><th>class</th><th class=\"n\">{unit}</th><th class=\"n\">share</th><th></th></tr></thead><tbody>\n");
        for (int c = 0; c < Math.Min(label.Histogram.Length, MostBars); c++)
        {
            double width = 100.0 * label.Histogram[c] / most;
            text.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{HtmlText.Escape(c < names.Count ? names[c] : $"{c}")}</th><td class=\"n\">{HtmlText.Count(label.Histogram[c])}</td><td class=\"n\">{100 * label.Histogram[c] / all:0.0} %</td>")
                .Append(CultureInfo.InvariantCulture, $"<td><svg width=\"200\" height=\"10\" role=\"img\" aria-label=\"{label.Histogram[c]}\"><rect width=\"{2 * width:0.0}\" height=\"10\" fill=\"currentColor\" opacity=\"0.55\"/></svg></td></tr>\n");
        }

        int absent = label.Histogram.Count(static n => n == 0);
        return text.Append("</tbody></table></div>\n").Append(absent > 0 ? HtmlPage.Paragraph($"{absent} of {label.Histogram.Length} classes do not occur.", "note") : "").ToString();
    }

    private static string Sheet(IDataset dataset, TaskSpec[] tasks, int images, bool decodedNormals)
    {
        var text = new StringBuilder();
        foreach (TaskGroup group in TaskGroup.Of(dataset, tasks))
        {
            text.Append($"<div class=\"scroll pictures\" tabindex=\"0\" role=\"region\" aria-label=\"{dataset.Inputs.Plural()} with labels\"><table><thead><tr><th>{(dataset.Inputs == InputKind.Text ? "text" : "image")}</th>")
                .Append(string.Concat(group.Tasks.Select(t => $"<th>{HtmlText.Escape(tasks[t].Name)}</th>"))).Append("<th>part</th></tr></thead><tbody>\n");
            foreach (Split part in Sheets)
            {
                int count = group.Dataset.Count(part), shown = Math.Min(images, count);
                for (int i = 0; i < shown; i++)
                {
                    text.Append(Row(group, tasks, part, (int)((long)i * count / shown), decodedNormals));
                }
            }

            text.Append("</tbody></table></div>\n");
        }

        return text.ToString();
    }

    private static string Row(TaskGroup group, TaskSpec[] tasks, Split part, int index, bool decodedNormals)
    {
        Sample sample;
        try
        {
            sample = group.Dataset.Load(part, index, [.. group.Tasks.Select(t => tasks[t].Label)]).ReadAll();
        }
        catch (DataException)
        {
            // It stands among what can't be read.
            return "";
        }

        var text = new StringBuilder($"<tr><td>{(sample.Input is CharacterText read ? HtmlText.Escape(TextAlphabet.Decode(read, ShownCharacters)) : HtmlImage.Of(Picture.Of(sample.Image), $"image {sample.Id}", SheetColumns))}<br/>{HtmlText.Escape(sample.Id)}</td>");
        foreach (TaskSpec task in group.Tasks.Select(t => tasks[t]))
        {
            Plane? label = sample.Labels.TryGetValue(task.Label, out Plane? stored) ? task.Kind.ReadLabel(stored, decodedNormals) : null;
            text.Append("<td>").Append(label is null ? "not labelled"
                : task.Label.IsOfImage ? HtmlText.Escape(task.Kind.Say(label, group.Dataset.ClassNamesOf(task.Label)) ?? "")
                : HtmlImage.Of(task.Kind.Paint(task.Name, label).Picture, $"{task.Name}, label of {sample.Id}", SheetColumns)).Append("</td>");
        }

        return text.Append($"<td>{(part == Split.TrainWeights ? "train" : part == Split.Validation ? "selection" : "test")}</td></tr>\n").ToString();
    }
}
