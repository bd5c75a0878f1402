using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// 3x3 convolution by <see cref="WinogradKernels"/>, forward and for the gradient of the input. The input is transformed once; then each panel of output channels
/// goes through all its steps for a block of tiles in one piece of work, so that its transformed filter and products never leave the cache.
/// </summary>
internal readonly unsafe struct ConvolutionWinograd
{
    /// <summary>The most tiles of a block: with 32 columns their products take 432 KiB of the second-level cache, beside the filters of a chunk.</summary>
    public const int BlockTiles = 96;

    private const int Planes = WinogradKernels.Planes;
    private const int Chunk = WinogradKernels.Chunk;
    private const int TransformTiles = 8;
    private const int ItemsAThread = 4;

    // What is gathered at once: 16 source channels, whose rows of a transposed filter are a cache line each.
    private const int Group = WinogradKernels.Granularity;
    private const int GroupsAChunk = Chunk / Group;
    private const int GatherAhead = 2;

    // Transforming the filter for a block costs about as much as the products of four tiles.
    private const int LeastTiles = 24;

    public required CpuThreads Threads { get; init; }

    public required WinogradKernels Kernels { get; init; }

    public required WinogradPlan Plan { get; init; }

    private int Tiles => Plan.Tiles.Length;

    /// <summary>Floats between the planes of the transformed input. A cache line more than the rows take, so that planes do not all start in the same cache sets.</summary>
    public nint InputPlane => ((nint)Tiles * Chunk) + 16;

    /// <summary>target (+)= source * filter + bias, or with the filter flipped and transposed: the gradient of the input.</summary>
    /// <param name="source">Pixels of <paramref name="sourceChannels"/>.</param>
    /// <param name="sourceChannels">A multiple of 16.</param>
    /// <param name="filter">HWIO.</param>
    /// <param name="transposed">Whether source channels are output channels of the filter.</param>
    /// <param name="bias">One number a target channel, or null.</param>
    /// <param name="target">Pixels of <paramref name="targetChannels"/>.</param>
    /// <param name="targetChannels">A multiple of 16.</param>
    /// <param name="accumulate">Whether to add to the target.</param>
    public void Run(float* source, int sourceChannels, float* filter, bool transposed, float* bias, float* target, int targetChannels, bool accumulate)
    {
        float* transformed = TransformInput(source, sourceChannels);
        int panels = Panels(targetChannels);
        int blocks = Math.Max(Ceiling(Tiles, BlockTiles), Math.Min(Ceiling(ItemsAThread * Threads.Count, panels), Tiles / LeastTiles));

        // Whole tiles of products where possible.
        int block = Ceiling(Ceiling(Tiles, blocks), 4) * 4;
        blocks = Ceiling(Tiles, block);
        Threads.For(panels * blocks, new PanelBody(this, transformed, sourceChannels, filter, transposed, bias, target, targetChannels, accumulate, block, blocks));
    }

    /// <summary>V of all tiles, in scratch memory that all threads share.</summary>
    public float* TransformInput(float* input, int channels)
    {
        int chunks = Ceiling(channels, Chunk);
        float* transformed = Threads.Scratch.Shared<float>(ScratchSlot.PackedLeft, (chunks * Planes * InputPlane) + (WinogradKernels.MaxRows * Chunk));
        Threads.For(Ceiling(Tiles, TransformTiles) * chunks, new InputBody(this, input, channels, chunks, transformed));
        return transformed;
    }

    /// <summary>The panels that hold a number of columns.</summary>
    public int Panels(int columns) => Ceiling(columns, Kernels.Width);

    /// <summary>a / b, rounded up.</summary>
    public static int Ceiling(int a, int b) => (a + b - 1) / b;

    private readonly struct InputBody(ConvolutionWinograd c, float* input, int channels, int chunks, float* transformed) : IParallelBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(int index)
        {
            int firstTile = index / chunks * TransformTiles, chunk = index % chunks, first = chunk * Chunk;
            float** pixels = stackalloc float*[Planes];
            float* temp = stackalloc float[WinogradKernels.TempLength];
            float* planes = transformed + (chunk * Planes * c.InputPlane);
            for (int tile = firstTile; tile < Math.Min(firstTile + TransformTiles, c.Tiles); tile++)
            {
                // The tile of inputs starts one tap before the tile of outputs.
                c.Plan.Locate(tile, -1, 6, input + first, channels, (float*)WinogradKernels.Zeros, pixels);
                c.Kernels.Input(pixels, Math.Min(Chunk, channels - first), planes + ((nint)tile * Chunk), c.InputPlane, temp);
            }
        }
    }

    private readonly struct PanelBody(
        ConvolutionWinograd c, float* transformed, int sourceChannels, float* filter, bool transposed, float* bias, float* target, int targetChannels, bool accumulate, int block, int blocks) : IParallelBody
    {
        private readonly int _width = c.Kernels.Width;

        public void Invoke(int index)
        {
            int channel = index / blocks * _width, columns = Math.Min(_width, targetChannels - channel);
            int first = index % blocks * block, count = Math.Min(block, c.Tiles - first);
            nint filterPlane = (Chunk * _width) + 16, productPlane = ((count + WinogradKernels.MaxRows) * _width) + 16;
            float* filters = c.Threads.Scratch.Local<float>(ScratchSlot.Panel, Planes * filterPlane);
            float* products = c.Threads.Scratch.Local<float>(ScratchSlot.Rows, Planes * productPlane);
            nint tap = (Chunk * _width) + 16;
            float* gathered = c.Threads.Scratch.Local<float>(ScratchSlot.Small, 9 * tap);
            for (int part = 0; transposed && part < 9 * GroupsAChunk; part++)
            {
                Gather(channel, columns, 0, part, gathered, tap);
            }

            for (int k = 0; k < sourceChannels; k += Chunk)
            {
                int depth = Math.Min(Chunk, sourceChannels - k);
                if (transposed)
                {
                    c.Kernels.Filter(gathered, _width, tap, depth, columns, filters, filterPlane);
                }
                else
                {
                    c.Kernels.Filter(Rows(0, k, channel), targetChannels, (nint)sourceChannels * targetChannels, depth, columns, filters, filterPlane);
                }

                float* inputs = transformed + (k / Chunk * Planes * c.InputPlane) + ((nint)first * Chunk);
                for (int plane = 0; plane < Planes; plane++)
                {
                    Gather(channel, columns, k + Chunk, plane, gathered, tap);
                    c.Kernels.OverChannels(count, depth, inputs + (plane * c.InputPlane), inputs + ((plane + 1) * c.InputPlane), filters + (plane * filterPlane), products + (plane * productPlane), k > 0);
                }
            }

            TransformOutput(first, count, channel, columns, products, productPlane);
        }

        /// <summary>Brings one tap of 16 source channels near: into the cache, or, if it has to be transposed and flipped for that, to where the panel is transformed from.</summary>
        /// <remarks>
        /// A panel's rows of the filter lie far apart, at the same place of many pages: nothing but asking brings them into the cache in time. One part beside the products of
        /// each plane leaves the time for it.
        /// </remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Gather(int channel, int columns, int first, int part, float* gathered, nint tapLength)
        {
            int tap = part / GroupsAChunk, source = first + (part % GroupsAChunk * Group);
            if (!transposed)
            {
                FetchRows(tap, source, channel, Group, columns);
                return;
            }

            int ahead = part + GatherAhead;
            FetchRows(8 - (ahead / GroupsAChunk), channel, first + (ahead % GroupsAChunk * Group), columns, Group);
            if (source < sourceChannels)
            {
                Packing.TransposedColumns(Rows(8 - tap, channel, source), sourceChannels, Group, columns, _width, gathered + (tap * tapLength) + ((source - first) * _width));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void FetchRows(int tap, int row, int column, int rows, int columns)
        {
            if (tap < 0 || (transposed ? column : row) >= sourceChannels)
            {
                return;
            }

            float* at = Rows(tap, row, column);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j += Group)
                {
                    Fetch.Far(at + j);
                }

                at += transposed ? sourceChannels : targetChannels;
            }
        }

        private float* Rows(int tap, int row, int column) =>
            filter + ((nint)tap * sourceChannels * targetChannels) + ((nint)row * (transposed ? sourceChannels : targetChannels)) + column;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TransformOutput(int firstTile, int count, int channel, int columns, float* products, nint plane)
        {
            float* temp = stackalloc float[WinogradKernels.TempLength];
            float** pixels = stackalloc float*[16];
            float* initial = bias == null ? (float*)WinogradKernels.Zeros : bias + channel;
            for (int i = 0; i < count; i++)
            {
                c.Plan.Locate(firstTile + i, 0, 4, target + channel, targetChannels, null, pixels);
                c.Kernels.Output(products + (i * _width), plane, columns, initial, pixels, temp, accumulate);
            }
        }
    }
}
