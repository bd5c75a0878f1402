namespace AdaShare.Native.Cuda.Commands;

/// <summary>The blocks of a launch, the threads of a block, and its bytes of dynamic shared memory.</summary>
internal readonly record struct LaunchShape(uint GridX, uint GridY, uint GridZ, uint BlockX, uint BlockY, uint BlockZ = 1, uint SharedBytes = 0)
{
    /// <summary>Threads of a block, see kernels/common.cuh.</summary>
    public const int Threads = 256;

    private const long MostBlocks = 8192;

    /// <summary>Threads that step through items by the size of the grid (LINEAR in kernels/common.cuh).</summary>
    /// <param name="items">What one thread takes at a time.</param>
    /// <param name="gridY">The second dimension of the grid.</param>
    public static LaunchShape Linear(long items, int gridY = 1) => Blocks(Math.Clamp(Ceiling(items, Threads), 1, MostBlocks), gridY);

    /// <summary>LINEAR over vectors of four elements and the elements that are left.</summary>
    public static LaunchShape Vectors(long vectors, long count, int gridY = 1) => Linear(Math.Max(vectors, count - (4 * vectors)), gridY);

    /// <summary>A warp for each row, eight rows a block.</summary>
    public static LaunchShape Rows(long rows) => Blocks(Math.Clamp(Ceiling(rows, Threads / 32), 1, MostBlocks));

    /// <summary>So many blocks of 256 threads.</summary>
    public static LaunchShape Blocks(long gridX, int gridY = 1) => new((uint)gridX, (uint)gridY, 1, Threads, 1);

    /// <summary>Blocks of (32, 8) threads, a column for each channel.</summary>
    public static LaunchShape Columns(int channels, int gridY = 1) => new((uint)Ceiling(channels, 32), (uint)gridY, 1, 32, 8);

    /// <summary>The quotient, rounded up.</summary>
    public static long Ceiling(long value, long divisor) => (value + divisor - 1) / divisor;
}

/// <summary>How a launch over [groups, rows, channels] is cut, where threads keep their channels from row to row (CHANNELS in kernels/common.cuh).</summary>
/// <param name="Width">Channels a thread: 4 where alignment and number allow, else 1.</param>
/// <param name="Chunks">Blocks along the rows. It depends on the shape alone, so that sums have one order on every device.</param>
/// <param name="Shape">The launch.</param>
internal readonly record struct ChannelLaunch(int Width, int Chunks, LaunchShape Shape)
{
    private const int SummedRows = 16;
    private const int MappedRows = 4;
    private const int MostSummingChunks = 512;
    private const int MostMappingChunks = 8192;

    /// <summary>A launch that sums over the rows.</summary>
    public static ChannelLaunch Summing(int groups, long rows, int channels, bool aligned) => Of(groups, rows, channels, aligned, SummedRows, MostSummingChunks);

    /// <summary>A launch that computes each element for itself.</summary>
    public static ChannelLaunch Mapping(int groups, long rows, int channels, bool aligned) => Of(groups, rows, channels, aligned, MappedRows, MostMappingChunks);

    private static ChannelLaunch Of(int groups, long rows, int channels, bool aligned, int rowsOfThread, int most)
    {
        int width = aligned && channels % 4 == 0 ? 4 : 1;
        long columns = channels / width;
        long tiles = LaunchShape.Ceiling(columns, 32);
        long x = LaunchShape.Ceiling(columns, tiles);
        long y = LaunchShape.Threads / x;
        long chunks = Math.Clamp(LaunchShape.Ceiling(rows, y * rowsOfThread), 1, most);
        return new ChannelLaunch(width, (int)chunks, new LaunchShape((uint)chunks, (uint)tiles, (uint)groups, (uint)x, (uint)y));
    }
}
