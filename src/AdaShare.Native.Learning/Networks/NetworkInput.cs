using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>
/// Stored images as the input of a network: their bytes go to the device, which scales, mirrors, pads and crops them, subtracts the mean colour and divides by the deviation. Texts are the numbers of their characters, as they are stored.
/// </summary>
public static class NetworkInput
{
    /// <summary>The images of a batch, each through its window.</summary>
    /// <param name="step">The step that owns the input.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="input">What the network sees of an image.</param>
    /// <param name="type">The network's type.</param>
    /// <returns>[N, H, W, 3] of that type; of texts [N, 1, L, 1] of bytes.</returns>
    public static Tensor Of(Step step, Batch batch, ImageInput input, DType type)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Data);
        BatchImages images = batch.Images;
        if (images.Kind == InputKind.Text)
        {
            return step.FromHost(new Shape(batch.Shape.Count, batch.Shape.Height, batch.Shape.Width, 1), images.Pixels);
        }

        Tensor stored = step.FromHostPrefix(new Shape(images.Room), images.Pixels);
        Tensor crops = step.CropImages(stored, images.Parts, images.Windows, input.Normalization, batch.Shape.Height, batch.Shape.Width);
        step.Release(stored);

        // Computed in single precision for every network: golden runs start from such numbers.
        return type == DType.Float32 ? crops : step.Cast(crops, type);
    }

    /// <summary>A whole image in single precision, or a text.</summary>
    /// <param name="step">The step that owns the input.</param>
    /// <param name="image">The image, or text.</param>
    /// <param name="input">What the network sees of an image.</param>
    /// <returns>[1, H, W, 3]; of a text [1, 1, L, 1] of bytes.</returns>
    public static Tensor Of(Step step, StoredInput image, ImageInput input)
    {
        Tensor stored = step.FromHost(new Shape(1, image.Height, image.Width, image.ChannelCount), image.Bytes);
        if (image.Kind == InputKind.Text)
        {
            return stored;
        }

        var whole = new ImagePart(0, 0, 0, image.Height, image.Width);
        Tensor crop = step.CropImages(stored, [whole], [CropWindow.Unscaled(image.Height, image.Width)], input.Normalization, image.Height, image.Width);
        step.Release(stored);
        return crop;
    }
}
