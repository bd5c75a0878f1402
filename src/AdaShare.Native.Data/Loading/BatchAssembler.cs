using System.Buffers;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Loading;

/// <summary>Puts samples into a batch: the bytes of images with their windows, targets at the size of predictions, masks of what counts.</summary>
public static class BatchAssembler
{
    private const float Ignored = 255;
    private const float SmallestDepth = 3e-5f;

    /// <summary>A batch of its own for some samples as they are.</summary>
    /// <param name="samples">As many as the shape says, all of its height and width.</param>
    /// <param name="labels">The kinds of label to take.</param>
    /// <param name="shape">The sizes.</param>
    /// <exception cref="ArgumentException">There are more or fewer samples than the shape says.</exception>
    /// <exception cref="DataException">A sample has another size, or lacks a label; the message names it.</exception>
    public static Batch Assemble(IReadOnlyList<Sample> samples, IReadOnlyList<LabelKind> labels, BatchShape shape) =>
        samples.FirstOrDefault(sample => sample.Image.Height != shape.Height || sample.Image.Width != shape.Width) is { } other
            ? throw new DataException($"{other.Id}: the image is {other.Image.Height}x{other.Image.Width}, the batch wants {shape.Height}x{shape.Width}; crop it first")
            : Assemble(samples, labels, shape, row: 0, column: 0);

    /// <summary>A batch of its own for the same window of some samples, neither scaled nor mirrored.</summary>
    /// <param name="samples">As many as the shape says.</param>
    /// <param name="labels">The kinds of label to take.</param>
    /// <param name="shape">The sizes; its height and width are those of the window.</param>
    /// <param name="row">The window's first row.</param>
    /// <param name="column">The window's first column.</param>
    /// <exception cref="ArgumentException">There are more or fewer samples than the shape says.</exception>
    /// <exception cref="DataException">The window leaves a sample, or a sample lacks a label; the message names it.</exception>
    public static Batch Assemble(IReadOnlyList<Sample> samples, IReadOnlyList<LabelKind> labels, BatchShape shape, int row, int column)
    {
        if (samples.Count != shape.Count)
        {
            throw new ArgumentException($"{samples.Count} samples do not fill a batch of {shape.Count}", nameof(samples));
        }

        var batch = new Batch(shape, labels, new ImageRoom(), static _ => { });
        for (int i = 0; i < samples.Count; i++)
        {
            BgrImage image = samples[i].Image;
            if (row < 0 || column < 0 || row + shape.Height > image.Height || column + shape.Width > image.Width)
            {
                throw new DataException(
                    $"{samples[i].Id}: the window of {shape.Height}x{shape.Width} at row {row}, column {column} leaves the image of {image.Height}x{image.Width}; take one inside");
            }

            Put(batch, i, samples[i], CropWindow.Unscaled(image.Height, image.Width, row, column), widest: (0, 0), decodedNormals: false);
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

    /// <summary>Puts a sample into a batch: its image's bytes with a random window, and its labels through that window, only at the pixels that predictions have.</summary>
    internal static void Put(Batch batch, int index, Sample sample, AugmentationOptions options, RandomStream stream)
    {
        (int height, int width) = (sample.Image.Height, sample.Image.Width);
        Put(batch, index, sample, CropWindows.Draw(height, width, options, stream), CropWindows.Widest(height, width, options), options.DecodedNormals);
    }

    private static void Put(Batch batch, int index, Sample sample, in CropWindow window, (int Rows, int Columns) widest, bool decodedNormals)
    {
        BatchShape shape = batch.Shape;
        batch.Images.Put(index, sample, window, shape, widest);
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
            LabelCrop.Write(kind, label, window, rows, columns, decodedNormals, values);
            Mark(target, index * pixels, values, label.Channels);
        }
    }

    private static Plane Label(Sample sample, LabelKind kind)
    {
        if (!sample.Labels.TryGetValue(kind, out Plane? label))
        {
            throw new DataException($"{sample.Id}: there is no label '{kind}', only {string.Join(", ", sample.Labels.Keys)}; load it with the sample");
        }

        LabelCrop.RequireSameSize(sample, kind, label);
        int channels = kind == LabelKind.SurfaceNormals ? 3 : 1;
        return label.Channels == channels
            ? label
            : throw new DataException($"{sample.Id}: label '{kind}' has {label.Channels} channels; expected {channels}");
    }

    private static void PutClasses(Target target, int start, Plane label, in CropWindow window, int[] rows, int[] columns)
    {
        int pixels = rows.Length * columns.Length;
        float[] scratch = ArrayPool<float>.Shared.Rent(pixels);
        try
        {
            Span<float> values = scratch.AsSpan(0, pixels);
            LabelCrop.Write(LabelKind.Segmentation, label, window, rows, columns, decodedNormals: false, values);
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
