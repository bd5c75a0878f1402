namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>An output of a graph.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Value">What it is.</param>
/// <param name="IsFlat">Whether it has only channels, [N, C]; otherwise [N, C, H, W].</param>
internal sealed record GraphOutput(string Name, GraphValue Value, bool IsFlat);

/// <summary>Nodes in the order in which they are computed, as they are recorded.</summary>
internal sealed class Graph
{
    private readonly Dictionary<(GraphValue, string), GraphValue> _sizes = [];
    private List<GraphNode> _nodes = [];

    /// <summary>Begins a graph.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public Graph(int height, int width) => Input = new GraphValue { Size = new ImageSize(height, width, 3) };

    /// <summary>The images, [N, 3, H, W].</summary>
    public GraphValue Input { get; }

    /// <summary>The nodes, each behind those whose output it reads.</summary>
    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>The outputs.</summary>
    public List<GraphOutput> Outputs { get; } = [];

    /// <summary>Adds a node.</summary>
    /// <returns>Its output.</returns>
    public GraphValue Add(GraphNode node)
    {
        _nodes.Add(node);
        return node.Output;
    }

    /// <summary>Adds a node of an operator that keeps its first input's size.</summary>
    public GraphValue Add(string type, params GraphValue[] inputs) => Add(new GraphNode(type, inputs[0].Size, inputs));

    /// <summary>Adds a factor and a summand for each channel; nothing where they are 1 and 0.</summary>
    public GraphValue Map(GraphValue input, double[] scale, double[] shift) =>
        Array.TrueForAll(scale, static factor => factor == 1) && Array.TrueForAll(shift, static summand => summand == 0) ? input : Add(new ChannelMap(input, scale, shift));

    /// <summary>Adds a factor for all elements; nothing where it is 1.</summary>
    public GraphValue Scale(GraphValue input, double factor) => factor == 1 ? input : Add(OnnxOperators.Mul, input, GraphValue.Of(GraphConstant.Scalar(factor, "factor")));

    /// <summary>Rows and columns of a value as it comes, in two integers, wherever they are asked for.</summary>
    public GraphValue SizeOf(GraphValue value) => Once(value, "size", () =>
    {
        GraphValue shape = Add(new GraphNode("Shape", default, [value]));
        return Add(new GraphNode("Slice", default, [shape, Integers("from_rows", 2), Integers("to_columns", 4)]));
    });

    /// <summary>Brings a value by bilinear interpolation to the rows and columns of another one, whatever they are.</summary>
    /// <param name="input">The value.</param>
    /// <param name="like">Whose rows and columns it gets.</param>
    /// <param name="mode">The operator's attribute <c>coordinate_transformation_mode</c>.</param>
    public GraphValue ResizeLinear(GraphValue input, GraphValue like, string mode)
    {
        // Sizes, not factors: rounding of factors shifts pixels.
        GraphValue batch = Once(input, "batch", () =>
        {
            GraphValue shape = Add(new GraphNode("Shape", default, [input]));
            return Add(new GraphNode("Slice", default, [shape, Integers("from_batch", 0), Integers("to_channels", 2)]));
        });
        GraphValue sizes = Add(new GraphNode("Concat", default, [batch, SizeOf(like)], new GraphAttribute("axis", 0)));
        GraphValue none = GraphValue.Of(new GraphConstant([0], [], null, "none"));
        return Add(new GraphNode(
            "Resize", like.Size with { Channels = input.Size.Channels }, [input, none, none, sizes], new GraphAttribute("coordinate_transformation_mode", Text: mode), new GraphAttribute("mode", Text: "linear")));
    }

    /// <summary>Puts other nodes in the place of all.</summary>
    internal void Replace(List<GraphNode> nodes) => _nodes = nodes;

    private static GraphValue Integers(string name, params long[] values) => GraphValue.Of(GraphConstant.OfIntegers(name, values));

    private GraphValue Once(GraphValue value, string what, Func<GraphValue> make)
    {
        if (!_sizes.TryGetValue((value, what), out GraphValue? known))
        {
            _sizes[(value, what)] = known = make();
        }

        return known;
    }
}
