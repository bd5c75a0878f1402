using System.CommandLine;
using AdaShare.Native.Benchmarks.Reports;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Host;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary><c>report</c>: the README's table, a plot for each benchmark, and what has become slower.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var results = new Option<string?>("--results") { HelpName = "DIR", Description = "The folder of the result files. Default: bench/results." };
        var readme = new Option<string?>("--readme")
        {
            HelpName = "FILE",
            Description = $"The file whose part between {ReadmeSection.Begin} and {ReadmeSection.End} is written. Default: README.md.",
        };
        var plots = new Option<string?>("--out") { HelpName = "DIR", Description = "The folder of the plots. Default: plots in the folder of the results." };
        var check = new Option<bool>("--check") { Description = "End with exit code 1 where a row of the newest run is worse than before by more than noise, or a file can't be read." };
        var command = new Command("report", "Draws the README's table and a plot for each benchmark from all result files, and says which rows have become worse by more than noise.")
        {
            results, readme, plots, check,
        };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(results) ?? BenchmarkProgram.Results;
            string file = parsed.GetValue(readme) ?? Path.Combine(BenchmarkProgram.Root, "README.md");
            bool isFine = Run(host, folder, file, parsed.GetValue(plots) ?? Path.Combine(folder, "plots"));
            return parsed.GetValue(check) && !isFine ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    /// <summary>Writes everything.</summary>
    /// <returns>Whether every file could be read and nothing has become worse.</returns>
    private static bool Run(HostContext host, string results, string readme, string plots)
    {
        ResultFolder folder = ResultFolder.Read(results);
        foreach (string sentence in folder.Unreadable)
        {
            host.Error.WriteLine($"left out: {sentence}");
        }

        IReadOnlyList<ConfigurationHistory> histories = ConfigurationHistory.Of(folder.Runs);
        string links = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(readme))!, plots).Replace('\\', '/');
        bool changed = ReadmeSection.Replace(readme, MarkdownTable.Of(histories, links));
        host.Output.WriteLine($"{readme}: {(changed ? "written" : "as it was")}, from {folder.Runs.Count} {(folder.Runs.Count == 1 ? "run" : "runs")}");
        foreach (IGrouping<string, ConfigurationHistory> benchmark in histories.GroupBy(static history => history.Configuration.Benchmark))
        {
            string path = Path.Combine(plots, benchmark.Key + ".svg");
            string picture = SvgPlot.Draw(PlotData.Of([.. benchmark]));
            AtomicFile.Write(path, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                writer.Write(picture);
            });
            host.Output.WriteLine($"{path}: written");
        }

        Regression[] regressions = [.. histories.SelectMany(static history => history.Rows.Select(row => Regression.Of(history.Configuration, row)).OfType<Regression>())];
        foreach (Regression regression in regressions)
        {
            host.Output.WriteLine($"REGRESSION {regression}");
        }

        host.Output.WriteLine(regressions.Length switch
        {
            0 => "no row has become worse by more than noise",
            1 => "1 row has become worse by more than noise",
            _ => $"{regressions.Length} rows have become worse by more than noise",
        });
        return regressions.Length == 0 && folder.Unreadable.Count == 0;
    }
}
