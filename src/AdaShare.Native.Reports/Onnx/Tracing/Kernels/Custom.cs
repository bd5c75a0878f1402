using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Ops from outside the engine: of what depends on the image no graph can say what they compute.</summary>
internal sealed class TracedCustom(Trace trace, ICustomKernels inner) : ICustomKernels
{
    public void Run(CustomCall call)
    {
        if (trace.Records([.. call.Reads]))
        {
            trace.Write(call.Writes[0], () => throw Trace.Refuse($"computes {call.Op}, an op from outside the engine"));
            return;
        }

        inner.Run(call);
        foreach (Tensor written in call.Writes)
        {
            trace.Memory.Clear(written);
        }
    }
}
