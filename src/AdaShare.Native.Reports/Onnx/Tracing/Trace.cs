using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>A forward pass as it is recorded: the graph so far, and which memory holds which of its values.</summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="layers">The names of layers by where their filters lie; filters from elsewhere are called <c>filter</c>.</param>
internal sealed class Trace(Graph graph, IReadOnlyDictionary<(Storage Storage, long Offset), string> layers)
{
    private readonly Dictionary<(Storage Storage, long Offset), float[]> _filters = [];

    /// <summary>The graph.</summary>
    public Graph Graph => graph;

    /// <summary>Which memory holds which value.</summary>
    public TracedMemory Memory { get; } = new();

    /// <summary>Whether any of some tensors depends on the images, so that what reads it becomes a node; otherwise it is computed here and now.</summary>
    public bool Records(params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors)
        {
            if (Memory.Depends(tensor))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Records an op that treats every image by itself.</summary>
    public void Each(Tensor input, Tensor output, Func<GraphValue, GraphValue> record) => Write(output, () => Array.ConvertAll(Memory.Read(input), value => record(value)));

    /// <summary>Records an op. Where it can't be recorded, that is no obstacle until somebody reads its output for the graph: a network may look at it to decide something, which is refused as such.</summary>
    /// <param name="output">What it writes.</param>
    /// <param name="record">Makes the values of its images.</param>
    public void Write(Tensor output, Func<IReadOnlyList<GraphValue>> record)
    {
        try
        {
            Memory.Write(output, record());
        }
        catch (TraceException obstacle)
        {
            Memory.WriteUnknown(output, obstacle.Message);
        }
    }

    /// <summary>The elements of a tensor that must be the same for every image.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="TraceException">They depend on the image.</exception>
    public double[] Constant(Tensor tensor, string what) => Memory.Depends(tensor) ? throw new TraceException($"it computes {what} from the image") : tensor.ToDoubles();

    /// <summary>A filter's elements in ONNX's order, read once however often it is used.</summary>
    public float[] Filter(Tensor filter)
    {
        if (Memory.Depends(filter))
        {
            throw new TraceException("it computes filters from the image");
        }

        if (!_filters.TryGetValue((filter.Storage, filter.Offset), out float[]? elements))
        {
            elements = Array.ConvertAll(filter.ToDoubles(), static element => (float)element);
            _filters[(filter.Storage, filter.Offset)] = elements;
        }

        return elements;
    }

    /// <summary>The name of the layer that a filter belongs to.</summary>
    public string LayerOf(Tensor filter) => layers.GetValueOrDefault((filter.Storage, filter.Offset), "filter");

    /// <summary>Ends a recording that needs what no graph has.</summary>
    public static TraceException Refuse(string what) => new($"it {what}, for which this export has no operator");

    /// <summary>Ends a recording that is of no evaluation.</summary>
    public static TraceException NoEvaluation() => new("it computes what belongs to training in an evaluation");
}
