using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.Onnx.Graphs;
using AdaShare.Native.Reports.Onnx.Tracing;

namespace AdaShare.Native.Reports.Onnx;

/// <summary>
/// A trained network as one ONNX graph with an output for each task: what tasks share is there once, blocks that they skip are not there, and batch norms are folded into the convolutions before them.
/// </summary>
/// <remarks>
/// The graph is a recording of the network's own evaluation of one image, see <see cref="TracingBackend"/>, so it holds what the execution plan really computes, for every method alike; streams that the plan
/// computes side by side in one batch stand one after another. IR 8 and opset 17, which runtimes since 2022 read. Layout NCHW, numbers in single precision, whatever the run was trained in.
/// </remarks>
public sealed class OnnxModel
{
    private const string Prefix = "adashare.";

    // Rows and columns of the image with which a graph for images of any size is recorded: enough for features of more than one pixel.
    private const int NominalHeight = 128;
    private const int NominalWidth = 160;

    // Characters of names stay as they are in the metadata.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Graph _graph;
    private readonly ModelHead _head;

    private OnnxModel(Graph graph, ModelHead head) => (_graph, _head) = (graph, head);

    /// <summary>The graph.</summary>
    internal Graph Graph => _graph;

    /// <summary>The name of the input, [N, 3, H, W].</summary>
    public string Input => _graph.Input.Name;

    /// <summary>The names of the outputs: those of the tasks, in their order. [N, channels, h, w], or [N, channels] where a task speaks of the image as a whole.</summary>
    public IReadOnlyList<string> Outputs => [.. _graph.Outputs.Select(static output => output.Name)];

    /// <summary>How many nodes of each operator the graph has.</summary>
    public IReadOnlyDictionary<string, int> Operators => _graph.Nodes.CountBy(static node => node.Type).ToDictionary();

    /// <summary>Records a network.</summary>
    /// <param name="load">Builds the network on a backend and gives it its weights. Its activations must be in single precision.</param>
    /// <param name="backend">Where what weights alone decide is computed.</param>
    /// <param name="description">What the model says of itself.</param>
    /// <param name="options">What the graph is made for.</param>
    /// <exception cref="DataException">The network can't be written as one graph: it computes for each image something else, or something for which ONNX or this export has no operator.</exception>
    /// <exception cref="ShapeException">Images of the size are too small for the network.</exception>
    public static OnnxModel Of(Func<Backend, TrainedNetwork> load, Backend backend, OnnxDescription description, OnnxOptions options)
    {
        ArgumentNullException.ThrowIfNull(load);
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(options);
        using var tracing = new TracingBackend(backend);
        using TrainedNetwork network = load(tracing);
        try
        {
            (int height, int width) = options.Size ?? (NominalHeight, NominalWidth);
            Graph graph = GraphRecorder.Record(
                tracing, network.Model.Store, height, width, input => options.Input == OnnxInput.Rgb ? FromRgb(input.Graph, input.Value, network.Model.Input) : input.Value, (step, images) => Predict(network, step, images, options));
            return new OnnxModel(graph, Head(network, description, options));
        }
        catch (TraceException error)
        {
            throw new DataException(
                $"{description.Title}: its network is not one graph for all images, since {error.Message}; export a run whose network computes the same for every image", error);
        }
    }

