using AdaShare.Native.Host.Console;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Running;
using AdaShare.Native.Studies.Tables;
using Spectre.Console;

namespace AdaShare.Native.Host.Studies;

/// <summary>A study on the console: which cell runs, what is left, and the tables at the end.</summary>
public static class StudyConsole
{
    /// <summary>One line for what happened.</summary>
    public static string Line(StudyEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        int done = happened.Total - happened.Left;
        string left = happened.TimeLeft is { } time && happened.Left > 0 ? $", about {StepText.Duration(time)} left" : "";
        string position = $"[{done}/{happened.Total}{left}]";
        return happened.Kind switch
        {
            StudyEventKind.Started => $"{position} {happened.Cell!.Id}: runs",
            StudyEventKind.Skipped => $"{position} {happened.Cell!.Id}: done before",
            StudyEventKind.Finished => $"{position} {happened.Cell!.Id}: done",
            StudyEventKind.Elsewhere => $"{position} {happened.Cell!.Id}: another process runs it",
            StudyEventKind.Failed => $"{position} {happened.Cell!.Id}: failed: {happened.Failure}",
            _ => $"{position} {happened.Choice!.Label}: chose {happened.Choice.Chosen ?? "no point"} on the validation part",
        };
    }

    /// <summary>Writes all tables and what is to be said about them.</summary>
    public static void Write(IAnsiConsole console, Study study)
    {
        ArgumentNullException.ThrowIfNull(console);
        Write(console, Turned(StudyTables.Metrics(study)));
        Write(console, Turned(StudyTables.Summary(study)));
        Write(console, StudyTables.Comparisons(study));
        Write(console, Turned(StudyTables.Budgets(study)));
        if (StudyTables.Policies(study) is { } policies)
        {
            Write(console, policies);
        }

        if (StudyTables.Grids(study) is { } grids)
        {
            Write(console, grids);
        }

        foreach (string note in StudyNotes.Of(study))
        {
            console.MarkupLineInterpolated($"[grey]{note}[/]");
        }
    }

    /// <summary>Rows for columns: there are more figures than a screen has columns.</summary>
    private static StudyTable Turned(StudyTable table) => new(
        table.Title,
        [table.Columns[0], .. table.Rows.Select(static row => new StudyColumn(row[0], IsNumber: true))],
        [.. Enumerable.Range(1, table.Columns.Count - 1).Select(c => (IReadOnlyList<string>)[table.Columns[c].Title, .. table.Rows.Select(row => row[c])])]);

    private static void Write(IAnsiConsole console, StudyTable table)
    {
        console.MarkupLineInterpolated($"[bold]{table.Title}[/]");
        var shown = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        foreach (StudyColumn column in table.Columns)
        {
            var heading = new TableColumn(Markup.Escape(column.Title));
            shown.AddColumn(column.IsNumber ? heading.RightAligned() : heading);
        }

        foreach (IReadOnlyList<string> row in table.Rows)
        {
            shown.AddRow([.. row.Select(Markup.Escape)]);
        }

        console.Write(shown);
    }
}
