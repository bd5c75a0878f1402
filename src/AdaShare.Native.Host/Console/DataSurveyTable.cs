using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Reports.DataPages;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>What a data set's labels hold, a line for each task.</summary>
public static class DataSurveyTable
{
    private const int Named = 8;

    /// <summary>Writes the table.</summary>
    public static void Write(IAnsiConsole console, IDataset dataset, DataSurvey survey)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(survey);
        Table table = new Table().AddColumns("task", "kind", "labelled", "missing", "counts", "holds");
        foreach (LabelSurvey label in survey.Labels)
        {
            string share = label.All > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * label.Counted / label.All:0.0} %") : "-";
            table.AddRow(
                Markup.Escape(label.Task.Name), label.Task.Kind.Name, label.Images.ToString("N0", CultureInfo.InvariantCulture), label.Missing.ToString("N0", CultureInfo.InvariantCulture), share,
                Markup.Escape(label.Histogram.Length > 0 ? Classes(dataset, label) : Range(label)));
        }

        console.Write(table);
    }

    private static string Range(LabelSurvey label) => label.Counted == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{label.Smallest:G4} to {label.Largest:G4}, mean {label.Mean:G4}");

    private static string Classes(IDataset dataset, LabelSurvey label)
    {
        IReadOnlyList<string> names = dataset.ClassNamesOf(label.Task.Label);
        double all = Math.Max(1, label.Task.Label.Kind == LabelKind.Attributes ? (double)label.Counted / label.Histogram.Length : label.Counted);
        int[] order = [.. Enumerable.Range(0, label.Histogram.Length).OrderByDescending(c => label.Histogram[c])];
        string said = string.Join(", ", order.Take(Named).Select(c => string.Create(CultureInfo.InvariantCulture, $"{(c < names.Count ? names[c] : $"{c}")} {100 * label.Histogram[c] / all:0.#} %")));
        return order.Length > Named ? $"{said}, and {order.Length - Named} more" : said;
    }
}
