namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>Something that nodes read: the input of the graph, what a node makes, or a constant.</summary>
internal sealed class GraphValue
{
    /// <summary>The node that makes it; null for inputs and constants.</summary>
    public GraphNode? Node { get; init; }

    /// <summary>The elements of a constant; null for others.</summary>
    public GraphConstant? Constant { get; init; }

    /// <summary>What an image of it has; nothing for constants and for values that say sizes.</summary>
    public ImageSize Size { get; init; }

    /// <summary>Its name in the file, once names are given.</summary>
    public string Name { get; set; } = "";

    /// <summary>A constant as a value.</summary>
    public static GraphValue Of(GraphConstant constant) => new() { Constant = constant };
}
