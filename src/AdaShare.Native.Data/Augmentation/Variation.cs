using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>How one example is varied.</summary>
/// <param name="Input">What the device reads: the stored image, or a region of it that has the size of a crop already.</param>
/// <param name="Window">The map from pixels of the crop to those of <paramref name="Input"/>.</param>
/// <param name="Widest">The most rows and columns that windows like this one read.</param>
/// <param name="Labels">The same for labels, which are as large as the stored image.</param>
internal readonly record struct Variation(StoredInput Input, CropWindow Window, (int Rows, int Columns) Widest, LabelWindow Labels)
{
    /// <summary>Draws a variation.</summary>
    /// <param name="input">The stored image; of a text everything but its size is ignored.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="stream">The sample's own numbers.</param>
    public static Variation Draw(StoredInput input, AugmentationOptions options, RandomStream stream)
    {
        if (options.Resized is { } resized && input is BgrImage image)
        {
            return OfRegion(image, ResizedRegions.Draw(image.Height, image.Width, resized, stream), options, stream.UniformDouble(1) < options.MirrorProbability);
        }

        CropWindow window = CropWindows.Draw(input.Height, input.Width, options, stream, out double scale);
        return new(input, window, CropWindows.Widest(input.Height, input.Width, options), new(window, 0, 0, options.DividesDepth ? (float)scale : 1, options.DecodedNormals));
    }

    /// <summary>The host brings the region to the crop's size: it may shrink, and then a value is the mean of all that it covers, which no window of a device gives.</summary>
    private static Variation OfRegion(BgrImage image, ImageRegion region, AugmentationOptions options, bool mirror)
    {
        (int height, int width) = (options.CropHeight, options.CropWidth);
        var window = new CropWindow(height, width, height, width, 0, 0, mirror);
        double scale = Math.Sqrt((double)height * width / ((double)region.Height * region.Width));
        var labels = new CropWindow(region.Height, region.Width, height, width, 0, 0, mirror);
        return new(
            BilinearResize.Of(image, region, height, width), window, (height, width), new(labels, region.Row, region.Column, options.DividesDepth ? (float)scale : 1, options.DecodedNormals));
    }
}
