namespace AdaShare.Native.Engine.Checkpoints.Onnx;

/// <summary>A node of a graph, with the attributes that matter here.</summary>
/// <param name="Type">The operator, for example <c>Conv</c>.</param>
/// <param name="Inputs">The names of its inputs.</param>
/// <param name="Outputs">The names of its outputs.</param>
/// <param name="Epsilon">Its attribute <c>epsilon</c>, or the default of BatchNormalization.</param>
internal sealed record OnnxNode(string Type, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, double Epsilon);

/// <summary>A GraphProto: nodes in the order in which they are computed, and initialisers.</summary>
internal sealed class OnnxGraph
{
    private const double DefaultEpsilon = 1e-5;

    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, OnnxTensor> _initializers = [];

    /// <summary>The nodes.</summary>
    public IReadOnlyList<OnnxNode> Nodes => _nodes;

    /// <summary>Initialisers, and constants of nodes, by their names.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Initializers => _initializers;

    /// <summary>Reads a ModelProto.</summary>
    /// <exception cref="FormatException">It is damaged, or has no graph.</exception>
    public static OnnxGraph Read(ReadOnlyMemory<byte> model)
    {
        OnnxGraph? graph = null;
        var reader = new ProtoReader(model);
        while (reader.Next())
        {
            if (reader.Field == 7 && reader.HasContent)
            {
                (graph ??= new OnnxGraph()).Take(reader.Content);
            }
        }

        return graph ?? throw new FormatException("it has no graph");
    }

    private void Take(ReadOnlyMemory<byte> message)
    {
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1 && reader.HasContent)
            {
                TakeNode(reader.Content);
            }
            else if (reader.Field == 5 && reader.HasContent)
            {
                Add(OnnxTensor.Read(reader.Content), null);
            }
        }
    }

    private void TakeNode(ReadOnlyMemory<byte> message)
    {
        List<string> inputs = [], outputs = [];
        string type = "";
        double epsilon = DefaultEpsilon;
        OnnxTensor? constant = null;
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: inputs.Add(reader.Text); break;
                case 2: outputs.Add(reader.Text); break;
                case 4: type = reader.Text; break;
                case 5 when reader.HasContent: TakeAttribute(reader.Content, ref epsilon, ref constant); break;
                default: break;
            }
        }

        if (type == "Constant" && constant is not null && outputs.Count > 0)
        {
            Add(constant, outputs[0]);
        }
        else
        {
            _nodes.Add(new OnnxNode(type, inputs, outputs, epsilon));
        }
    }

    private static void TakeAttribute(ReadOnlyMemory<byte> message, ref double epsilon, ref OnnxTensor? constant)
    {
        string name = "";
        double number = 0;
        ReadOnlyMemory<byte>? tensor = null;
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text; break;
                case 2: number = reader.Single; break;
                case 5 when reader.HasContent: tensor = reader.Content; break;
                default: break;
            }
        }

        if (name == "epsilon")
        {
            epsilon = number;
        }
        else if (name == "value" && tensor is { } value)
        {
            constant = OnnxTensor.Read(value);
        }
    }

    private void Add(OnnxTensor tensor, string? name)
    {
        if (!_initializers.TryAdd(name ?? tensor.Name, tensor))
        {
            throw new FormatException($"two initialisers are called {name ?? tensor.Name}");
        }
    }
}
