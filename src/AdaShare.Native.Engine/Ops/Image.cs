using System.Numerics;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>From stored pixels to a network's input.</summary>
public static class ImageOps
{
    private const string Op = "crop_images";
    private const int Channels = 3;

    /// <summary>Crops whole stored images of one size; see <see cref="CropImages(Step, Tensor, ReadOnlySpan{ImagePart}, ReadOnlySpan{CropWindow}, ReadOnlySpan{float}, int, int, DType)"/>.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">UInt8 [N, H, W, 3].</param>
    /// <param name="windows">N windows.</param>
    /// <param name="mean">What is subtracted from each channel.</param>
    /// <param name="height">Rows of the output, at least 1.</param>
    /// <param name="width">Columns of the output, at least 1.</param>
    /// <param name="type">Float32 or Float64.</param>
    /// <returns>[N, height, width, 3].</returns>
    /// <exception cref="ShapeException">Shapes or types do not fit, or a window is of an image of another size.</exception>
    public static Tensor CropImages(
        this Step step, Tensor images, ReadOnlySpan<CropWindow> windows, ReadOnlySpan<float> mean, int height, int width, DType type = DType.Float32)
    {
        using BackendScope scope = Check.Enter(step, Op, [images]);
        if (images.Shape.Rank != 4 || images.Shape[3] != Channels)
        {
            throw new ShapeException($"{Op}: the images have shape {images.Shape}, expected [N, H, W, {Channels}]");
        }

        CheckBytes(images);
        (int rows, int columns) = (images.Shape[1], images.Shape[2]);
        var parts = new ImagePart[images.Shape[0]];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new(i * rows * columns * Channels, 0, 0, rows, columns);
        }

        return step.CropImages(images, parts, windows, mean, height, width, type);
    }

    /// <summary>Crops stored images and subtracts the mean; see <see cref="CropImages(Step, Tensor, ReadOnlySpan{ImagePart}, ReadOnlySpan{CropWindow}, in PixelNormalization, int, int, DType)"/>.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">UInt8 of any shape: the parts of the images.</param>
    /// <param name="parts">Where the tensor holds which part of each of N images.</param>
    /// <param name="windows">N windows.</param>
    /// <param name="mean">What is subtracted from each channel.</param>
    /// <param name="height">Rows of the output, at least 1.</param>
    /// <param name="width">Columns of the output, at least 1.</param>
    /// <param name="type">Float32 or Float64.</param>
    /// <returns>[N, height, width, 3].</returns>
    /// <exception cref="ShapeException">Shapes or types do not fit, a part lies outside the tensor, or a window reads outside its part.</exception>
    public static Tensor CropImages(
        this Step step, Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, ReadOnlySpan<float> mean, int height, int width, DType type = DType.Float32)
    {
        if (mean.Length != Channels)
        {
            throw new ShapeException($"{Op}: crops of {height}x{width} with a mean of {mean.Length} channels; sizes are 1 or more, channels {Channels}");
        }

        return step.CropImages(images, parts, windows, PixelNormalization.Minus(new Vector3(mean)), height, width, type);
    }

    /// <summary>
    /// Scales, mirrors, pads and crops stored images, each by a window of its own, and normalizes what comes out; padding is 0 before that.
    /// </summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">UInt8 of any shape: the parts of the images, pixels of three bytes. What no window reads may hold anything.</param>
    /// <param name="parts">Where the tensor holds which part of each of N images.</param>
    /// <param name="windows">N windows.</param>
    /// <param name="normalization">What becomes of each pixel.</param>
    /// <param name="height">Rows of the output, at least 1.</param>
    /// <param name="width">Columns of the output, at least 1.</param>
    /// <param name="type">Float32 or Float64. Positions are in single precision in both, so that both read the same pixels.</param>
    /// <returns>[N, height, width, 3]; stored pixels have no gradient.</returns>
    /// <exception cref="ShapeException">Shapes or types do not fit, a part lies outside the tensor, or a window reads outside its part.</exception>
    /// <remarks>
    /// OpenCV's <c>resize(INTER_LINEAR)</c>, <c>flip</c>, <c>copyMakeBorder</c> and a slice, in one map, without rounding to whole grey levels in between. In single precision every product
    /// and sum is rounded by itself, so that all backends give the same bits.
    /// </remarks>
    public static Tensor CropImages(
        this Step step, Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, in PixelNormalization normalization, int height, int width, DType type = DType.Float32)
    {
        using BackendScope scope = Check.Enter(step, Op, [images]);
        CheckBytes(images);
        if (height < 1 || width < 1)
        {
            throw new ShapeException($"{Op}: crops of {height}x{width}; sizes are 1 or more");
        }

        if (type is not (DType.Float32 or DType.Float64))
        {
            throw new ShapeException($"{Op}: crops in {type}; they are made in {DType.Float32} or {DType.Float64}, so cast them afterwards");
        }

        if (windows.Length != parts.Length)
        {
            throw new ShapeException($"{Op}: {windows.Length} windows for {parts.Length} images in {images}; give one for each image");
        }

        for (int i = 0; i < windows.Length; i++)
        {
            CheckWindow(i, windows[i], parts[i], images, height, width);
        }

        Tensor output = step.New(new Shape(windows.Length, height, width, Channels), type);
        step.Backend.Image.Crop(images, parts, windows, normalization, output);
        return output;
    }

    private static void CheckBytes(Tensor images)
    {
        Check.Type(Op, "the tensor of images", images, DType.UInt8);
        if (images.Count > int.MaxValue)
        {
            throw new ShapeException($"{Op}: the images {images.Shape} have {images.Count} bytes, at most {int.MaxValue} are taken; use a smaller batch");
        }
    }

    private static void CheckWindow(int index, in CropWindow window, in ImagePart part, Tensor images, int height, int width)
    {
        if (window.SourceHeight < 1 || window.SourceWidth < 1 || window.ScaledHeight < 1 || window.ScaledWidth < 1)
        {
            throw new ShapeException(
                $"{Op}: window {index} scales {window.SourceHeight}x{window.SourceWidth} to {window.ScaledHeight}x{window.ScaledWidth}; every size must be 1 or more");
        }

        if (part.Start < 0 || part.Rows < 0 || part.Columns < 0 || (long)part.Rows * part.Columns > (images.Count - part.Start) / Channels)
        {
            throw new ShapeException($"{Op}: the part of image {index}, {part.Rows}x{part.Columns} pixels from byte {part.Start} on, lies outside {images}");
        }

        CheckEnd(index, "rows", window.Top, height);
        CheckEnd(index, "columns", window.Left, width);
        (int First, int Count) rows = window.Rows.Reads(height), columns = window.Columns.Reads(width);
        if (rows.Count > 0 && columns.Count > 0)
        {
            CheckReads(index, "rows", rows, part.Row, part.Rows);
            CheckReads(index, "columns", columns, part.Column, part.Columns);
        }
    }

    private static void CheckEnd(int index, string what, int start, int length)
    {
        if ((long)start + length > int.MaxValue)
        {
            throw new ShapeException($"{Op}: window {index} begins at {start} of the {what}; a crop of {length} must end below 2^31");
        }
    }

    private static void CheckReads(int index, string what, (int First, int Count) read, int start, int held)
    {
        if (read.First < start || read.First + read.Count > (long)start + held)
        {
            throw new ShapeException(
                $"{Op}: window {index} reads {what} {read.First} to {read.First + read.Count - 1} of its image, but {what} {start} to {start + held - 1} are there; send what it reads");
        }
    }
}
