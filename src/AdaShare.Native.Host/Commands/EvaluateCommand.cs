using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare evaluate</c>: measures a run's networks on a held-out part of the data.</summary>
public static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run." };
        Option<string?> data = CommonOptions.Data();
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var split = new Option<string>("--split") { HelpName = "PART", Description = "The part: test or validation.", DefaultValueFactory = _ => "test" };
        split.AcceptOnlyFromAmong("test", "validation");
        var accept = new Option<bool>("--accept-data") { Description = "Measures although the data set's parts are no longer what the run was trained with: images may be measured that were trained on." };
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("evaluate", "Measures a run's networks on a held-out part, beside trivial predictors.") { run, data, split, accept, acceptConfiguration, device, threads };
        command.SetAction(parsed =>
        {
            using var interrupt = Interrupt.Listen(host, "stopping after this image; press Ctrl-C again to end at once");
            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run), parsed.GetValue(acceptConfiguration));
            DatasetFactory.UseFolder(stored.Config, parsed.GetValue(data));
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), stored.Config.Numerics);
            host.Output.WriteLine($"device: {selected.Description}");
            IDataset dataset = DatasetFactory.Open(stored.Config);
            if (!parsed.GetValue(accept))
            {
                stored.RequireData(DataManifest.Of(dataset));
            }

            Split part = parsed.GetRequiredValue(split) == "test" ? Split.Test : Split.Validation;
            return Evaluate(host, stored, selected.Backend, dataset, part, interrupt.Token);
        });
        return command;
    }

    private static int Evaluate(HostContext host, StoredRun run, Backend backend, IDataset dataset, Split part, CancellationToken stop)
    {
        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(run.Config);
        IReadOnlyList<StoredNetwork> networks = run.Networks;
        if (!networks.Any(static network => network.IsFinal))
        {
            run.Best();
            host.Output.WriteLine("the run has no final network yet; these are the ones it has");
        }

        var columns = new List<MetricColumn> { MetricColumn.Trivial(TrivialPredictors.Evaluate(tasks, dataset, part, 0, LossMode.DecodesNormals(run.Config), stop)) };
        foreach (StoredNetwork stored in networks)
        {
            stop.ThrowIfCancellationRequested();
            using TrainedNetwork network = stored.Load(run.Method, run.Config, backend);
            columns.Add(new MetricColumn(stored.Title, network.Evaluate(dataset, part, stop)));
        }

        int images = TaskGroup.Of(dataset, tasks).Sum(group => group.Dataset.Count(part));
        string title = $"{(part == Split.Test ? "test" : "validation")} part, {images} images of {dataset.Name}";
        MetricReport.Write(host.Console, title, tasks, columns, official: false);
        MetricReport.Write(host.Console, title + ", as the official code reads it", tasks, columns, official: true);
        return ExitCode.Success;
    }
}
