using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Products with matrices of weights, recorded as convolutions 1x1: the channels of one pixel are a row.</summary>
internal sealed class TracedMatrix(Trace trace, IMatrixKernels inner) : IMatrixKernels
{
    public void Multiply(Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate)
    {
        if (!trace.Records(left, right) && !(accumulate && trace.Records(result)))
        {
            inner.Multiply(left, transposeLeft, right, transposeRight, result, accumulate);
            trace.Memory.Clear(result);
            return;
        }

        if (transposeLeft || !trace.Records(left) || trace.Records(right) || (accumulate && trace.Records(result)))
        {
            throw Trace.Refuse("multiplies matrices that depend on the image by one another");
        }

        int inputs = left.Shape[1], outputs = result.Shape[1];
        float[] filter = Filter(trace.Constant(right, "weights"), inputs, outputs, transposeRight);
        double[]? sums = accumulate ? result.ToDoubles() : null;
        GraphValue[] rows = trace.Memory.Read(left);
        trace.Memory.Write(result, [.. rows.Select((row, i) => trace.Graph.Add(new ConvolutionNode(
            row, new ImageSize(1, 1, outputs), trace.LayerOf(right), [outputs, inputs, 1, 1], filter, sums?.AsSpan(i * outputs, outputs).ToArray(), new GraphAttribute("kernel_shape", Integers: [1, 1]))))]);
    }

    private static float[] Filter(double[] elements, int inputs, int outputs, bool isTransposed)
    {
        var filter = new float[elements.Length];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                filter[(o * inputs) + i] = (float)elements[isTransposed ? (o * inputs) + i : (i * outputs) + o];
            }
        }

        return filter;
    }
}
