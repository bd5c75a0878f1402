using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;
using AdaShare.Native.Reports.Onnx.Tracing;

namespace AdaShare.Native.Reports.Onnx;

/// <summary>Records a forward pass over one image as a graph.</summary>
internal static class GraphRecorder
{
    private const string Weight = ".weight";

    /// <summary>Records, and makes the graph ready to be written.</summary>
    /// <param name="backend">The backend that records; it has the parameters.</param>
    /// <param name="store">The parameters, for names.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="prepare">Makes what the pass takes from the graph's input.</param>
    /// <param name="forward">The pass: from [1, H, W, 3] to outputs with their names, and whether they have only channels.</param>
    /// <exception cref="TraceException">The pass can't be recorded.</exception>
    public static Graph Record(
        TracingBackend backend, ParameterStore store, int height, int width, Func<(Graph Graph, GraphValue Value), GraphValue> prepare,
        Func<Step, Tensor, IReadOnlyList<(string Name, Tensor Output, bool IsFlat)>> forward)
    {
        var graph = new Graph(height, width);
        var trace = new Trace(graph, store.Parameters.ToDictionary(static parameter => (parameter.Value.Storage, parameter.Value.Offset), static parameter => Layer(parameter.Name)));
        using var step = new Step(backend, recordGradients: false, hasEffects: false);
        backend.Begin(trace);
        Tensor images = step.New(new Shape(1, height, width, 3), DType.Float32);
        trace.Memory.Write(images, [prepare((graph, graph.Input))]);
        foreach ((string name, Tensor output, bool isFlat) in forward(step, images))
        {
            if (!trace.Records(output))
            {
                throw new TraceException($"what it says of {name} does not depend on the image");
            }

            graph.Outputs.Add(new GraphOutput(name, trace.Memory.Read(output)[0], isFlat));
        }

        GraphPasses.Finish(graph);
        GraphNames.Give(graph);
        return graph;
    }

    private static string Layer(string parameter) => parameter.EndsWith(Weight, StringComparison.Ordinal) ? parameter[..^Weight.Length] : parameter;
}
