using System.Numerics;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/image.cu. Windows go through device memory, so that a captured step crops anew each time.</summary>
internal sealed class ImageKernels(DeviceContext context) : IImageKernels
{
    private const string Module = "image";

    // Their windows are far below what the numbers of one launch may take.
    private const int ImagesOfLaunch = 512;

    /// <inheritdoc/>
    public void Crop(Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, in PixelNormalization normalization, Tensor output)
    {
        Shape to = output.Shape;
        (Vector3 mean, Vector3 scale) = (normalization.Mean, normalization.Scale);
        long pixels = (long)to[1] * to[2];
        Span<Window> table = stackalloc Window[Math.Min(windows.Length, ImagesOfLaunch)];
        for (int first = 0; first < windows.Length; first += ImagesOfLaunch)
        {
            int count = Math.Min(ImagesOfLaunch, windows.Length - first);
            for (int i = 0; i < count; i++)
            {
                table[i] = Window.Of(windows[first + i], parts[first + i]);
            }

            context.Kernel(Module, "crop_images")
                .Tensor(images).Numbers<Window>(table[..count]).Float(mean.X).Float(mean.Y).Float(mean.Z).Float(scale.X).Float(scale.Y).Float(scale.Z)
                .Count(normalization.ReversesChannels ? 1 : 0).Count(to[1]).Count(to[2]).Element(output, first * pixels * to[3]).Count(count * pixels)
                .Launch(LaunchShape.Linear(count * pixels));
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Window
    {
        public double RowStep;
        public double ColumnStep;
        public int SourceHeight;
        public int SourceWidth;
        public int ScaledHeight;
        public int ScaledWidth;
        public int Top;
        public int Left;
        public int Mirror;
        public int Start;
        public int FirstRow;
        public int FirstColumn;
        public int Columns;
        public int Reserved;

        public static Window Of(in CropWindow window, in ImagePart part) => new()
        {
            RowStep = window.Rows.Step,
            ColumnStep = window.Columns.Step,
            SourceHeight = window.SourceHeight,
            SourceWidth = window.SourceWidth,
            ScaledHeight = window.ScaledHeight,
            ScaledWidth = window.ScaledWidth,
            Top = window.Top,
            Left = window.Left,
            Mirror = window.Mirror ? 1 : 0,
            Start = part.Start,
            FirstRow = part.Row,
            FirstColumn = part.Column,
            Columns = part.Columns,
        };
    }
}
