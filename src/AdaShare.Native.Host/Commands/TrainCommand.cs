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
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.TensorBoard;

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
        var init = new Option<string?>("--init") { HelpName = "FILE|RUN", Description = "Weights from which backbones start: safetensors, PyTorch's (.pth, .model, .pth.tar) or ONNX, under torchvision's names or ours; or the folder of a run, from whose network backbones and the heads of the same tasks start. The same as --set init=FILE." };
        CommonOptions.RefuseEmpty(init);
        var resume = new Option<string?>("--resume") { HelpName = "DIR", Description = "Goes on with the run in a folder, with the configuration it was started with." };
        CommonOptions.RefuseEmpty(output);
        CommonOptions.RefuseEmpty(resume);
        var tensorBoard = new Option<bool>("--tensorboard") { Description = $"Writes event files for TensorBoard into the folder {RunEvents.FolderName} of the run: losses, metrics, rates, the policy, hyper-parameters, pictures." };
        var accept = new Option<bool>("--accept-data") { Description = "With --resume: goes on although the data set's parts are no longer what the run was started with." };
        var extend = new Option<int?>("--extend") { HelpName = "STEPS", Description = "With --resume: goes on for so many steps more of the training that makes the final network, also where the run is finished." };
        var restart = new Option<bool>("--restart-phase") { Description = "With --resume: trains the phase that the run is in again from its start." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Checks configuration and data, takes a few steps that are not kept, and says what the run would do, with its memory and time." };
        var quiet = new Option<bool>("--quiet") { Description = "Prints where results and report lie, and nothing else." };
        var command = new Command("train", "Trains networks by a method (--set method=NAME: " + string.Join(", ", MethodRegistry.Names) + "). Without options: AdaShare on procedural scenes, a few minutes on two cores.")
        {
            config, preset, data, cache, rebuild, output, init, device, seed, resume, extend, accept, restart, tensorBoard, dryRun, quiet, threads, set,
        };
        command.SetAction(parsed =>
        {
            var request = new ConfigRequest(parsed.GetValue(config), parsed.GetValue(preset), parsed.GetValue(set) ?? [], parsed.GetValue(data), parsed.GetValue(seed)) { Init = parsed.GetValue(init), Cache = parsed.GetValue(cache) };
            string? alone = parsed.GetValue(resume) is not null ? null : parsed.GetValue(extend) is not null ? "--extend" : parsed.GetValue(restart) ? "--restart-phase" : parsed.GetValue(accept) ? "--accept-data" : null;
            if (alone is not null)
            {
                throw new ConfigurationException($"{alone} is for a run that goes on; name its folder with --resume, or leave {alone} out");
            }

            if (parsed.GetValue(extend) is not null && parsed.GetValue(restart))
            {
                throw new ConfigurationException("--restart-phase trains a phase again and --extend goes on behind its end, so they exclude each other; let the phase come to its end first, then extend the run");
            }

            PlannedRun plan = parsed.GetValue(resume) is not { } folder ? RunPlanner.Start(request, parsed.GetValue(output))
                : parsed.GetValue(extend) is { } steps ? RunPlanner.Extend(folder, steps, request, parsed.GetValue(output)) : RunPlanner.Resume(folder, request, parsed.GetValue(output));
            DatasetFactory.RequireCache(plan.Config, parsed.GetValue(rebuild));
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), plan.Config.Numerics);
            var terms = new RunTerms { AcceptsOtherData = parsed.GetValue(accept), RestartsPhase = parsed.GetValue(restart), ExtendsFrom = plan.ExtendsFrom, RewritesConfiguration = plan.RewritesConfiguration, FindRun = StartingRuns.Find };
            return parsed.GetValue(dryRun) ? Try(host, plan, selected) : Train(host, plan, selected, terms, new TrainOutput(parsed.GetValue(quiet), parsed.GetValue(tensorBoard), parsed.GetValue(rebuild)));
        });
        return command;
    }

    private static int Train(HostContext host, PlannedRun plan, SelectedDevice device, RunTerms terms, TrainOutput wanted)
    {
        using var interrupt = Interrupt.Listen(host, "stopping before the training; press Ctrl-C again to end at once");
        IDataset dataset = DatasetFactory.OpenCached(plan.Config, wanted.RebuildsCache, wanted.IsQuiet ? static _ => { } : host.Output.WriteLine, interrupt.Token);
        using var opened = dataset as IDisposable;
        interrupt.Say("stopping after this step and writing a checkpoint; press Ctrl-C again to end at once");
        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(plan.Config);
        Func<int> Under(IRunObserver observer) => Train(host, plan, device, dataset, observer, terms, wanted, interrupt.Token);
        return wanted.IsQuiet ? Under(new QuietObserver())()
            : host.IsTerminal ? ProgressObserver.Show(host.Console, tasks, RunMeter.Of(plan), Under)()
            : Under(new PlainObserver(host.Output, plan.Config.Train.PrintFreq, tasks, RunMeter.Of(plan), TimeProvider.System))();
    }

    private static int Try(HostContext host, PlannedRun plan, SelectedDevice device)
    {
        using var interrupt = Interrupt.Listen(host, "stopping after this step; press Ctrl-C again to end at once");

        // A cache that is there is what the run would read; one that is not would be written by it alone.
        IDataset dataset = Path.Exists(plan.Config.Dataload.Cache) ? DatasetFactory.OpenCached(plan.Config, rebuild: false, host.Output.WriteLine, interrupt.Token) : DatasetFactory.Open(plan.Config);
        using var opened = dataset as IDisposable;
        IMethod method = MethodRegistry.Get(plan.Config.Method);
        host.Output.WriteLine($"{(plan.Resumes ? "would go on with" : "would train")}: {method.Title}, {plan.Config.Backbone}, {string.Join(", ", plan.Config.Tasks)}");
        host.Output.WriteLine($"run folder: {plan.Folder.Path}");
        host.Output.WriteLine($"device: {device.Description}");
        host.Output.WriteLine($"data: {DatasetFactory.Describe(dataset)}");
        plan.Notices.Concat(dataset.Notices).ToList().ForEach(host.Output.WriteLine);
        try
        {
            DryRunText.Write(host.Output, dataset.Inputs, DryRun.Try(plan, device.Backend, dataset, interrupt.Token));
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Trains, and returns what to print when the progress bars are gone.</summary>
    private static Func<int> Train(HostContext host, PlannedRun plan, SelectedDevice device, IDataset dataset, IRunObserver inner, RunTerms terms, TrainOutput wanted, CancellationToken stop)
    {
        using EventObserver? events = wanted.WritesEvents ? EventFiles.Follow(inner, plan) : null;
        var observer = new PositionObserver(events ?? inner);
        observer.Notice($"run folder: {plan.Folder.Path}");
        observer.Notice($"device: {device.Description}");
        observer.Notice($"data: {DatasetFactory.Describe(dataset)}");
        plan.Notices.Concat(dataset.Notices).ToList().ForEach(observer.Notice);
        try
        {
            MetricsFile results = Trainer.Run(MethodRegistry.Get(plan.Config.Method), plan.Config, device.Backend, dataset, plan.Folder, observer, plan.Resumes, stop, terms with { Configuration = ConfigWriter.Write(plan.Config) });
            events?.Finish(results, EventFiles.Pictures(plan, device.Backend, dataset, stop));
            string report = RunReportFile.TryWrite(host, plan.Folder, plan.Config, device.Backend, dataset, interrupted: stop);
            return () => Finish(host, plan, results, wanted.IsQuiet, events is null ? [report] : [$"event files: tensorboard --logdir {events.Folder}", report]);
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

    private static int Finish(HostContext host, PlannedRun plan, MetricsFile results, bool isQuiet, string[] pages)
    {
        if (isQuiet)
        {
            host.Output.WriteLine($"results: {plan.Folder.Metrics}");
            Array.ForEach(pages, host.Output.WriteLine);
            return ExitCode.Success;
        }

        PolicyFile? policy = File.Exists(plan.Folder.Policy) ? PolicyFile.Read(plan.Folder.Policy) : null;
        InputKind inputs = BackboneRegistry.Get(plan.Config.Backbone).Inputs;
        RunReport.Write(host.Console, MethodRegistry.Get(plan.Config.Method).Title, inputs, TaskSpec.Of(plan.Config), results, policy, LossMode.IsOfficial(plan.Config));
        host.Output.WriteLine($"look at predictions with: adashare predict {plan.Folder.Path} {(inputs == InputKind.Text ? "TEXT.txt" : "IMAGE.png")} --out DIR");
        host.Output.WriteLine($"results: {plan.Folder.Metrics}");
        Array.ForEach(pages, host.Output.WriteLine);
        return ExitCode.Success;
    }

    /// <summary>What is said and written beside the run's own files, and whether a data set's cache is written anew.</summary>
    private readonly record struct TrainOutput(bool IsQuiet, bool WritesEvents, bool RebuildsCache);
}
