using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Predictions;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare predict</c>: paints what a run's network sees in images.</summary>
public sealed class PredictCommand
{
    // What throughput is measured with too: enough to fill the device, and little memory.
    private const int BatchOnGpu = 8, BatchOnCpu = 4, MostBatch = 1024;

    private readonly HostContext _host;
    private readonly Argument<string> _run = new("RUN") { Description = "The folder of a run; with --checkpoint the first image." };
    private readonly Argument<string[]> _images = new("IMAGE") { Description = "PNG or JPEG files, or folders of them; text files (.txt) where the network reads texts.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _output = CommonOptions.Output("The folder for pictures; it is made where it is missing.");
    private readonly Option<bool> _force = new("--force") { Description = "Replaces pictures that are in the folder already. An image that is read is never replaced." };
    private readonly Option<bool> _raw = new("--raw") { Description = $"Also writes the numbers: class indices as grey PNG and .npy, other pixels as .npy, and {RawPredictions.IndexName}, which names them all." };
    private readonly Option<int> _batch = CommonOptions.Count("--batch", $"The most images of one size that are predicted together. Default: {BatchOnGpu} on a GPU, {BatchOnCpu} on a CPU.", 1, MostBatch, BatchOnCpu);
    private readonly Option<bool> _acceptConfiguration = CommonOptions.AcceptConfiguration();
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly PredictLookOptions _look;
    private readonly PredictSplitOptions _split;
    private readonly CheckpointOptions _foreign;

    private PredictCommand(HostContext host, Command command)
    {
        _host = host;
        _batch.DefaultValueFactory = null;
        command.Arguments.Add(_run);
        command.Arguments.Add(_images);
        Array.ForEach<Option>([_output, _raw, _force, _batch], command.Options.Add);
        _look = PredictLookOptions.AddTo(command);
        _split = PredictSplitOptions.AddTo(command);
        Array.ForEach<Option>([_acceptConfiguration, _device, _threads], command.Options.Add);
        _foreign = CheckpointOptions.AddTo(command);
    }

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var command = new Command("predict", "Paints each task's prediction for images: beside the input, and each alone.");
        var predict = new PredictCommand(host, command);
        command.SetAction(predict.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        using var interrupt = Interrupt.Listen(_host, "stopping after this pass; press Ctrl-C again to end at once");
        string first = parsed.GetRequiredValue(_run);
        string[] inputs = parsed.GetValue(_images) ?? [];
        Split? part = _split.PartOf(parsed);
        if (_foreign.Read(parsed, data: null, ConfigLoader.LoadNetwork) is { } checkpoint)
        {
            return part is null
                ? OfCheckpoint(parsed, checkpoint, [first, .. inputs], interrupt)
                : throw new ConfigurationException("--split takes images of a run's data set, and a checkpoint from elsewhere belongs to no run; give the folder of a run, or images");
        }

        if (part is not null && inputs.Length > 0)
        {
            throw new ConfigurationException($"--split takes images of the run's data set, and {inputs[0]} is an image of its own; give either");
        }

        if (part is null && inputs.Length == 0)
        {
            throw new ConfigurationException("predict needs the folder of a run and an image (or --split test), or --checkpoint FILE and an image");
        }

        return OfRun(parsed, StoredRun.Open(first, parsed.GetValue(_acceptConfiguration)), inputs, part, interrupt);
    }

    private int OfCheckpoint(ParseResult parsed, ForeignCheckpoint checkpoint, IReadOnlyList<string> inputs, Interrupt interrupt)
    {
        RunConfig config = checkpoint.Config;
        MethodRegistry.Get(config.Method).Validate(config);
        FileSource source = FilesOf(parsed, config, inputs);
        PredictionLook look = _look.Of(parsed, TaskSpec.Of(config), source.Plan.Count);
        using SelectedDevice device = DeviceSelector.Open(_host, parsed.GetRequiredValue(_device), parsed.GetValue(_threads), config.Numerics);
        _host.Output.WriteLine($"device: {device.Description}");
        using TrainedNetwork network = checkpoint.Load(device.Backend, out _);
        _host.Output.WriteLine($"{checkpoint.Path}: {checkpoint.Policy}");
        Func<TaskSpec, IReadOnlyList<string>> names = ClassNames.Of(config, null);
        var by = new PredictedBy(checkpoint.Path, checkpoint.Policy, null, network.Gates, config.Tasks);
        var request = new PredictionRequest(network, source, parsed.GetRequiredValue(_output), BatchOf(parsed, device), LossMode.DecodesNormals(config), look, names, RawOf(parsed, by, names));
        return new PredictionRun(_host, request).Execute(interrupt.Say, interrupt.Token);
    }

    private int OfRun(ParseResult parsed, StoredRun run, IReadOnlyList<string> inputs, Split? part, Interrupt interrupt)
    {
        PolicyChoice? choice = _foreign.ChoiceOf(parsed);
        RunConfig config = run.Config;
        StoredNetwork stored = choice is null ? run.Best() : run.NetworksUnder(choice)[^1];
        IDataset? dataset = part is { } wanted ? _split.Open(parsed, run, wanted, _host.Output.WriteLine, interrupt.Token) : null;
        using var opened = dataset as IDisposable;
        IPredictionSource source = dataset is null ? FilesOf(parsed, config, inputs) : ExamplesOf(parsed, config, dataset, part!.Value);
        PredictionLook look = _look.Of(parsed, TaskSpec.Of(config), source.Plan.Count);
        using SelectedDevice device = DeviceSelector.Open(_host, parsed.GetRequiredValue(_device), parsed.GetValue(_threads), config.Numerics);
        _host.Output.WriteLine($"device: {device.Description}");
        using TrainedNetwork network = stored.Load(run.Method, config, device.Backend);
        _host.Output.WriteLine($"{stored.Checkpoint}: {(choice is not null ? stored.Title : stored.IsFinal ? "the final network" : $"{stored.Title}, since the run is not finished")}");
        Func<TaskSpec, IReadOnlyList<string>> own = ClassNames.Of(config, DataManifest.Read(run.Folder));
        IReadOnlyList<string> Names(TaskSpec task) => own(task) is { Count: > 0 } known ? known : dataset?.ClassNamesOf(task.Label) ?? [];
        var by = new PredictedBy(stored.Checkpoint, stored.Title, choice?.Word(), network.Gates, config.Tasks);
        var request = new PredictionRequest(network, source, parsed.GetRequiredValue(_output), BatchOf(parsed, device), LossMode.DecodesNormals(config), look, Names, RawOf(parsed, by, Names));
        return new PredictionRun(_host, request).Execute(interrupt.Say, interrupt.Token);
    }

    private int BatchOf(ParseResult parsed, SelectedDevice device) => parsed.GetResult(_batch) is { Implicit: false } ? parsed.GetValue(_batch) : device.IsCpu ? BatchOnCpu : BatchOnGpu;

    private RawPredictions? RawOf(ParseResult parsed, PredictedBy by, Func<TaskSpec, IReadOnlyList<string>> names) => parsed.GetValue(_raw) ? new RawPredictions(by, names) : null;

    private FileSource FilesOf(ParseResult parsed, RunConfig config, IReadOnlyList<string> inputs)
    {
        TaskSpec[] tasks = [.. TaskSpec.Of(config)], painted = [.. tasks.Where(static task => !task.Label.IsOfImage)];
        string[] tables = TablesOf(parsed, hasTable: painted.Length < tasks.Length);
        return new FileSource(config, PredictionPlan.Of(
            BackboneRegistry.Get(config.Backbone).Inputs, inputs, parsed.GetRequiredValue(_output), [.. painted.Select(static task => task.Name)], EndingsOf(parsed, painted), tables, parsed.GetValue(_force)));
    }

    private SplitSource ExamplesOf(ParseResult parsed, RunConfig config, IDataset dataset, Split part)
    {
        string folder = parsed.GetRequiredValue(_output);
        var source = new SplitSource(dataset, TaskSpec.Of(config), part, _split.CountOf(parsed), (example, tasks) =>
        {
            TaskSpec[] painted = [.. tasks.Where(static task => !task.Label.IsOfImage)];
            return PredictionNames.OfExample(example, folder, [.. painted.Select(static task => task.Name)], EndingsOf(parsed, painted));
        });
        PredictionPlan.Require(source.Plan, folder, config.Dataload.Dataroot, TablesOf(parsed, hasTable: true), parsed.GetValue(_force));
        return source;
    }

    private string[] EndingsOf(ParseResult parsed, IEnumerable<TaskSpec> painted) => parsed.GetValue(_raw) ? [.. painted.SelectMany(RawPredictions.EndingsOf)] : [];

    private string[] TablesOf(ParseResult parsed, bool hasTable) => [.. hasTable ? new[] { PredictionTable.FileName } : [], .. parsed.GetValue(_raw) ? new[] { RawPredictions.IndexName } : []];
}
