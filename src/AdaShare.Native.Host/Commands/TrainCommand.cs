using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare train</c>: runs all phases, from the start or from where a run was stopped.</summary>
public static class TrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> config = CommonOptions.Config(), preset = CommonOptions.Preset(), data = CommonOptions.Data();
        Option<string[]> set = CommonOptions.Set();
        Option<string?> cache = CommonOptions.Cache();
        Option<bool> rebuild = CommonOptions.RebuildCache();
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<long?> seed = CommonOptions.Seed("The seed of everything random, instead of the configuration's list.");
        var output = new Option<string?>("--out") { HelpName = "DIR", Description = "The run folder. Default: runs/NAME, or paths.checkpoint_dir/NAME where the configuration has it." };
        var init = new Option<string?>("--init") { HelpName = "FILE", Description = "Weights from which backbones start: safetensors, PyTorch's (.pth, .model, .pth.tar) or ONNX, under torchvision's names or ours. The same as --set init=FILE." };
        CommonOptions.RefuseEmpty(init);
        var resume = new Option<string?>("--resume") { HelpName = "DIR", Description = "Goes on with the run in a folder, with the configuration it was started with." };
        CommonOptions.RefuseEmpty(output);
        CommonOptions.RefuseEmpty(resume);
        var accept = new Option<bool>("--accept-data") { Description = "With --resume: goes on although the data set's parts are no longer what the run was started with." };
        var restart = new Option<bool>("--restart-phase") { Description = "With --resume: trains the phase that the run is in again from its start." };
        var command = new Command("train", "Trains networks by a method (--set method=NAME: " + string.Join(", ", MethodRegistry.Names) + "). Without options: AdaShare on procedural scenes, a few minutes on two cores.")
        {
            config, preset, data, cache, rebuild, output, init, device, seed, resume, accept, restart, threads, set,
        };
        command.SetAction(parsed =>
        {
            var request = new ConfigRequest(parsed.GetValue(config), parsed.GetValue(preset), parsed.GetValue(set) ?? [], parsed.GetValue(data), parsed.GetValue(seed)) { Init = parsed.GetValue(init), Cache = parsed.GetValue(cache) };
            string? alone = parsed.GetValue(resume) is not null ? null : parsed.GetValue(restart) ? "--restart-phase" : parsed.GetValue(accept) ? "--accept-data" : null;
            if (alone is not null)
            {
                throw new ConfigurationException($"{alone} is for a run that goes on; name its folder with --resume, or leave {alone} out");
            }

            PlannedRun plan = parsed.GetValue(resume) is string folder ? RunPlanner.Resume(folder, request, parsed.GetValue(output)) : RunPlanner.Start(request, parsed.GetValue(output));
            DatasetFactory.RequireCache(plan.Config, parsed.GetValue(rebuild));
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), plan.Config.Numerics);
            return Train(host, plan, selected, new RunTerms { AcceptsOtherData = parsed.GetValue(accept), RestartsPhase = parsed.GetValue(restart) }, parsed.GetValue(rebuild));
        });
        return command;
    }

    private static int Train(HostContext host, PlannedRun plan, SelectedDevice device, RunTerms terms, bool rebuild)
    {
        using var interrupt = Interrupt.Listen(host, "stopping after this step and writing a checkpoint; press Ctrl-C again to end at once");
        IDataset dataset = DatasetFactory.OpenCached(plan.Config, rebuild, host.Output.WriteLine, interrupt.Token);
        using var opened = dataset as IDisposable;
        return host.IsTerminal
            ? ProgressObserver.Show(host.Console, TaskSpec.Of(plan.Config), bars => Train(host, plan, device, dataset, bars, terms, interrupt.Token))()
            : Train(host, plan, device, dataset, new PlainObserver(host.Output, plan.Config.Train.PrintFreq, TaskSpec.Of(plan.Config)), terms, interrupt.Token)();
    }

    /// <summary>Trains, and returns what to print when the progress bars are gone.</summary>
    private static Func<int> Train(HostContext host, PlannedRun plan, SelectedDevice device, IDataset dataset, IRunObserver inner, RunTerms terms, CancellationToken stop)
    {
        var observer = new PositionObserver(inner);
        observer.Notice($"run folder: {plan.Folder.Path}");
        observer.Notice($"device: {device.Description}");
        observer.Notice($"data: {DatasetFactory.Describe(dataset)}");
        plan.Notices.Concat(dataset.Notices).ToList().ForEach(observer.Notice);
        try
        {
            MetricsFile results = Trainer.Run(MethodRegistry.Get(plan.Config.Method), plan.Config, device.Backend, dataset, plan.Folder, observer, plan.Resumes, stop, terms with { Configuration = ConfigWriter.Write(plan.Config) });
            string report = RunReportFile.TryWrite(host, plan.Folder, plan.Config, device.Backend, dataset, interrupted: stop);
            return () => Finish(host, plan, results, report);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return () =>
            {
                host.Error.WriteLine($"adashare: stopped{(observer.Position is string position ? $" at {position}" : "")}; go on with: adashare train --resume {plan.Folder.Path}");
                return ExitCode.Interrupted;
            };
        }
    }

    private static int Finish(HostContext host, PlannedRun plan, MetricsFile results, string report)
    {
        PolicyFile? policy = File.Exists(plan.Folder.Policy) ? PolicyFile.Read(plan.Folder.Policy) : null;
        RunReport.Write(host.Console, MethodRegistry.Get(plan.Config.Method).Title, TaskSpec.Of(plan.Config), results, policy, LossMode.IsOfficial(plan.Config));
        host.Output.WriteLine($"results: {plan.Folder.Metrics}");
        host.Output.WriteLine(report);
        host.Output.WriteLine($"look at predictions with: adashare predict {plan.Folder.Path} IMAGE.png --out DIR");
        return ExitCode.Success;
    }
}
