using System.Globalization;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Reports.Tables;

/// <summary>All that a run's log has as one table of comma-separated values: a line a number, for spreadsheets and data frames.</summary>
public static class SeriesTable
{
    /// <summary>The first line.</summary>
    public const string Header = "phase,index,step,run_step,epoch,elapsed_seconds,time,kind,name,value";

    /// <summary>The lines, the header first. Texts with a comma or a quote stand in quotes (RFC 4180); what is not a number is <c>nan</c>; what is not known is empty.</summary>
    /// <param name="history">The log.</param>
    /// <param name="tasks">The run's tasks.</param>
    public static IEnumerable<string> Lines(RunHistory history, IReadOnlyList<TaskSpec> tasks)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(tasks);
        return Numbers(history, tasks).Prepend(Header);
    }

    private static IEnumerable<string> Numbers(RunHistory history, IReadOnlyList<TaskSpec> tasks)
    {
        foreach (LoggedStep step in history.Steps)
        {
            string place = Place(history, step.Position, step.Figures.GetValueOrDefault("epoch", double.NaN), step.Time);
            foreach ((string name, double value) in step.Losses)
            {
                yield return Line(place, "loss", name, value);
            }

            foreach ((string name, double value) in step.Figures.Where(static figure => figure.Key is not ("index" or "step" or "epoch" or "elapsed")))
            {
                yield return name == "loss" ? Line(place, "loss", "total", value) : Line(place, "figure", name, value);
            }

            foreach (string line in Policy(place, tasks, step.Probability))
            {
                yield return line;
            }
        }

        foreach (LoggedValidation validation in history.Validations)
        {
            string place = Place(history, validation.Position, double.NaN, validation.Time);
            foreach ((string task, IReadOnlyDictionary<string, double> metrics) in validation.Metrics)
            {
                foreach ((string name, double value) in metrics)
                {
                    yield return Line(place, "validation", $"{task}/{name}", value);
                }
            }

            foreach (string line in Policy(place, tasks, validation.Probability))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Policy(string place, IReadOnlyList<TaskSpec> tasks, double[][]? probability) =>
        (probability ?? []).Take(tasks.Count).SelectMany((row, t) => row.Select((p, block) => Line(place, "policy", $"{tasks[t].Name}/{block}", p)));

    private static string Place(RunHistory history, RunPosition position, double epoch, LoggedTime time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Text(position.Phase)},{position.Index},{position.Step},{history.At(position)},{(double.IsNaN(epoch) ? null : (double?)epoch)},{time.Elapsed},{time.Time:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");

    private static string Line(string place, string kind, string name, double value) =>
        $"{place},{kind},{Text(name)},{(double.IsNaN(value) ? "nan" : value.ToString("R", CultureInfo.InvariantCulture))}";

    private static string Text(string text) => text.AsSpan().IndexOfAny("\",\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
