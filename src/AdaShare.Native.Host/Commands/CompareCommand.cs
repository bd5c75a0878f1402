using System.CommandLine;
using System.Globalization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;
using AdaShare.Native.Reports.RunPages;
using Spectre.Console;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare compare</c>: the results, costs and budgets of several runs side by side.</summary>
public static class CompareCommand
{
    private const int FewestRuns = 2;
    private const double Giga = 1e9;

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var folders = new Argument<string[]>("RUN") { Description = "The folders of finished runs of the same tasks.", Arity = ArgumentArity.OneOrMore };
        var html = new Option<string?>("--html") { HelpName = "FILE", Description = "Also writes a page for a browser, with curves and policies: the same as report RUN RUN --out FILE." };
        CommonOptions.RefuseEmpty(html);
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("compare", "Sets the results, costs and budgets of several runs side by side.") { folders, html, acceptConfiguration };
        command.SetAction(parsed =>
        {
            string[] paths = parsed.GetRequiredValue(folders);
            if (paths.Length < FewestRuns)
            {
                throw new ConfigurationException("compare needs at least two runs; give another folder, or look at one run with report");
            }

            string? page = parsed.GetValue(html);
            if (page is not null)
            {
                HtmlPage.RequireFree(page);
            }

            RunFiles[] runs = [.. paths.Select(path => Read(path, parsed.GetValue(acceptConfiguration)))];
            Write(host, runs);
            if (page is not null)
            {
                ComparisonPage.Of(runs).Write(page);
                host.Output.WriteLine($"report: {page}");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static RunFiles Read(string folder, bool acceptsConfiguration)
    {
        var stored = StoredRun.Open(folder, acceptsConfiguration);
        var run = RunFiles.Read(stored.Folder, stored.Config, stored.Method);
        return run.Metrics is not null ? run : throw new DataException($"{folder}: the run is not finished, so there is nothing to compare yet; go on with: adashare train --resume {folder}");
    }

    private static void Write(HostContext host, RunFiles[] runs)
    {
        string[] names = RunNames.Of(runs);
        IReadOnlyList<string> data = RunNames.TestedOn(runs);
        if (data.Count > 1)
        {
            host.Console.MarkupLineInterpolated($"[red]the runs were tested on different data, so their figures can't be compared: {string.Join("; ", data)}[/]");
        }

        // The best constant answers are those of the data; of different data each run has others.
        MetricColumn[] trivial = data.Count == 1 ? [MetricColumn.Trivial(MetricTables.From(runs[0].Metrics!.Trivial))] : [];
        MetricReport.Write(
            host.Console, $"held-out test part: {data[0]}", runs[0].Tasks, [.. trivial, .. runs.Select((run, i) => new MetricColumn(names[i], MetricTables.From(run.Metrics!.Final.Metrics)))], official: false);
        Table table = Costs(host.Console, runs, names);
        host.Console.MarkupLine("[bold]cost and budget[/]");
        host.Console.Write(table);
        foreach ((RunFiles run, string name) in runs.Zip(names))
        {
            BudgetNotes.Of(run.Metrics!).ToList().ForEach(note => host.Console.MarkupLineInterpolated($"[yellow]{name}: {note}[/]"));
        }

        host.Console.MarkupLine("[grey]multiply-adds of one image without heads; steps and images of all phases: methods that search need more than those of the final network; one seed each: adashare study compares with intervals[/]");
    }

    private static Table Costs(IAnsiConsole console, RunFiles[] runs, string[] names)
    {
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("");
        Array.ForEach(names, name => table.AddColumn(new TableColumn(Markup.Escape(name)).RightAligned()));
        void Row(string title, Func<MetricsFile, string> value) => table.AddRow([title, .. runs.Select(run => Markup.Escape(value(run.Metrics!)))]);
        bool giga = runs.Any(static run => run.Metrics!.Cost.PassesBackboneMultiplyAdds >= Giga);
        Row("method", static metrics => metrics.Method);
        Row("seed", static metrics => metrics.Provenance.Seed.ToString(CultureInfo.InvariantCulture));
        Row("score on the validation part", static metrics => metrics.Final.Score?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-");
        Row("parameters of the backbone", static metrics => Count(metrics.Cost.BackboneParameters));
        Row("multiply-adds, as executed", metrics => CostTable.MultiplyAdds(metrics.Cost.ExecutedBackboneMultiplyAdds, giga));
        Row("multiply-adds, K passes", metrics => CostTable.MultiplyAdds(metrics.Cost.PassesBackboneMultiplyAdds, giga));
        Row("blocks skipped", static metrics => metrics.Policy is { } policy ? string.Join(", ", policy.Skipped.Select(static task => $"{task.Key} {task.Value.Length}")) : "-");
        Row("steps of the final network", static metrics => Count(metrics.FinalSteps));
        if (runs.Any(static run => run.Metrics!.Extended is not null))
        {
            Row("extended after steps", static metrics => metrics.Extended is { } lengths ? string.Join(", ", lengths.Select(Count)) : "-");
        }

        if (runs.Any(static run => run.Metrics!.Init?.Run is not null))
        {
            Row("steps before, of the run it started from", static metrics => metrics.Init is { Run: not null } init ? init.Steps is { } steps ? Count(steps) : "unknown" : "-");
        }

        Row("steps in all", static metrics => Count(metrics.Budget.Values.Sum(static spent => spent.WeightSteps + spent.OtherSteps)));
        Row("images in all", static metrics => Count(metrics.Budget.Values.Sum(static spent => spent.Images)));
        Row("time of training steps", static metrics => StepText.Duration(TimeSpan.FromSeconds(metrics.Budget.Values.Sum(static spent => spent.Seconds))));
        return table;
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
