namespace AdaShare.Native.CudaSimulation;

/// <summary>What the simulated device claims to be.</summary>
public sealed record SimulatedDeviceOptions
{
    /// <summary>The device's name.</summary>
    public string Name { get; init; } = "Simulated CUDA device";

    /// <summary>The compute capability, as 10 major + minor.</summary>
    public int ComputeCapability { get; init; } = 80;

    /// <summary>Bytes of device memory; more than that can't be allocated.</summary>
    public long MemoryBytes { get; init; } = 4L << 30;

    /// <summary>Multiprocessors: only a number that the backend may ask for.</summary>
    public int Multiprocessors { get; init; } = 16;

    /// <summary>The driver's CUDA version, 1000 major + 10 minor.</summary>
    public int DriverVersion { get; init; } = 12020;

    /// <summary>The newest PTX that the driver takes.</summary>
    public (int Major, int Minor) PtxVersion { get; init; } = (8, 2);

    /// <summary>The most instructions that a warp may run between two barriers before it counts as endless.</summary>
    public long InstructionLimit { get; init; } = 200_000_000;
}
