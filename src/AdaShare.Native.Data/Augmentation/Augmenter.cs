using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>
/// The official training pipeline: random scale (image bilinear, labels nearest), mirror, zero padding around the centre up to the crop, random crop.
/// </summary>
/// <remarks>
/// <para>The steps are composed into one map from crop pixels to source pixels, so only what is kept is computed. Padding is 0 in images and depth,
/// 255 (ignored) in other labels. Scaled sizes are (int)(size * scale), as in the official code. Depth values are not divided by the scale,
/// as in the official code. Mirroring negates the x of decoded normals; raw normals are left as they are, as in the official code.</para>
/// <para>One difference is meant: the official code resizes bytes, so OpenCV rounds its bilinear values to whole grey levels; here they stay fractions.</para>
/// <para>Source: github.com/sunxm2357/AdaShare, dataloaders/nyu_v2_dataloader.py.</para>
/// </remarks>
public static class Augmenter
{
    private const float Ignored = 255;
    private const int NormalX = 2;

    /// <summary>Augments a sample.</summary>
    /// <param name="sample">The sample at full size.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="stream">Random numbers of the sample's own.</param>
    /// <returns>A new sample of the crop's size.</returns>
    public static Sample Apply(Sample sample, AugmentationOptions options, RandomStream stream) =>
        Crop(sample, CropWindow.Draw(sample.Image.Height, sample.Image.Width, options, stream), options.DecodedNormals);

    /// <summary>Cuts the middle out of a sample, without scaling or mirroring; pads around the centre where the sample is smaller.</summary>
    /// <param name="sample">The sample at full size.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="width">Columns of the result, at least 1.</param>
    public static Sample CenterCrop(Sample sample, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return Crop(sample, CropWindow.Center(sample.Image.Height, sample.Image.Width, height, width), decodedNormals: false);
    }

    /// <summary>Writes a window of an image, bilinear, 0 in the padding.</summary>
    /// <param name="image">The image at full size.</param>
    /// <param name="window">The window.</param>
    /// <param name="target">[window height, window width, channels].</param>
    internal static void WriteImage(Plane image, CropWindow window, Span<float> target)
    {
        LinearTap[] rows = window.LinearRows(image.Height), columns = window.LinearColumns(image.Width);
        int length = window.Width * image.Channels;
        for (int y = 0; y < window.Height; y++)
        {
            Span<float> row = target.Slice(y * length, length);
            if (rows[y].Low < 0)
            {
                row.Clear();
                continue;
            }

            WriteRow(Row(image, rows[y].Low), Row(image, rows[y].High), rows[y].Share, columns, image.Channels, row);
        }
    }

    /// <summary>Writes pixels of a window of a label plane, nearest, with the padding of its kind.</summary>
    /// <param name="kind">The kind of label.</param>
    /// <param name="label">The label at full size.</param>
    /// <param name="window">The window.</param>
    /// <param name="rows">Which rows of the window to write.</param>
    /// <param name="columns">Which columns of the window to write.</param>
    /// <param name="decodedNormals">Whether normals are in [-1, 1], so that mirroring negates their x.</param>
    /// <param name="target">[rows, columns, channels].</param>
    internal static void WriteLabel(
        LabelKind kind, Plane label, CropWindow window, ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, bool decodedNormals, Span<float> target)
    {
        int[] sourceRows = window.NearestRows(rows, label.Height), sourceColumns = window.NearestColumns(columns, label.Width);
        int channels = label.Channels, length = columns.Length * channels;
        target.Fill(kind == LabelKind.Depth ? 0 : Ignored);
        for (int y = 0; y < sourceRows.Length; y++)
        {
            if (sourceRows[y] < 0)
            {
                continue;
            }

            ReadOnlySpan<float> source = Row(label, sourceRows[y]);
            Span<float> row = target.Slice(y * length, length);
            for (int x = 0; x < sourceColumns.Length; x++)
            {
                if (sourceColumns[x] >= 0)
                {
                    source.Slice(sourceColumns[x] * channels, channels).CopyTo(row[(x * channels)..]);
                }
            }
        }

        if (kind == LabelKind.SurfaceNormals && window.Mirror && decodedNormals)
        {
            NegateX(target);
        }
    }

    private static Sample Crop(Sample sample, CropWindow window, bool decodedNormals)
    {
        var image = new Plane(window.Height, window.Width, sample.Image.Channels, new float[window.Height * window.Width * sample.Image.Channels]);
        WriteImage(sample.Image, window, image.Values);
        int[] rows = [.. Enumerable.Range(0, window.Height)], columns = [.. Enumerable.Range(0, window.Width)];
        var labels = new Dictionary<LabelKind, Plane>(sample.Labels.Count);
        foreach ((LabelKind kind, Plane plane) in sample.Labels)
        {
            RequireSameSize(sample, kind, plane);
            var crop = new Plane(window.Height, window.Width, plane.Channels, new float[window.Height * window.Width * plane.Channels]);
            WriteLabel(kind, plane, window, rows, columns, decodedNormals, crop.Values);
            labels[kind] = crop;
        }

        return new Sample(sample.Id, image, labels);
    }

    /// <exception cref="DataException">The label is not of the image's size.</exception>
    internal static void RequireSameSize(Sample sample, LabelKind kind, Plane label)
    {
        if (label.Height != sample.Image.Height || label.Width != sample.Image.Width)
        {
            throw new DataException(
                $"{sample.Id}: label '{kind}' is {label.Height}x{label.Width}, its image {sample.Image.Height}x{sample.Image.Width}; the data set must give both in one size");
        }
    }

    private static void WriteRow(
        ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, float rowShare, LinearTap[] columns, int channels, Span<float> target)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            LinearTap tap = columns[x];
            for (int c = 0; c < channels; c++)
            {
                int at = (x * channels) + c;
                if (tap.Low < 0)
                {
                    target[at] = 0;
                    continue;
                }

                int low = (tap.Low * channels) + c, high = (tap.High * channels) + c;
                float top = upper[low] + (tap.Share * (upper[high] - upper[low]));
                float bottom = lower[low] + (tap.Share * (lower[high] - lower[low]));
                target[at] = top + (rowShare * (bottom - top));
            }
        }
    }

    private static ReadOnlySpan<float> Row(Plane plane, int row) => plane.Values.AsSpan(row * plane.Width * plane.Channels, plane.Width * plane.Channels);

    private static void NegateX(Span<float> normals)
    {
        for (int i = 0; i < normals.Length; i += 3)
        {
            if (Math.Max(normals[i], Math.Max(normals[i + 1], normals[i + 2])) < Ignored)
            {
                normals[i + NormalX] = -normals[i + NormalX];
            }
        }
    }
}
