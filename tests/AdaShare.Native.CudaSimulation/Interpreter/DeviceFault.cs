using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Work that the device can't go on with; the finding is already logged.</summary>
internal sealed class DeviceFault(CudaResult result, string problem) : Exception(problem)
{
    /// <summary>The status that calls return from then on.</summary>
    public CudaResult Result { get; } = result;
}
