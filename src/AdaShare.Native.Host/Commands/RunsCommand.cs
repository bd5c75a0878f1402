using System.CommandLine;
using System.Globalization;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Runs;
using Spectre.Console;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare runs</c>: which runs a folder holds, and how each stands.</summary>
public static class RunsCommand
{
    private const string DefaultFolder = "runs";
    private const double Giga = 1e9;

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var folder = new Argument<string>("DIR") { Description = $"A folder with runs, also deeper. Default: {DefaultFolder}.", DefaultValueFactory = static _ => DefaultFolder };
        var command = new Command("runs", "Lists the runs in a folder: method, state, results and cost.") { folder };
        command.SetAction(parsed =>
        {
            string root = parsed.GetRequiredValue(folder);
            IReadOnlyList<RunListing> runs = RunListing.In(root);
            if (runs.Count == 0)
            {
                host.Output.WriteLine($"{root}: there are no runs in it");
                return ExitCode.Success;
            }

            Write(host.Console, runs);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Write(IAnsiConsole console, IReadOnlyList<RunListing> runs)
    {
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("run").AddColumn("method").AddColumn("state").AddColumn(new TableColumn("score").RightAligned()).AddColumn("test part")
            .AddColumn(new TableColumn("multiply-adds").RightAligned()).AddColumn(new TableColumn("time").RightAligned());
        foreach (RunListing run in runs)
        {
            table.AddRow([.. Cells(run).Select(Markup.Escape)]);
        }

        console.Write(table);
        console.MarkupLine("[grey]score: on the validation part, of an unfinished run the best in its phase; test part: each task's main metric; multiply-adds: of one image, as executed, heads included; time: of training steps[/]");
    }

    private static string[] Cells(RunListing run) =>
    [
        run.Path, run.Method, run.State, run.Score?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-", run.Results.Length > 0 ? run.Results : "-",
        run.Cost is { } cost ? CostTable.MultiplyAdds(cost.ExecutedMultiplyAdds, cost.ExecutedMultiplyAdds >= Giga) : "-",
        run.Seconds > 0 ? StepText.Duration(TimeSpan.FromSeconds(run.Seconds)) : "-",
    ];
}