    /// <summary>Writes the model.</summary>
    /// <param name="stream">Where to.</param>
    /// <exception cref="DataException">It would have more than 2 GB.</exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ModelWriter.Write(stream, _graph, _head);
    }

    /// <summary>Writes the model into a file, which is complete or as it was before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether an older file is replaced.</param>
    /// <exception cref="DataException">There is a file of that name already, and it must not be replaced; or the model would have more than 2 GB.</exception>
    /// <exception cref="CheckpointException">The file could not be written.</exception>
    public void Save(string path, bool overwrite) => AtomicFile.Write(path, Write, overwrite);

    /// <summary>What the network itself says, for which the graph is: its raw predictions, which no softmax and no other meaning has touched.</summary>
    /// <param name="network">The network.</param>
    /// <param name="step">The step that owns the outputs.</param>
    /// <param name="images">[N, H, W, 3], as the network takes them.</param>
    /// <param name="options">What the graph is made for.</param>
    /// <returns>For each task its name, [N, h, w, channels], and whether the graph's output has only channels, [N, channels].</returns>
    public static IReadOnlyList<(string Name, Tensor Output, bool IsOfImage)> Predict(TrainedNetwork network, Step step, Tensor images, OnnxOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<TaskSpec> tasks = network.Model.Tasks;
        IReadOnlyList<Tensor> raw = network.Model.Forward(step, new InputGroup(images, [.. Enumerable.Range(0, tasks.Count)]), ForwardContext.Evaluation(network.Gates));
        return [.. tasks.Select((task, t) => (task.Name, options.EnlargesOutputs && !task.Label.IsOfImage ? step.ResizeBilinear(raw[t], images.Shape[1], images.Shape[2]) : raw[t], task.Label.IsOfImage))];
    }

    /// <summary>What the network sees of an image: its channels turned round where it wants B, G, R, less the mean, divided by the deviation where there is one.</summary>
    private static GraphValue FromRgb(Graph graph, GraphValue rgb, ImageInput input)
    {
        GraphValue ordered = input.Order == ChannelOrder.Rgb ? rgb : graph.Add(new GraphNode("Gather", rgb.Size, [rgb, GraphValue.Of(GraphConstant.OfIntegers("bgr_of_rgb", 2, 1, 0))], new GraphAttribute("axis", 1)));
        GraphValue centred = graph.Add("Sub", ordered, GraphValue.Of(GraphConstant.OfChannels(Channels(input.Mean), "mean")));
        return input.Deviation == Vector3.One ? centred : graph.Add("Mul", centred, GraphValue.Of(GraphConstant.OfChannels(Channels(input.Normalization.Scale), "scale")));
    }

    private static double[] Channels(Vector3 values) => [values.X, values.Y, values.Z];

    private static string Numbers(Vector3 values) => string.Join(' ', Channels(values).Select(static value => ((float)value).ToString("R", CultureInfo.InvariantCulture)));

    private static ModelHead Head(TrainedNetwork network, OnnxDescription description, OnnxOptions options)
    {
        IReadOnlyList<TaskSpec> tasks = network.Model.Tasks;
        string names = string.Join(", ", tasks.Select(static task => task.Name));
        var properties = new List<KeyValuePair<string, string>>();
        void Add(string key, string value) => properties.Add(new(Prefix + key, value));
        Add("method", description.Method);
        Add("tasks", JsonSerializer.Serialize(tasks.Select(static task => task.Name), Json));
        Add("policy", Policy(network.Gates, tasks));
        ImageInput input = network.Model.Input;
        string order = input.Order.ToString().ToUpperInvariant();
        Add("input", options.Input == OnnxInput.Rgb ? "RGB, 0 to 255" : $"{order}, 0 to 255, minus mean, divided by deviation");
        Add("order", order);
        Add("mean", Numbers(input.Mean));
        Add("deviation", Numbers(input.Deviation));
        if (description.Resize is (int height, int width))
        {
            Add("resize", string.Create(CultureInfo.InvariantCulture, $"{height}x{width}"));
        }

        Add("outputs", options.EnlargesOutputs ? "raw predictions, those of pixels at the size of the image" : "raw predictions, those of pixels at the size of the network's features");
        foreach (TaskSpec task in tasks)
        {
            Add($"kind.{task.Name}", task.Kind.Name);
            if (description.Names.TryGetValue(task.Name, out IReadOnlyList<string>? classes) && classes.Count > 0)
            {
                Add($"names.{task.Name}", JsonSerializer.Serialize(classes, Json));
            }
        }

        Add("normals", description.DecodedNormals ? "decoded" : "raw");
        return new ModelHead("AdaShare.Native", Version(), $"{description.Title}: {names}", properties, options.Batch, options.Size is not null);
    }

    /// <summary>For each task a letter a block: # runs, . is skipped, ~ is mixed; null where every task runs every block, or the network decides by weights of its own.</summary>
    private static string Policy(GateTable gates, IReadOnlyList<TaskSpec> tasks)
    {
        if (gates.IsShared || gates.IsDecided)
        {
            return "null";
        }

        string Row(int task) => string.Concat(Enumerable.Range(0, gates.Blocks).Select(block => gates[task, block].Kind switch
        {
            GateKind.On => '#',
            GateKind.Soft => '~',
            _ => '.',
        }));
        return JsonSerializer.Serialize(tasks.Select((task, t) => (task.Name, Row: Row(t))).ToDictionary(static entry => entry.Name, static entry => entry.Row), Json);
    }

    private static string Version() => typeof(OnnxModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
