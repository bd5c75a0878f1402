namespace AdaShare.Native.CudaSimulation.Ptx;

/// <summary>PTX that the simulated device can't read or run. The message names the module, the line and what was found.</summary>
public sealed class PtxException(string module, int line, string problem) : Exception($"{module}, PTX line {line}: {problem}")
{
    /// <summary>The line of the PTX text, from 1.</summary>
    public int Line { get; } = line;
}
