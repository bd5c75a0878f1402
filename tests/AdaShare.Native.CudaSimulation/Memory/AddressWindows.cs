namespace AdaShare.Native.CudaSimulation.Memory;

/// <summary>Where generic addresses find each memory. A null pointer and small offsets from it are nowhere.</summary>
internal static class AddressWindows
{
    /// <summary>The local memory of a thread.</summary>
    public const ulong Local = 0x7D00_0000_0000;

    /// <summary>The shared memory of a block.</summary>
    public const ulong Shared = 0x7E00_0000_0000;

    /// <summary>The first allocation of device memory.</summary>
    public const ulong Device = 0x7F00_0000_0000;

    /// <summary>The size of the windows.</summary>
    public const ulong Size = 0x0100_0000_0000;
}
