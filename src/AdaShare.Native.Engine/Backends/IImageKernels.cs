using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>From stored pixels to a network's input.</summary>
public interface IImageKernels
{
    /// <summary>
    /// output[n, y, x, c] = (value - mean[c]) scale[c], where value is 0 in the padding, else interpolated between the pixels of <see cref="CropAxis.Tap"/>, along the columns first:
    /// a + share (b - a), in single precision with each product and sum rounded by itself. It is of stored channel c, or 2 - c where the channels are turned round.
    /// </summary>
    /// <param name="images">UInt8: pixels of three bytes.</param>
    /// <param name="parts">N parts within it. They and the windows differ from step to step: a captured step is replayed with others.</param>
    /// <param name="windows">N windows that read nothing outside their parts.</param>
    /// <param name="normalization">Mean, scale and order of the channels, the same in every step.</param>
    /// <param name="output">[N, h, w, 3].</param>
    void Crop(Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, in PixelNormalization normalization, Tensor output);
}
