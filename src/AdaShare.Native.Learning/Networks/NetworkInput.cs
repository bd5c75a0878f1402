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
    public static Tensor Of(Step step, StoredInput image, ImageInput input) => Of(step, [image], input);

    /// <summary>Whole images of one size in single precision, or texts of one length.</summary>
    /// <param name="step">The step that owns the input.</param>
    /// <param name="images">At least one image, or text.</param>
    /// <param name="input">What the network sees of an image.</param>
    /// <returns>[N, H, W, 3]; of texts [N, 1, L, 1] of bytes.</returns>
    /// <exception cref="ArgumentException">There is no image, or they are of several sizes.</exception>
    public static Tensor Of(Step step, IReadOnlyList<StoredInput> images, ImageInput input)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0 || images.Any(image => (image.Height, image.Width, image.ChannelCount) != (images[0].Height, images[0].Width, images[0].ChannelCount)))
        {
            throw new ArgumentException($"input: {images.Count} images of {string.Join(", ", images.Select(static image => $"{image.Height}x{image.Width}").Distinct())}; give at least one, all of one size", nameof(images));
        }

        (int height, int width, int channels) = (images[0].Height, images[0].Width, images[0].ChannelCount);
        Tensor stored = step.FromHost(new Shape(images.Count, height, width, channels), Together(images));
        if (images[0].Kind == InputKind.Text)
        {
            return stored;
        }

        int bytes = height * width * channels;
        ImagePart[] whole = [.. Enumerable.Range(0, images.Count).Select(i => new ImagePart(i * bytes, 0, 0, height, width))];
        CropWindow[] windows = [.. images.Select(_ => CropWindow.Unscaled(height, width))];
        Tensor crop = step.CropImages(stored, whole, windows, input.Normalization, height, width);
        step.Release(stored);
        return crop;
    }

    /// <summary>The bytes of images one after another.</summary>
    private static ReadOnlySpan<byte> Together(IReadOnlyList<StoredInput> images)
    {
        if (images.Count == 1)
        {
            return images[0].Bytes;
        }

        int bytes = images[0].Bytes.Length;
        byte[] all = GC.AllocateUninitializedArray<byte>(checked(images.Count * bytes));
        for (int i = 0; i < images.Count; i++)
        {
            images[i].Bytes.CopyTo(all.AsSpan(i * bytes));
        }

        return all;
    }
}
