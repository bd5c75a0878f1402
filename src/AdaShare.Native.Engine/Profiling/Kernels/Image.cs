using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Crops of stored images, timed.</summary>
internal sealed class ProfiledImage(KernelRecorder recorder, IImageKernels inner) : IImageKernels
{
    public void Crop(Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, in PixelNormalization normalization, Tensor output)
    {
        using KernelTiming timing = recorder.Begin("image", "crop", images, output);
        inner.Crop(images, parts, windows, normalization, output);
    }
}
