using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.MultiTask.Evaluation;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Tasks;

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
        var command = new Command("evaluate", "Measures a run's networks on a held-out part, beside trivial predictors.") { run, data, split, device, threads };
        command.SetAction(parsed =>
        {
            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run));
            DatasetFactory.UseFolder(stored.Config, parsed.GetValue(data));
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), stored.Config.Numerics);
            host.Output.WriteLine($"device: {selected.Description}");
            IDataset dataset = DatasetFactory.Open(stored.Config);
            using var interrupt = Interrupt.Listen(host, "stopping after this image; press Ctrl-C again to end at once");
            Split part = parsed.GetRequiredValue(split) == "test" ? Split.Test : Split.Validation;
            return Evaluate(host, stored, selected.Backend, dataset, part, interrupt.Token);
        });
        return command;
    }

    private static int Evaluate(HostContext host, StoredRun run, Backend backend, IDataset dataset, Split part, CancellationToken stop)
    {
        bool decoded = LossRules.Of(run.Config).DecodedNormals;
        int images = dataset.Count(part);
        MetricTable trivial = TrivialPredictors.Evaluate(TaskSpec.Of(run.Config), dataset, part, 0, decoded);
        MetricTable warmUp, retrained = new();
        using (AdaShareNetwork network = run.LoadWarmUp(backend))
        {
            warmUp = Evaluator.Evaluate(network, null, dataset, part, 0, decoded, stop);
        }

        if (run.Selected is not null)
        {
            using TrainedRun best = TrainedRun.Open(run.Folder, run.Config, backend);
            retrained = best.Evaluate(dataset, part, stop);
        }
        else
        {
            host.Output.WriteLine("the run has no retrained network yet; these are the ones it has");
        }

        MetricColumn[] columns = [new("trivial", trivial), new("warm-up (hard sharing)", warmUp), new("AdaShare, retrained", retrained)];
        string title = $"{(part == Split.Test ? "test" : "validation")} part, {images} images of {dataset.Name}";
        MetricReport.Write(host.Console, title, columns, official: false);
        MetricReport.Write(host.Console, title + ", as the official code reads it", columns, official: true);
        return ExitCode.Success;
    }
}
