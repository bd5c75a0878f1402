using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Max and average pooling, lanes over channels: gradients are gathered by the input's pixels, in the windows' order, so nothing is written twice. k-max pooling, channel by channel.
/// </summary>
internal sealed unsafe class PoolingKernels(CpuThreads threads) : IPoolingKernels
{
    /// <inheritdoc/>
    public void Max(in PoolGeometry geometry, Tensor input, Tensor output, Tensor? indices)
    {
        if (Lanes.IsSingle(input))
        {
            Max<float>(geometry, input, output, indices);
        }
        else
        {
            Max<double>(geometry, input, output, indices);
        }
    }

    /// <inheritdoc/>
    public void MaxBackward(in PoolGeometry geometry, Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(gradOutput))
        {
            MaxBackward<float>(geometry, indices, gradOutput, gradInput, accumulate);
        }
        else
        {
            MaxBackward<double>(geometry, indices, gradOutput, gradInput, accumulate);
        }
    }

    /// <inheritdoc/>
    public void KMax(Tensor input, Tensor output, Tensor? indices)
    {
        if (Lanes.IsSingle(input))
        {
            KMax<float>(input, output, indices);
        }
        else
        {
            KMax<double>(input, output, indices);
        }
    }

    /// <inheritdoc/>
    public void KMaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(gradOutput))
        {
            KMaxBackward<float>(indices, gradOutput, gradInput, accumulate);
        }
        else
        {
            KMaxBackward<double>(indices, gradOutput, gradInput, accumulate);
        }
    }

    /// <inheritdoc/>
    public void Average(in PoolGeometry geometry, Tensor input, Tensor output)
    {
        if (Lanes.IsSingle(input))
        {
            Average<float>(geometry, input, output);
        }
        else
        {
            Average<double>(geometry, input, output);
        }
    }

    /// <inheritdoc/>
    public void AverageBackward(in PoolGeometry geometry, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(gradOutput))
        {
            AverageBackward<float>(geometry, gradOutput, gradInput, accumulate);
        }
        else
        {
            AverageBackward<double>(geometry, gradOutput, gradInput, accumulate);
        }
    }

    private void Max<T>(in PoolGeometry g, Tensor input, Tensor output, Tensor? indices) where T : unmanaged, IFloatingPointIeee754<T> =>
        Ranges.For(threads, OutputPixels(g), WindowCost(g), new MaxPoolBody<T>(g, input.Pointer<T>(), output.Pointer<T>(), indices.PointerOrNull<int>()));

    private void MaxBackward<T>(in PoolGeometry g, Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T> =>
        Ranges.For(threads, InputPixels(g), GatherCost(g), new MaxPoolGradientBody<T>(g, indices.Pointer<int>(), gradOutput.Pointer<T>(), gradInput.Pointer<T>(), accumulate));

    private void KMax<T>(Tensor input, Tensor output, Tensor? indices) where T : unmanaged, IFloatingPointIeee754<T>
    {
        KMaxSizes sizes = SizesOf(input, output);
        Ranges.For(threads, sizes.Rows * sizes.Channels, sizes.Width, new KMaxPoolBody<T>(threads.Scratch, sizes, input.Pointer<T>(), output.Pointer<T>(), indices.PointerOrNull<int>()));
    }

    private void KMaxBackward<T>(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        KMaxSizes sizes = SizesOf(gradInput, gradOutput);
        Ranges.For(
            threads, sizes.Rows, (long)sizes.Width * sizes.Channels, new KMaxPoolGradientBody<T>(sizes, indices.Pointer<int>(), gradOutput.Pointer<T>(), gradInput.Pointer<T>(), accumulate));
    }

    private static KMaxSizes SizesOf(Tensor input, Tensor output) => new((long)input.Shape[0] * input.Shape[1], input.Shape[2], input.Shape[3], output.Shape[2]);

    private void Average<T>(in PoolGeometry g, Tensor input, Tensor output) where T : unmanaged, IFloatingPointIeee754<T> =>
        Ranges.For(threads, OutputPixels(g), WindowCost(g), new AveragePoolBody<T>(g, input.Pointer<T>(), output.Pointer<T>()));

    private void AverageBackward<T>(in PoolGeometry g, Tensor gradOutput, Tensor gradInput, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T> =>
        Ranges.For(threads, InputPixels(g), GatherCost(g), new AveragePoolGradientBody<T>(g, gradOutput.Pointer<T>(), gradInput.Pointer<T>(), accumulate));

    private static long OutputPixels(in PoolGeometry g) => (long)g.Batch * g.OutputHeight * g.OutputWidth;

    private static long InputPixels(in PoolGeometry g) => (long)g.Batch * g.InputHeight * g.InputWidth;

    private static long WindowCost(in PoolGeometry g) => (long)g.KernelHeight * g.KernelWidth * g.Channels;

    private static long GatherCost(in PoolGeometry g) =>
        (long)((g.KernelHeight + g.Stride - 1) / g.Stride) * ((g.KernelWidth + g.Stride - 1) / g.Stride) * g.Channels;
}
