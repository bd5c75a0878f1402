using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
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
        var run = new Argument<string?>("RUN") { Description = "The folder of a run.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> data = CommonOptions.Data(), cache = CommonOptions.Cache();
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var split = new Option<string>("--split") { HelpName = "PART", Description = "The part: test or validation.", DefaultValueFactory = _ => "test" };
        split.AcceptOnlyFromAmong("test", "validation");
        var accept = new Option<bool>("--accept-data") { Description = "Measures although the data set's parts are no longer what the run was trained with: images may be measured that were trained on." };
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("evaluate", "Measures a run's networks on a held-out part, beside trivial predictors.") { run, data, cache, split, accept, acceptConfiguration, device, threads };
        CheckpointOptions foreign = CheckpointOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interrupt = Interrupt.Listen(host, "stopping after this image; press Ctrl-C again to end at once");
            Split part = parsed.GetRequiredValue(split) == "test" ? Split.Test : Split.Validation;
            ForeignCheckpoint? checkpoint = foreign.Read(parsed, parsed.GetValue(data), ConfigLoader.Load);
            if (parsed.GetValue(run) is null == checkpoint is null)
            {
                throw new ConfigurationException("evaluate needs either the folder of a run, or --checkpoint FILE with the configuration of its network");
            }

            if (checkpoint is not null)
            {
                checkpoint.Config.Dataload.Cache = parsed.GetValue(cache);
                using SelectedDevice chosen = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), checkpoint.Config.Numerics);
                return Evaluate(host, checkpoint, chosen, part, interrupt.Token);
            }

            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run)!, parsed.GetValue(acceptConfiguration));
            PolicyChoice? choice = foreign.ChoiceOf(parsed);
            _ = stored.NetworksUnder(choice);
            DatasetFactory.UseFolder(stored.Config, parsed.GetValue(data));
            stored.Config.Dataload.Cache = parsed.GetValue(cache);
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), stored.Config.Numerics);
            host.Output.WriteLine($"device: {selected.Description}");
            IDataset dataset = DatasetFactory.OpenCached(stored.Config, rebuild: false, host.Output.WriteLine, interrupt.Token);
            using var opened = dataset as IDisposable;
            if (!parsed.GetValue(accept))
            {
                stored.RequireData(DataManifest.Of(dataset));
            }

            return Evaluate(host, stored, choice, selected.Backend, dataset, part, interrupt.Token);
        });
        return command;
    }

    private static int Evaluate(HostContext host, StoredRun run, PolicyChoice? choice, Backend backend, IDataset dataset, Split part, CancellationToken stop)
    {
        IReadOnlyList<StoredNetwork> networks = run.NetworksUnder(choice);
        if (choice is null && !networks.Any(static network => network.IsFinal))
        {
            run.Best();
            host.Output.WriteLine("the run has no final network yet; these are the ones it has");
        }

        return Evaluate(host, run.Config, networks.Select(stored => (stored.Title, stored.Load(run.Method, run.Config, backend))), dataset, part, stop);
    }

    private static int Evaluate(HostContext host, ForeignCheckpoint checkpoint, SelectedDevice device, Split part, CancellationToken stop)
    {
        host.Output.WriteLine($"device: {device.Description}");
        checkpoint.Notices.ToList().ForEach(host.Output.WriteLine);
        IDataset dataset = DatasetFactory.OpenCached(checkpoint.Config, rebuild: false, host.Output.WriteLine, stop);
        using var opened = dataset as IDisposable;
        using TrainedNetwork network = checkpoint.Load(device.Backend, out IReadOnlyList<string> left);
        host.Output.WriteLine(left.Count == 0 ? $"{checkpoint.Path}: {checkpoint.Policy}" : $"{checkpoint.Path}: {checkpoint.Policy}; left: {string.Join(", ", left)}");
        return Evaluate(host, checkpoint.Config, [("checkpoint", network)], dataset, part, stop);
    }

    /// <summary>Measures networks, one after another, which end here.</summary>
    private static int Evaluate(HostContext host, RunConfig config, IEnumerable<(string Title, TrainedNetwork Network)> networks, IDataset dataset, Split part, CancellationToken stop)
    {
        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(config);
        if (!TaskGroup.HasPart(dataset, tasks, part))
        {
            throw new ConfigurationException($"--split validation: {dataset.Name} has no validation part here, since its share in the run's configuration is 0; measure the test part");
        }

        var columns = new List<MetricColumn> { MetricColumn.Trivial(TrivialPredictors.Evaluate(tasks, dataset, part, 0, LossMode.DecodesNormals(config), stop)) };
        foreach ((string name, TrainedNetwork trained) in networks)
        {
            using TrainedNetwork network = trained;
            stop.ThrowIfCancellationRequested();
            columns.Add(new MetricColumn(name, network.Evaluate(dataset, part, stop)));
        }

        int images = TaskGroup.Of(dataset, tasks).Sum(group => group.Dataset.Count(part));
        string title = $"{(part == Split.Test ? "test" : "validation")} part, {images} {dataset.Inputs.Plural()} of {dataset.Name}";
        MetricReport.Write(host.Console, title, tasks, columns, official: false);
        MetricReport.Write(host.Console, title + ", as the official code reads it", tasks, columns, official: true);
        return ExitCode.Success;
    }
}
