using AdaShare.Native.Cuda.Commands;

namespace AdaShare.Native.Cuda;

/// <summary>The blocks of a launch and the threads of a block, along x, y and z.</summary>
/// <param name="GridX">Blocks along x, at least 1.</param>
/// <param name="BlockX">Threads of a block along x, at least 1.</param>
public readonly record struct CudaLaunchShape(int GridX, int BlockX)
{
    /// <summary>Blocks along y, 1 to 65535.</summary>
    public int GridY { get; init; } = 1;

    /// <summary>Blocks along z, 1 to 65535.</summary>
    public int GridZ { get; init; } = 1;

    /// <summary>Threads of a block along y.</summary>
    public int BlockY { get; init; } = 1;

    /// <summary>Threads of a block along z, 1 to 64.</summary>
    public int BlockZ { get; init; } = 1;

    /// <summary>Bytes of dynamic shared memory of a block; with the kernel's own at most 48 KiB.</summary>
    public int SharedBytes { get; init; }

    /// <summary>Threads of a block.</summary>
    public long ThreadsPerBlock => (long)BlockX * BlockY * BlockZ;

    /// <summary>
    /// For kernels whose threads take every so many-th item: <c>for (i = blockIdx.x * blockDim.x + threadIdx.x; i &lt; count; i += gridDim.x * blockDim.x)</c>. Blocks of 256 threads, at least one and at most 8192 of
    /// them, whatever the device: results that depend on the shape of the launch are the same everywhere.
    /// </summary>
    /// <param name="items">The number of items.</param>
    public static CudaLaunchShape Linear(long items)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(items);
        return new CudaLaunchShape((int)LaunchShape.Linear(items).GridX, LaunchShape.Threads);
    }

    /// <summary>For example <c>grid (4, 1, 1) of blocks (256, 1, 1)</c>.</summary>
    public override string ToString() => $"grid ({GridX}, {GridY}, {GridZ}) of blocks ({BlockX}, {BlockY}, {BlockZ})";

    internal LaunchShape ToLaunch() => new((uint)GridX, (uint)GridY, (uint)GridZ, (uint)BlockX, (uint)BlockY, (uint)BlockZ, (uint)SharedBytes);
}
