using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;
using AdaShare.Native.Reports.RunPages;
using AdaShare.Native.Reports.StudyPages;
using AdaShare.Native.Studies.Tables;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare report</c>: a page that shows a run, several side by side, or a study, and needs nothing but a browser.</summary>
public static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var folders = new Argument<string[]>("RUN") { Description = "The folder of a run or of a study; several runs stand side by side.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--out") { HelpName = "FILE", Description = $"The page. Default: {RunPage.FileName} in the folder; needed for several runs." };
        CommonOptions.RefuseEmpty(output);
        var samples = new Option<int>("--samples") { HelpName = "N", Description = "Images of the test part whose predictions are shown; 0 for none, which needs no data.", DefaultValueFactory = _ => RunReportFile.DefaultSamples };
        samples.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > MostSamples)
            {
                result.AddError($"--samples is {result.GetValueOrDefault<int>()}; expected 0 to {MostSamples}, since the pictures lie in the page");
            }
        });
        Option<string?> data = CommonOptions.Data();
        var acceptData = new Option<bool>("--accept-data") { Description = "Shows predictions although the data are no longer what the run was trained with: images may be shown that were trained on." };
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("report", "Writes a page that shows a run, several runs side by side, or a study: results, what is shared, cost, curves, predictions.") { folders, output, samples, data, acceptData, acceptConfiguration, device, threads };
        command.SetAction(parsed =>
        {
            var request = new ReportRequest(parsed.GetValue(samples), parsed.GetValue(data), parsed.GetValue(acceptData), parsed.GetValue(acceptConfiguration), parsed.GetRequiredValue(device), parsed.GetValue(threads));
            return Run(host, parsed.GetRequiredValue(folders), parsed.GetValue(output), request);
        });
        return command;
    }

    // With more, a page would grow beyond what is pleasant to open and to send.
    private const int MostSamples = 24;

    private static int Run(HostContext host, string[] folders, string? output, ReportRequest request)
    {
        if (folders.Length > 1 && output is null)
        {
            throw new ConfigurationException("report of several runs needs --out FILE, for example --out comparison.html");
        }

        string path = output ?? Path.Combine(folders[0], RunPage.FileName);
        HtmlPage.RequireFree(path);
        HtmlPage page = folders.Length > 1 ? ComparisonPage.Of([.. folders.Select(folder => Read(folder, request).Files)]) : File.Exists(Path.Combine(folders[0], StudyFile.FileName)) ? StudyPage.Of(StudyFile.Read(Path.Combine(folders[0], StudyFile.FileName))) : OfRun(host, folders[0], request);
        page.Write(path);
        host.Output.WriteLine($"report: {path}");
        return ExitCode.Success;
    }

    private static (StoredRun Stored, RunFiles Files) Read(string folder, ReportRequest request)
    {
        StoredRun stored = StoredRun.Open(folder, request.AcceptsConfiguration);
        return (stored, RunFiles.Read(stored.Folder, stored.Config, stored.Method));
    }

    private static HtmlPage OfRun(HostContext host, string folder, ReportRequest request)
    {
        (StoredRun stored, RunFiles run) = Read(folder, request);
        if (request.Samples == 0 || !stored.Networks.Any(static network => network.IsFinal))
        {
            return RunPage.Of(run);
        }

        DatasetFactory.UseFolder(stored.Config, request.Data);
        using SelectedDevice selected = DeviceSelector.Open(host, request.Device, request.Threads, stored.Config.Numerics);
        IDataset dataset = DatasetFactory.Open(stored.Config);
        if (!request.AcceptsData)
        {
            stored.RequireData(DataManifest.Of(dataset));
        }

        using var interrupt = Interrupt.Listen(host, "stopping after this image; press Ctrl-C again to end at once");
        return RunPage.Of(run, RunReportFile.Samples(run, selected.Backend, dataset, request.Samples, interrupt.Token));
    }

    /// <summary>What a report shows of predictions, and where they are computed.</summary>
    private readonly record struct ReportRequest(int Samples, string? Data, bool AcceptsData, bool AcceptsConfiguration, string Device, int? Threads);
}
