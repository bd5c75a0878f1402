using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>
/// The official training pipeline: random scale (image bilinear, labels nearest), mirror, zero padding around the centre up to the crop, random crop.
/// </summary>
/// <remarks>
/// The steps are composed into one map from crop pixels to source pixels, so only what is kept is computed. Scaled sizes are (int)(size * scale), as the official
/// code has it; bilinear values are not rounded to whole grey levels in between. Depth is not rescaled. Mirroring negates the x of decoded normals; raw normals
/// are left as they are, as in the official code.
/// </remarks>
public static class Augmenter
{
    private const float Ignored = 255;
    private const int NormalX = 2;

    /// <summary>Augments a sample.</summary>
    /// <param name="sample">The sample at full size.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="stream">Random numbers of the sample's own: scale, mirror, row, column.</param>
    public static Sample Apply(Sample sample, AugmentationOptions options, RandomStream stream)
    {
        Window window = Draw(sample.Image, options, stream);
        var labels = new Dictionary<LabelKind, Plane>(sample.Labels.Count);
        foreach ((LabelKind kind, Plane plane) in sample.Labels)
        {
            Plane crop = Nearest(plane, window, kind == LabelKind.Depth ? 0 : Ignored);
            if (kind == LabelKind.SurfaceNormals && window.Mirror && options.DecodedNormals)
            {
                NegateX(crop);
            }

            labels[kind] = crop;
        }

        return new Sample(sample.Id, Bilinear(sample.Image, window), labels);
    }

    private static Window Draw(Plane image, AugmentationOptions options, RandomStream stream)
    {
        double scale = options.ScaleMin + (stream.UniformDouble(0) * (options.ScaleMax - options.ScaleMin));
        bool mirror = stream.UniformDouble(1) < options.MirrorProbability;
        int height = Math.Max(1, (int)(image.Height * scale)), width = Math.Max(1, (int)(image.Width * scale));
        int paddedHeight = Math.Max(height, options.CropHeight), paddedWidth = Math.Max(width, options.CropWidth);
        int row = stream.Integer(8, paddedHeight - options.CropHeight + 1), column = stream.Integer(9, paddedWidth - options.CropWidth + 1);
        return new Window(
            options.CropHeight, options.CropWidth, height, width, row - ((paddedHeight - height) / 2), column - ((paddedWidth - width) / 2), mirror);
    }

    /// <summary>Bilinear with half-pixel centres and clamped borders (OpenCV's INTER_LINEAR); padding is 0.</summary>
    private static Plane Bilinear(Plane plane, Window window)
    {
        (int[] low, int[] high, float[] share) = LinearTaps(window.Width, window.Left, window.ScaledWidth, plane.Width, window.Mirror);
        (int[] rowLow, int[] rowHigh, float[] rowShare) = LinearTaps(window.Height, window.Top, window.ScaledHeight, plane.Height, mirror: false);
        int channels = plane.Channels;
        var values = new float[window.Height * window.Width * channels];
        for (int y = 0; y < window.Height; y++)
        {
            if (rowLow[y] < 0)
            {
                continue;
            }

            ReadOnlySpan<float> upper = Row(plane, rowLow[y]), lower = Row(plane, rowHigh[y]);
            Span<float> target = values.AsSpan(y * window.Width * channels, window.Width * channels);
            for (int x = 0; x < window.Width; x++)
            {
                if (low[x] < 0)
                {
                    continue;
                }

                for (int c = 0; c < channels; c++)
                {
                    int a = (low[x] * channels) + c, b = (high[x] * channels) + c;
                    float top = upper[a] + (share[x] * (upper[b] - upper[a]));
                    float bottom = lower[a] + (share[x] * (lower[b] - lower[a]));
                    target[(x * channels) + c] = top + (rowShare[y] * (bottom - top));
                }
            }
        }

        return new Plane(window.Height, window.Width, channels, values);
    }

    /// <summary>Nearest as OpenCV's INTER_NEAREST: source = floor(target * in / out).</summary>
    private static Plane Nearest(Plane plane, Window window, float padding)
    {
        int[] rows = NearestTaps(window.Height, window.Top, window.ScaledHeight, plane.Height, mirror: false);
        int[] columns = NearestTaps(window.Width, window.Left, window.ScaledWidth, plane.Width, window.Mirror);
        int channels = plane.Channels;
        var values = new float[window.Height * window.Width * channels];
        if (padding != 0)
        {
            Array.Fill(values, padding);
        }

        for (int y = 0; y < window.Height; y++)
        {
            if (rows[y] < 0)
            {
                continue;
            }

            ReadOnlySpan<float> source = Row(plane, rows[y]);
            for (int x = 0; x < window.Width; x++)
            {
                if (columns[x] >= 0)
                {
                    source.Slice(columns[x] * channels, channels).CopyTo(values.AsSpan(((y * window.Width) + x) * channels));
                }
            }
        }

        return new Plane(window.Height, window.Width, channels, values);
    }

    private static ReadOnlySpan<float> Row(Plane plane, int row) => plane.Values.AsSpan(row * plane.Width * plane.Channels, plane.Width * plane.Channels);

    /// <summary>For each target pixel the scaled image's pixel, mirrored if asked, or -1 in the padding.</summary>
    private static int ScaledPosition(int target, int start, int scaled, bool mirror)
    {
        int position = target + start;
        return (uint)position >= (uint)scaled ? -1 : mirror ? scaled - 1 - position : position;
    }

    private static (int[] Low, int[] High, float[] Share) LinearTaps(int count, int start, int scaled, int source, bool mirror)
    {
        var low = new int[count];
        var high = new int[count];
        var share = new float[count];
        double ratio = (double)source / scaled;
        for (int i = 0; i < count; i++)
        {
            int position = ScaledPosition(i, start, scaled, mirror);
            if (position < 0)
            {
                low[i] = -1;
                continue;
            }

            double at = Math.Clamp(((position + 0.5) * ratio) - 0.5, 0, source - 1);
            low[i] = (int)at;
            high[i] = Math.Min(low[i] + 1, source - 1);
            share[i] = (float)(at - low[i]);
        }

        return (low, high, share);
    }

    private static int[] NearestTaps(int count, int start, int scaled, int source, bool mirror)
    {
        var taps = new int[count];
        double ratio = (double)source / scaled;
        for (int i = 0; i < count; i++)
        {
            int position = ScaledPosition(i, start, scaled, mirror);
            taps[i] = position < 0 ? -1 : Math.Min((int)(position * ratio), source - 1);
        }

        return taps;
    }

    private static void NegateX(Plane normals)
    {
        float[] values = normals.Values;
        for (int i = 0; i < values.Length; i += 3)
        {
            if (Math.Max(values[i], Math.Max(values[i + 1], values[i + 2])) < Ignored)
            {
                values[i + NormalX] = -values[i + NormalX];
            }
        }
    }

    /// <summary>A crop of a scaled, mirrored, padded image. Top and Left are its first pixel in the scaled image, negative in the padding.</summary>
    private readonly record struct Window(int Height, int Width, int ScaledHeight, int ScaledWidth, int Top, int Left, bool Mirror);
}
