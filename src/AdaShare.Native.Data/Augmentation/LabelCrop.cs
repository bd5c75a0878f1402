using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>Labels through the window of their image: nearest, only at the pixels that predictions have.</summary>
/// <remarks>
/// Padding is 0 in depth, 255 (ignored) in other labels. Depth is divided by the scale only where that is wanted, since the official code does not. Mirroring negates the x of decoded normals;
/// raw normals are left as they are, as in the official code.
/// </remarks>
internal static class LabelCrop
{
    private const float Ignored = 255;
    private const int NormalX = 2;

    /// <summary>Writes pixels of a window of a label plane.</summary>
    /// <param name="kind">The kind of label.</param>
    /// <param name="label">The label at full size.</param>
    /// <param name="window">The window.</param>
    /// <param name="rows">Which rows of the crop to write.</param>
    /// <param name="columns">Which columns of the crop to write.</param>
    /// <param name="target">[rows, columns, channels].</param>
    public static void Write(
        LabelKind kind, Plane label, in LabelWindow window, ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, Span<float> target)
    {
        int[] sourceRows = Nearest(window.Window.Rows, window.Row, rows), sourceColumns = Nearest(window.Window.Columns, window.Column, columns);
        int length = columns.Length * label.Channels;
        target.Fill(kind == LabelKind.Depth ? 0 : Ignored);
        for (int y = 0; y < sourceRows.Length; y++)
        {
            if (sourceRows[y] < 0)
            {
                continue;
            }

            label.CopyPixels(sourceRows[y], sourceColumns, target.Slice(y * length, length));
        }

        if (kind == LabelKind.SurfaceNormals && window.Window.Mirror && window.DecodedNormals)
        {
            NegateX(target);
        }
        else if (kind == LabelKind.Depth && window.DepthScale != 1)
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] /= window.DepthScale;
            }
        }
    }

    /// <exception cref="DataException">The label is not of the image's size.</exception>
    public static void RequireSameSize(Sample sample, Label which, Plane label)
    {
        if (label.Height != sample.Input.Height || label.Width != sample.Input.Width)
        {
            throw new DataException(
                $"{sample.Id}: label '{which}' is {label.Height}x{label.Width}, its image {sample.Input.Height}x{sample.Input.Width}; the data set must give both in one size");
        }
    }

    /// <summary>
    /// For some pixels of the crop the stored pixels, -1 in the padding. OpenCV's INTER_NEAREST: min(floor(x / (scaled / source)), source - 1), with the quotients in that order
    /// (modules/imgproc/src/resize.cpp).
    /// </summary>
    private static int[] Nearest(CropAxis axis, int first, ReadOnlySpan<int> pixels)
    {
        var sources = new int[pixels.Length];
        for (int i = 0; i < sources.Length; i++)
        {
            int position = axis.Position(pixels[i]);
            sources[i] = position < 0 ? -1 : first + Math.Min((int)(position * axis.Step), axis.Source - 1);
        }

        return sources;
    }

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
