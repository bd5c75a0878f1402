using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// The gradient of the filter by <see cref="WinogradKernels"/>: for a panel of output channels the transformed gradients of a block of tiles stay in the cache while
/// they meet one chunk of input channels after the other. Where channels are few and tiles many, tiles are cut into slots with a result each, summed in order.
/// </summary>
internal readonly unsafe struct ConvolutionWinogradFilter
{
    // 576 KiB with 32 columns, beside the products of a chunk.
    private const int BlockTiles = 128;
    private const int Planes = WinogradKernels.Planes;
    private const int Chunk = WinogradKernels.Chunk;
    private const int ItemsAThread = 4;

    // Enough pieces of work for a machine of some threads; independent of their number, as results depend on the slots.
    private const int WantedItems = 16;

    private const long StreamBytes = 1 << 20;

    public required ConvolutionWinograd Convolution { get; init; }

    public required float* Input { get; init; }

    public required int InputChannels { get; init; }

    public required float* GradOutput { get; init; }

    public required int OutputChannels { get; init; }

    public required float* GradFilter { get; init; }

    public required bool Accumulate { get; init; }

    private int Tiles => Convolution.Plan.Tiles.Length;

    private int Chunks => ConvolutionWinograd.Ceiling(InputChannels, Chunk);

    // A large gradient leaves the cache before anything reads it; then there is no use in reading what was there before it is written.
    private bool Streams => !Accumulate && Length * (long)sizeof(float) >= StreamBytes && (nint)GradFilter % CpuAllocator.Alignment == 0;

    private int Length => 9 * InputChannels * OutputChannels;

    /// <summary>Computes it.</summary>
    public void Run()
    {
        CpuThreads threads = Convolution.Threads;
        float* transformed = Convolution.TransformInput(Input, InputChannels);
        int panels = Convolution.Panels(OutputChannels);
        int blocks = Math.Max(1, ConvolutionWinograd.Ceiling(Tiles, BlockTiles));
        int slots = Math.Clamp(WantedItems / (panels * Chunks), 1, blocks);
        int splits = Math.Clamp(ConvolutionWinograd.Ceiling(ItemsAThread * threads.Count, panels * slots), 1, Chunks);
        float* partials = slots > 1 ? threads.Scratch.Shared<float>(ScratchSlot.Partials, (long)slots * Length) : null;
        threads.For(panels * slots * splits, new PanelBody(this, transformed, partials, slots, splits));
        if (slots > 1)
        {
            const int Piece = 4096;
            threads.For(ConvolutionWinograd.Ceiling(Length, Piece), new SumBody(this, partials, slots, Piece));
        }
    }

    private readonly struct PanelBody(ConvolutionWinogradFilter f, float* transformed, float* partials, int slots, int splits) : IParallelBody
    {
        private readonly int _width = f.Convolution.Kernels.Width;

        public void Invoke(int index)
        {
            int channel = index / (slots * splits) * _width, columns = Math.Min(_width, f.OutputChannels - channel);
            int slot = index / splits % slots, split = index % splits;
            int from = (int)((long)f.Tiles * slot / slots), to = (int)((long)f.Tiles * (slot + 1) / slots);
            int blocks = Math.Max(1, ConvolutionWinograd.Ceiling(to - from, BlockTiles));
            nint gradientPlane = (BlockTiles * _width) + 16, filterPlane = ((Chunk + WinogradKernels.MaxRows) * _width) + 16;
            CpuScratch scratch = f.Convolution.Threads.Scratch;
            float* gradients = scratch.Local<float>(ScratchSlot.Rows, Planes * gradientPlane);
            float* filters = scratch.Local<float>(ScratchSlot.Panel, Planes * filterPlane);
            float* temp = stackalloc float[WinogradKernels.TempLength];
            for (int chunk = f.Chunks * split / splits; chunk < f.Chunks * (split + 1) / splits; chunk++)
            {
                int first = chunk * Chunk, depth = Math.Min(Chunk, f.InputChannels - first);
                for (int block = 0; block < blocks; block++)
                {
                    int tile = from + (int)((long)(to - from) * block / blocks), count = from + (int)((long)(to - from) * (block + 1) / blocks) - tile;

                    // One block stays from chunk to chunk.
                    if (blocks > 1 || chunk == f.Chunks * split / splits)
                    {
                        TransformGradient(tile, count, channel, columns, gradients, gradientPlane, temp);
                    }

                    float* inputs = transformed + (chunk * Planes * f.Convolution.InputPlane) + ((nint)tile * Chunk);
                    for (int plane = 0; plane < Planes; plane++)
                    {
                        f.Convolution.Kernels.OverTiles(depth, count, inputs + (plane * f.Convolution.InputPlane), inputs + ((plane + 1) * f.Convolution.InputPlane), gradients + (plane * gradientPlane), filters + (plane * filterPlane), block > 0);
                    }
                }

                float* target = (partials == null ? f.GradFilter : partials + ((nint)slot * f.Length)) + ((nint)first * f.OutputChannels) + channel;
                f.Convolution.Kernels.FilterGradient(
                    filters, filterPlane, depth, columns, target, f.OutputChannels, (nint)f.InputChannels * f.OutputChannels, temp, partials == null && f.Accumulate, partials == null && f.Streams);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TransformGradient(int firstTile, int count, int channel, int columns, float* gradients, nint plane, float* temp)
        {
            float** pixels = stackalloc float*[16];
            for (int i = 0; i < count; i++)
            {
                f.Convolution.Plan.Locate(firstTile + i, 0, 4, f.GradOutput + channel, f.OutputChannels, (float*)WinogradKernels.Zeros, pixels);
                f.Convolution.Kernels.Gradient(pixels, columns, gradients + (i * _width), plane, temp);
            }
        }
    }

    /// <summary>gradFilter (+)= the sum of the slots, in order.</summary>
    private readonly struct SumBody(ConvolutionWinogradFilter f, float* partials, int slots, int piece) : IParallelBody
    {
        public void Invoke(int index)
        {
            int first = index * piece, count = Math.Min(piece, f.Length - first);
            var target = new Span<float>(f.GradFilter + first, count);
            for (int slot = 0; slot < slots; slot++)
            {
                var partial = new ReadOnlySpan<float>(partials + ((nint)slot * f.Length) + first, count);
                if (slot == 0 && !f.Accumulate)
                {
                    partial.CopyTo(target);
                }
                else
                {
                    Add(partial, target);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Add(ReadOnlySpan<float> source, Span<float> target)
        {
            int i = 0;
            for (; i + System.Numerics.Vector<float>.Count <= source.Length; i += System.Numerics.Vector<float>.Count)
            {
                (new System.Numerics.Vector<float>(source[i..]) + new System.Numerics.Vector<float>(target[i..])).CopyTo(target[i..]);
            }

            for (; i < source.Length; i++)
            {
                target[i] += source[i];
            }
        }
    }
}
