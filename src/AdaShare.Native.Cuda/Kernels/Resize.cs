using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/resize.cu.</summary>
internal sealed class ResizeKernels(DeviceContext context) : IResizeKernels
{
    private const string Module = "resize";

    /// <inheritdoc/>
    public void Nearest(Tensor input, Tensor output) => Forward("resize_nearest", input, output, alignCorners: false);

    /// <inheritdoc/>
    public void NearestBackward(Tensor gradOutput, Tensor gradInput, bool accumulate) => Backward("resize_nearest_backward", gradOutput, gradInput, alignCorners: false, accumulate);

    /// <inheritdoc/>
    public void Bilinear(Tensor input, Tensor output, bool alignCorners) => Forward("resize_bilinear", input, output, alignCorners);

    /// <inheritdoc/>
    public void BilinearBackward(Tensor gradOutput, Tensor gradInput, bool alignCorners, bool accumulate) =>
        Backward("resize_bilinear_backward", gradOutput, gradInput, alignCorners, accumulate);

    private void Forward(string kernel, Tensor input, Tensor output, bool alignCorners)
    {
        int width = Width(input, output);
        Begin(kernel, input.Shape, output.Shape, alignCorners, width).Tensor(input).Tensor(output).Count(output.Count / width).Launch(LaunchShape.Linear(output.Count / width));
    }

    private void Backward(string kernel, Tensor gradOutput, Tensor gradInput, bool alignCorners, bool accumulate)
    {
        int width = Width(gradOutput, gradInput);
        Begin(kernel, gradInput.Shape, gradOutput.Shape, alignCorners, width).Tensor(gradOutput).Tensor(gradInput).Flag(accumulate).Count(gradInput.Count / width)
            .Launch(LaunchShape.Linear(gradInput.Count / width));
    }

    private int Width(Tensor a, Tensor b) => a.Shape[3] % 4 == 0 && context.IsAligned(a, b) ? 4 : 1;

    private KernelCall Begin(string kernel, Shape input, Shape output, bool alignCorners, int width) => context.Kernel(Module, kernel).Struct(new Resize
    {
        Batch = (uint)input[0],
        Height = (uint)input[1],
        Width = (uint)input[2],
        Channels = (uint)input[3],
        OutputHeight = (uint)output[1],
        OutputWidth = (uint)output[2],
        AlignCorners = alignCorners ? 1u : 0,
    }).Int(width);

    [StructLayout(LayoutKind.Sequential)]
    private struct Resize
    {
        public uint Batch;
        public uint Height;
        public uint Width;
        public uint Channels;
        public uint OutputHeight;
        public uint OutputWidth;
        public uint AlignCorners;
    }
}
