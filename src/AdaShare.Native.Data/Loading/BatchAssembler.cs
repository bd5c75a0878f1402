using System.Buffers;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Loading;

/// <summary>Puts samples into a batch: images with the mean subtracted, targets at the size of predictions, masks of what counts.</summary>
public static class BatchAssembler
{
    private const float Ignored = 255;
    private const float SmallestDepth = 3e-5f;

    /// <summary>A batch of its own for some samples.</summary>
    /// <param name="samples">As many as the shape says, all of its height and width.</param>
    /// <param name="labels">The kinds of label to take.</param>
    /// <param name="shape">The sizes.</param>
    /// <exception cref="ArgumentException">There are more or fewer samples than the shape says.</exception>
    /// <exception cref="DataException">A sample has another size, or lacks a label; the message names it.</exception>
    public static Batch Assemble(IReadOnlyList<Sample> samples, IReadOnlyList<LabelKind> labels, BatchShape shape)
    {
        if (samples.Count != shape.Count)
        {
            throw new ArgumentException($"{samples.Count} samples do not fill a batch of {shape.Count}", nameof(samples));
        }

        var batch = new Batch(shape, labels, static _ => { });
        for (int i = 0; i < samples.Count; i++)
        {
            Put(batch, i, samples[i]);
        }

        return batch;
    }

    /// <summary>Whether a pixel of a label counts in losses and metrics.</summary>
    /// <param name="kind">The kind of label.</param>
    /// <param name="pixel">The pixel's channels.</param>
    /// <returns>
    /// Depth: more than 3e-5 m. Normals: the largest channel is below 255. Others: not 255. As in the official losses.
    /// </returns>
    public static bool Counts(LabelKind kind, ReadOnlySpan<float> pixel) => kind switch
    {
        LabelKind.Depth => pixel[0] > SmallestDepth,
        LabelKind.SurfaceNormals => Math.Max(pixel[0], Math.Max(pixel[1], pixel[2])) < Ignored,
        _ => pixel[0] != Ignored,
    };

    /// <summary>
    /// For each of <paramref name="target"/> pixels the source pixel: min(floor(i * (float)source / target), source - 1) in single precision, as PyTorch's
    /// <c>F.interpolate(mode='nearest')</c>.
    /// </summary>
    /// <param name="source">Pixels of the source along one dimension, at least 1.</param>
    /// <param name="target">Pixels of the target along that dimension, at least 1.</param>
    public static int[] NearestIndices(int source, int target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(target, 1);
        float scale = (float)source / target;
        var indices = new int[target];
        for (int i = 0; i < target; i++)
        {
            indices[i] = Math.Min((int)MathF.Floor(i * scale), source - 1);
        }

        return indices;
    }

    /// <summary>Writes one sample of the batch's size into a batch.</summary>
    internal static void Put(Batch batch, int index, Sample sample)
    {
        BatchShape shape = batch.Shape;
        if (sample.Image.Height != shape.Height || sample.Image.Width != shape.Width)
        {
            throw new DataException($"{sample.Id}: the image is {sample.Image.Height}x{sample.Image.Width}, the batch wants {shape.Height}x{shape.Width}; crop it first");
        }

        Put(batch, index, sample, CropWindow.Center(shape.Height, shape.Width, shape.Height, shape.Width), decodedNormals: false);
    }

    /// <summary>
    /// Augments a sample into a batch: the same values as <see cref="Augmenter.Apply"/> gives, but with nothing in between, and labels only at the pixels
    /// that predictions have.
    /// </summary>
    internal static void Put(Batch batch, int index, Sample sample, AugmentationOptions options, RandomStream stream) =>
        Put(batch, index, sample, CropWindow.Draw(sample.Image.Height, sample.Image.Width, options, stream), options.DecodedNormals);

    private static void Put(Batch batch, int index, Sample sample, CropWindow window, bool decodedNormals)
    {
        BatchShape shape = batch.Shape;
        int length = shape.Height * shape.Width * 3;
        Span<float> image = batch.Images.AsSpan(index * length, length);
        Augmenter.WriteImage(sample.Image, window, image);
        ImageMean.Subtract(image);
        int[] rows = NearestIndices(shape.Height, shape.TargetHeight), columns = NearestIndices(shape.Width, shape.TargetWidth);
        int pixels = rows.Length * columns.Length;
        foreach ((LabelKind kind, Target target) in batch.Targets)
        {
            Plane label = Label(sample, kind);
            if (kind == LabelKind.Segmentation)
            {
                PutClasses(target, index * pixels, label, window, rows, columns);
                continue;
            }

            Span<float> values = target.Values.AsSpan(index * pixels * label.Channels, pixels * label.Channels);
            Augmenter.WriteLabel(kind, label, window, rows, columns, decodedNormals, values);
            Mark(target, index * pixels, values, label.Channels);
        }
    }

    private static Plane Label(Sample sample, LabelKind kind)
    {
        if (!sample.Labels.TryGetValue(kind, out Plane? label))
        {
            throw new DataException($"{sample.Id}: there is no label '{kind}', only {string.Join(", ", sample.Labels.Keys)}; load it with the sample");
        }

        Augmenter.RequireSameSize(sample, kind, label);
        int channels = kind == LabelKind.SurfaceNormals ? 3 : 1;
        return label.Channels == channels
            ? label
            : throw new DataException($"{sample.Id}: label '{kind}' has {label.Channels} channels; expected {channels}");
    }

    private static void PutClasses(Target target, int start, Plane label, CropWindow window, int[] rows, int[] columns)
    {
        int pixels = rows.Length * columns.Length;
        float[] scratch = ArrayPool<float>.Shared.Rent(pixels);
        try
        {
            Span<float> values = scratch.AsSpan(0, pixels);
            Augmenter.WriteLabel(LabelKind.Segmentation, label, window, rows, columns, decodedNormals: false, values);
            for (int i = 0; i < pixels; i++)
            {
                target.Classes[start + i] = (int)values[i];
            }

            Mark(target, start, values, channels: 1);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    private static void Mark(Target target, int start, ReadOnlySpan<float> values, int channels)
    {
        for (int i = 0; i * channels < values.Length; i++)
        {
            target.Mask[start + i] = Counts(target.Kind, values.Slice(i * channels, channels)) ? (byte)1 : (byte)0;
        }
    }
}
