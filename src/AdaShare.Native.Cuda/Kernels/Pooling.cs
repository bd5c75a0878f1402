using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/pooling.cu.</summary>
internal sealed class PoolingKernels(DeviceContext context) : IPoolingKernels
{
    private const string Module = "pooling";

    /// <inheritdoc/>
    public void Max(in PoolGeometry geometry, Tensor input, Tensor output, Tensor? indices)
    {
        int width = Width(geometry, input, output, indices);
        Begin("max_pool", input.DType, geometry, width).Tensor(input).Tensor(output).Tensor(indices).Count(output.Count / width).Launch(LaunchShape.Linear(output.Count / width));
    }

    /// <inheritdoc/>
    public void MaxBackward(in PoolGeometry geometry, Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        int width = Width(geometry, indices, gradOutput, gradInput);
        Begin("max_pool_backward", gradOutput.DType, geometry, width).Tensor(indices).Tensor(gradOutput).Tensor(gradInput).Flag(accumulate).Count(gradInput.Count / width)
            .Launch(LaunchShape.Linear(gradInput.Count / width));
    }

    /// <inheritdoc/>
    public void KMax(Tensor input, Tensor output, Tensor? indices)
    {
        long rows = Rows(input);
        context.Kernel(Module, "kmax_pool", input.DType).Tensor(input).Count(input.Shape[2]).Count(input.Shape[3]).Count(output.Shape[2]).Tensor(output).Tensor(indices).Count(rows)
            .Launch(LaunchShape.Linear(rows));
    }

    /// <inheritdoc/>
    public void KMaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        long rows = Rows(gradInput);
        context.Kernel(Module, "kmax_pool_backward", gradOutput.DType)
            .Tensor(indices).Tensor(gradOutput).Count(gradInput.Shape[2]).Count(gradInput.Shape[3]).Count(gradOutput.Shape[2]).Tensor(gradInput).Flag(accumulate).Count(rows)
            .Launch(LaunchShape.Linear(rows));
    }

    /// <inheritdoc/>
    public void Average(in PoolGeometry geometry, Tensor input, Tensor output)
    {
        int width = Width(geometry, input, output);
        Begin("average_pool", input.DType, geometry, width).Tensor(input).Tensor(output).Count(output.Count / width).Launch(LaunchShape.Linear(output.Count / width));
    }

    /// <inheritdoc/>
    public void AverageBackward(in PoolGeometry geometry, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        int width = Width(geometry, gradOutput, gradInput);
        Begin("average_pool_backward", gradOutput.DType, geometry, width).Tensor(gradOutput).Tensor(gradInput).Flag(accumulate).Count(gradInput.Count / width)
            .Launch(LaunchShape.Linear(gradInput.Count / width));
    }

    /// <summary>What a k-max pooling goes along: a channel of a row of an image.</summary>
    private static long Rows(Tensor input) => (long)input.Shape[0] * input.Shape[1] * input.Shape[3];

    private int Width(in PoolGeometry geometry, params ReadOnlySpan<Tensor?> tensors) => geometry.Channels % 4 == 0 && context.IsAligned(tensors) ? 4 : 1;

    private KernelCall Begin(string kernel, DType elements, in PoolGeometry g, int width) => context.Kernel(Module, kernel, elements).Struct(new Pooling
    {
        Batch = (uint)g.Batch,
        Height = (uint)g.InputHeight,
        Width = (uint)g.InputWidth,
        Channels = (uint)g.Channels,
        OutputHeight = (uint)g.OutputHeight,
        OutputWidth = (uint)g.OutputWidth,
        KernelHeight = (uint)g.KernelHeight,
        KernelWidth = (uint)g.KernelWidth,
        Stride = (uint)g.Stride,
        Padding = (uint)g.Padding,
        CountPadding = g.CountPadding ? 1u : 0,
    }).Int(width);

    [StructLayout(LayoutKind.Sequential)]
    private struct Pooling
    {
        public uint Batch;
        public uint Height;
        public uint Width;
        public uint Channels;
        public uint OutputHeight;
        public uint OutputWidth;
        public uint KernelHeight;
        public uint KernelWidth;
        public uint Stride;
        public uint Padding;
        public uint CountPadding;
    }
}
