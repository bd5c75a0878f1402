using System.CommandLine;
using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Exports;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Onnx;

namespace AdaShare.Native.Host.Commands;

/// <summary>The options of <c>adashare export --onnx</c>, and what they do.</summary>
internal sealed class ExportOnnxOptions
{
    private const int SmallestSide = 16;
    private const int LargestBatch = 65536;
    private const string Rgb = "rgb";

    private readonly Option<(int Height, int Width)?> _size = CommonOptions.Size("With --onnx: the size of images that the graph takes; any if absent.", SmallestSide);
    private readonly Option<string> _input = new("--input")
    {
        HelpName = "FORM",
        Description = "With --onnx: what the graph takes for an image: rgb, 0 to 255, or network, as the network does: B, G, R, 0 to 255, the mean colour subtracted.",
        DefaultValueFactory = static _ => Rgb,
    };

    private readonly Option<bool> _enlarge = new("--full-size") { Description = "With --onnx: brings predictions of pixels to the size of the image, as predict does; otherwise they have that of the network's features." };
    private readonly Option<bool> _check = new("--check") { Description = "With --onnx: runs the graph in ONNX Runtime on images of the run's test part; the file is written only if it says what the network says." };
    private readonly Option<string?> _data = CommonOptions.Data();
    private readonly Option<int?> _batch = new("--batch")
    {
        HelpName = "N",
        Description = "With --onnx: the number of images that the graph takes at a time; any if absent.",
        CustomParser = static result => (int?)CommonOptions.Whole(result, 1, LargestBatch),
    };

    private ExportOnnxOptions() => _input.AcceptOnlyFromAmong(Rgb, "network");

    /// <summary>Adds the options to the command.</summary>
    public static ExportOnnxOptions AddTo(Command command)
    {
        var options = new ExportOnnxOptions();
        foreach (Option option in (Option[])[options._size, options._batch, options._input, options._enlarge, options._check, options._data])
        {
            command.Add(option);
        }

        return options;
    }

    /// <summary>What the command line says; null where no graph is written.</summary>
    /// <exception cref="ConfigurationException">Something is said of a graph, or of its check, where there is none.</exception>
    public OnnxOptions? Read(ParseResult parsed, bool isWanted)
    {
        foreach (Option option in (Option[])[_size, _batch, _input, _enlarge, _check])
        {
            if (!isWanted && parsed.GetResult(option) is { Implicit: false })
            {
                throw new ConfigurationException($"{option.Name} is about the graph of --onnx FILE, which is not there; add it, or leave {option.Name} out");
            }
        }

        if (parsed.GetValue(_data) is not null && !parsed.GetValue(_check))
        {
            throw new ConfigurationException("--data is about the images of --check, which is not there; add it, or leave --data out");
        }

        return isWanted
            ? new OnnxOptions
            {
                Size = parsed.GetValue(_size),
                Batch = parsed.GetValue(_batch),
                Input = parsed.GetValue(_input) == Rgb ? OnnxInput.Rgb : OnnxInput.Network,
                EnlargesOutputs = parsed.GetValue(_enlarge),
            }
            : null;
    }

    /// <summary>Writes the graph of a run's network, once it is checked where that is wanted.</summary>
    public void Write(HostContext host, ParseResult parsed, StoredRun run, StoredNetwork network, string path, OnnxOptions options, bool overwrite)
    {
        RunConfig config = run.Config;
        if (BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Text)
        {
            throw new DataException($"{run.Folder.Path}: backbone {config.Backbone} reads texts, and graphs are written for networks of images; use --pytorch for its weights");
        }

        // The graph computes in single precision, whatever the run was trained in.
        config.Numerics = "exact";
        using SelectedDevice device = DeviceSelector.Open(host, "cpu", null, config.Numerics);
        OnnxModel model = OnnxModel.Of(backend => network.Load(run.Method, config, backend), device.Backend, Description(run, network), options);
        string check = "";
        if (parsed.GetValue(_check))
        {
            DatasetFactory.UseFolder(config, parsed.GetValue(_data));
            check = Check(model, run, network, DatasetFactory.Open(config), device.Backend, options);
        }

        model.Save(path, overwrite);
        host.Output.WriteLine($"{path}: {model.Operators.Values.Sum()} nodes, {model.Operators.GetValueOrDefault("Conv")} of them convolutions, of {ExportCommand.Describe(network)}; input {model.Input}, outputs {string.Join(", ", model.Outputs)}{check}");
    }

    private static string Check(OnnxModel model, StoredRun run, StoredNetwork stored, IDataset dataset, Backend backend, OnnxOptions options)
    {
        using var bytes = new MemoryStream();
        model.Write(bytes);
        using var check = new RuntimeCheck(bytes.ToArray(), options);
        using TrainedNetwork network = stored.Load(run.Method, run.Config, backend);
        (int images, double difference) = check.Compare(network, dataset);
        return string.Create(CultureInfo.InvariantCulture, $"; ONNX Runtime {RuntimeCheck.Version} on {images} images of the test part: at most {difference:0.0e0} of an output's largest number from the network");
    }

    private static OnnxDescription Description(StoredRun run, StoredNetwork network)
    {
        Func<TaskSpec, IReadOnlyList<string>> names = ClassNames.Of(run.Config, DataManifest.Read(run.Folder));
        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(run.Config);
        return new OnnxDescription(
            run.Method.Name, network.Title, tasks.ToDictionary(static task => task.Name, names), LossMode.DecodesNormals(run.Config))
        {
            Resize = run.Config.Dataload.ResizeH > 0 ? (run.Config.Dataload.ResizeH, run.Config.Dataload.ResizeW) : null,
        };
    }
}
