using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// 3x3 convolution by <see cref="WinogradTransforms"/>, forward, for the gradient of the input and for that of the filter. The input is transformed once; then
/// each panel of 16 output channels goes through all its steps in one piece of work, so that its transformed filter and products never leave the cache.
/// </summary>
internal readonly unsafe struct ConvolutionWinograd
{
    /// <summary>Channels of a panel; those of a convolution are whole panels.</summary>
    public const int Width = 16;

    private const int Planes = WinogradTransforms.Planes;
    private const int Depth = 256;
    private const int BlockTiles = 96;
    private const int TransformTiles = 8;
    private const int ItemsAThread = 4;

    public required CpuThreads Threads { get; init; }

    public required MicroKernels<float> Kernels { get; init; }

    public required WinogradPlan Plan { get; init; }

    private int Tiles => Plan.Tiles.Length;

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
        int panels = targetChannels / Width;
        int splits = Math.Clamp(((ItemsAThread * Threads.Count) + panels - 1) / panels, 1, Math.Max(1, Tiles / BlockTiles));
        Threads.For(panels * splits, new PanelBody(this, transformed, sourceChannels, filter, transposed, bias, target, targetChannels, accumulate, splits));
    }

    /// <summary>gradFilter (+)= the gradient of the filter.</summary>
    public void BackwardFilter(float* input, int inputChannels, float* gradOutput, int outputChannels, float* gradFilter, bool accumulate)
    {
        float* transformed = TransformInput(input, inputChannels);
        int panels = outputChannels / Width;
        int splits = Math.Clamp(((ItemsAThread * Threads.Count) + panels - 1) / panels, 1, inputChannels / Width);
        Threads.For(panels * splits, new FilterBody(this, transformed, inputChannels, gradOutput, outputChannels, gradFilter, accumulate, splits));
    }

    // A cache line more, so that planes do not all start in the same cache sets.
    private nint PlaneOf(int rows, int columns) => ((nint)rows * columns) + Width;

    private float* TransformInput(float* input, int channels)
    {
        float* transformed = Threads.Scratch.Shared<float>(ScratchSlot.PackedLeft, Planes * PlaneOf(Tiles, channels));
        int channelBlocks = (channels + WinogradTransforms.ZeroChannels - 1) / WinogradTransforms.ZeroChannels;
        Threads.For((Tiles + TransformTiles - 1) / TransformTiles * channelBlocks, new InputBody(this, input, channels, channelBlocks, transformed));
        return transformed;
    }

    private readonly struct InputBody(ConvolutionWinograd c, float* input, int channels, int channelBlocks, float* transformed) : IParallelBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(int index)
        {
            int firstTile = index / channelBlocks * TransformTiles, first = index % channelBlocks * WinogradTransforms.ZeroChannels;
            float** pixels = stackalloc float*[Planes];
            float* temp = stackalloc float[WinogradTransforms.TempLength];
            for (int tile = firstTile; tile < Math.Min(firstTile + TransformTiles, c.Tiles); tile++)
            {
                for (int i = 0; i < Planes; i++)
                {
                    // The tile of inputs starts one tap before the tile of outputs.
                    int pixel = c.Plan.Pixel(tile, (i / 6) - 1, (i % 6) - 1);
                    pixels[i] = pixel < 0 ? (float*)WinogradTransforms.Zeros : input + ((nint)pixel * channels) + first;
                }

                float* target = transformed + ((nint)tile * channels) + first;
                WinogradTransforms.Input(pixels, Math.Min(WinogradTransforms.ZeroChannels, channels - first), target, c.PlaneOf(c.Tiles, channels), temp);
            }
        }
    }

    private readonly struct PanelBody(
        ConvolutionWinograd c, float* transformed, int sourceChannels, float* filter, bool transposed, float* bias, float* target, int targetChannels, bool accumulate, int splits) : IParallelBody
    {
        public void Invoke(int index)
        {
            int channel = index / splits * Width;
            int from = (int)((long)c.Tiles * (index % splits) / splits), to = (int)((long)c.Tiles * ((index % splits) + 1) / splits);
            nint filterPlane = c.PlaneOf(sourceChannels, Width), productPlane = c.PlaneOf(BlockTiles, Width);
            float* filters = c.Threads.Scratch.Local<float>(ScratchSlot.Panel, Planes * filterPlane);
            float* products = c.Threads.Scratch.Local<float>(ScratchSlot.Rows, Planes * productPlane);
            float** rows = (float**)c.Threads.Scratch.Local<nint>(ScratchSlot.Pointers, 4 * BlockTiles);
            TransformFilter(channel, filters, filterPlane);
            for (int tile = from; tile < to; tile += BlockTiles)
            {
                int count = Math.Min(BlockTiles, to - tile);
                Multiply(tile, count, filters, filterPlane, products, productPlane, rows);
                TransformOutput(tile, count, channel, products, productPlane);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TransformFilter(int channel, float* filters, nint plane)
        {
            float* temp = stackalloc float[WinogradTransforms.TempLength];
            nint tap = (nint)sourceChannels * targetChannels;
            if (!transposed)
            {
                for (int k = 0; k < sourceChannels; k++)
                {
                    WinogradTransforms.Filter(filter + ((nint)k * targetChannels) + channel, tap, filters + (k * Width), plane, temp);
                }

                return;
            }

            // Eight source channels by 16 target channels of each tap, transposed, the taps in reverse.
            float* turned = stackalloc float[9 * 8 * Width];
            for (int k = 0; k < sourceChannels; k += 8)
            {
                for (int t = 0; t < 9; t++)
                {
                    float* from = filter + ((8 - t) * tap) + ((nint)channel * sourceChannels) + k;
                    Packing.Transpose8x8(from, sourceChannels, turned + (t * 8 * Width), Width);
                    Packing.Transpose8x8(from + (8 * (nint)sourceChannels), sourceChannels, turned + (t * 8 * Width) + 8, Width);
                }

                for (int r = 0; r < 8; r++)
                {
                    WinogradTransforms.Filter(turned + (r * Width), 8 * Width, filters + ((k + r) * Width), plane, temp);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Multiply(int firstTile, int count, float* filters, nint filterPlane, float* products, nint productPlane, float** rows)
        {
            TileRows tiles = c.Kernels.Cut(count);
            float** targets = rows + tiles.Padded;
            for (int i = 0; i < count; i++)
            {
                rows[i] = transformed + ((nint)(firstTile + i) * sourceChannels);
                targets[i] = products + (i * Width);
            }

            RowTiles<float>.Pad(tiles, count, rows);
            RowTiles<float>.Pad(tiles, count, targets);
            nint zero = 0, inputPlane = c.PlaneOf(c.Tiles, sourceChannels);
            for (int plane = 0; plane < Planes; plane++)
            {
                for (int k = 0; k < sourceChannels; k += Depth)
                {
                    nint offset = (plane * inputPlane) + k;
                    var product = new RowTiles<float>
                    {
                        Kernels = c.Kernels,
                        Rows = count,
                        Sources = rows,
                        Targets = targets,
                        SourceOffsets = &offset,
                        PanelRows = &zero,
                        Taps = 1,
                        Depth = Math.Min(Depth, sourceChannels - k),
                    };
                    product.Run(filters + (plane * filterPlane) + (k * Width), (int)(plane * productPlane), Width, null, k > 0);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TransformOutput(int firstTile, int count, int channel, float* products, nint plane)
        {
            float* temp = stackalloc float[WinogradTransforms.TempLength];
            float** pixels = stackalloc float*[16];
            float* initial = bias == null ? (float*)WinogradTransforms.Zeros : bias + channel;
            for (int i = 0; i < count; i++)
            {
                for (int p = 0; p < 16; p++)
                {
                    int pixel = c.Plan.Pixel(firstTile + i, p / 4, p % 4);
                    pixels[p] = pixel < 0 ? null : target + ((nint)pixel * targetChannels) + channel;
                }

                WinogradTransforms.Output(products + (i * Width), plane, initial, pixels, temp, accumulate);
            }
        }
    }

    private readonly struct FilterBody(
        ConvolutionWinograd c, float* transformed, int inputChannels, float* gradOutput, int outputChannels, float* gradFilter, bool accumulate, int splits) : IParallelBody
    {
        public void Invoke(int index)
        {
            int channel = index / splits * Width, blocks = inputChannels / Width;
            int from = blocks * (index % splits) / splits * Width, to = blocks * ((index % splits) + 1) / splits * Width;
            nint gradientPlane = c.PlaneOf(c.Tiles, Width), filterPlane = c.PlaneOf(to - from, Width);
            float* gradients = c.Threads.Scratch.Local<float>(ScratchSlot.Rows, Planes * gradientPlane);
            float* filters = c.Threads.Scratch.Local<float>(ScratchSlot.Panel, Planes * filterPlane);
            TransformGradient(channel, gradients, gradientPlane);
            for (int plane = 0; plane < Planes; plane++)
            {
                Multiply(transformed + (plane * c.PlaneOf(c.Tiles, inputChannels)) + from, to - from, gradients + (plane * gradientPlane), filters + (plane * filterPlane));
            }

            float* temp = stackalloc float[WinogradTransforms.TempLength];
            for (int i = from; i < to; i++)
            {
                WinogradTransforms.FilterGradient(
                    filters + ((i - from) * Width), filterPlane, gradFilter + ((nint)i * outputChannels) + channel, (nint)inputChannels * outputChannels, temp, accumulate);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TransformGradient(int channel, float* gradients, nint plane)
        {
            float* temp = stackalloc float[WinogradTransforms.TempLength];
            float** pixels = stackalloc float*[16];
            for (int tile = 0; tile < c.Tiles; tile++)
            {
                for (int p = 0; p < 16; p++)
                {
                    int pixel = c.Plan.Pixel(tile, p / 4, p % 4);
                    pixels[p] = pixel < 0 ? (float*)WinogradTransforms.Zeros : gradOutput + ((nint)pixel * outputChannels) + channel;
                }

                WinogradTransforms.Gradient(pixels, gradients + ((nint)tile * Width), plane, temp);
            }
        }

        // filters[i][o] = sum over tiles of inputs[tile][i] * gradients[tile][o]; channels in whole panels cut into tiles of rows without rest.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Multiply(float* inputs, int channels, float* gradients, float* filters)
        {
            int* run = stackalloc int[3];
            float* zeros = (float*)MicroKernels<float>.Zeros;
            TileRows tiles = c.Kernels.Cut(channels);
            for (int first = 0; first < Math.Max(c.Tiles, 1); first += Depth)
            {
                (run[0], run[1], run[2]) = (first, first, Math.Min(Depth, c.Tiles - first));
                for (int tile = 0; tile < tiles.Tiles; tile++)
                {
                    int row = tiles.FirstRow(tile);
                    var outer = c.Kernels.Outer(tiles.RowsOf(tile), Width);
                    outer(1, run, inputChannels, inputChannels, inputs + row, Width, gradients, zeros, filters + (row * Width), Width, first > 0);
                }
            }
        }
    }
}
