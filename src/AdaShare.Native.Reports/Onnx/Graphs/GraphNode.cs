namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>An attribute of a node: an integer, a list of them, or a text.</summary>
/// <param name="Name">Its name in the operator's definition.</param>
/// <param name="Integer">An integer, or null.</param>
/// <param name="Integers">A list of integers, or null.</param>
/// <param name="Text">A text, or null.</param>
internal sealed record GraphAttribute(string Name, long? Integer = null, long[]? Integers = null, string? Text = null);

/// <summary>A node of the graph with one output. Operators are those of ONNX's opset 17, apart from <see cref="ChannelMap"/>, which <see cref="GraphPasses"/> brings into other forms.</summary>
internal class GraphNode
{
    /// <summary>Makes a node and its output.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="size">What an image of the output has.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">Its attributes.</param>
    public GraphNode(string type, ImageSize size, IEnumerable<GraphValue> inputs, params GraphAttribute[] attributes)
    {
        (Type, Inputs, Attributes) = (type, [.. inputs], attributes);
        Output = new GraphValue { Node = this, Size = size };
    }

    /// <summary>The operator.</summary>
    public string Type { get; }

    /// <summary>What it reads.</summary>
    public List<GraphValue> Inputs { get; }

    /// <summary>Its attributes.</summary>
    public IReadOnlyList<GraphAttribute> Attributes { get; }

    /// <summary>What it makes.</summary>
    public GraphValue Output { get; }

    /// <summary>Its name in the file, once names are given.</summary>
    public string Name { get; set; } = "";

    /// <summary>For whom it is computed, for the file.</summary>
    public string Remark { get; set; } = "";
}
