using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Sums and maxima of numbers; over features no network of ours takes them.</summary>
internal sealed class TracedReduction(Trace trace, IReductionKernels inner) : IReductionKernels
{
    public void Sum(Tensor input, Tensor output, double scale, bool accumulate)
    {
        if (trace.Records(input) || (accumulate && trace.Records(output)))
        {
            trace.Memory.WriteUnknown(output, Trace.Refuse($"sums up features of shape {input.Shape}").Message);
            return;
        }

        inner.Sum(input, output, scale, accumulate);
        trace.Memory.Clear(output);
    }

    public void Max(Tensor input, Tensor? output, Tensor? indices)
    {
        if (trace.Records(input))
        {
            string reason = Trace.Refuse($"takes the largest of features of shape {input.Shape}").Message;
            foreach (Tensor written in ((Tensor?[])[output, indices]).OfType<Tensor>())
            {
                trace.Memory.WriteUnknown(written, reason);
            }

            return;
        }

        inner.Max(input, output, indices);
        foreach (Tensor written in ((Tensor?[])[output, indices]).OfType<Tensor>())
        {
            trace.Memory.Clear(written);
        }
    }

    public void MaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();
}
