using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Loading;

/// <summary>Puts samples into a batch: the bytes of images with their windows, targets at the size of predictions, masks of what counts.</summary>
public static class BatchAssembler
{
    /// <summary>A batch of its own for some samples as they are.</summary>
    /// <param name="samples">As many as the shape says, all of its height and width.</param>
    /// <param name="labels">The labels to take; a sample that lacks one contributes nothing to it.</param>
    /// <param name="shape">The sizes.</param>
    /// <exception cref="ArgumentException">There are more or fewer samples than the shape says.</exception>
    /// <exception cref="DataException">A sample or a label has another size; the message names it.</exception>
    public static Batch Assemble(IReadOnlyList<Sample> samples, IReadOnlyList<Label> labels, BatchShape shape) =>
        samples.FirstOrDefault(sample => sample.Input.Height != shape.Height || sample.Input.Width != shape.Width) is { } other
            ? throw new DataException($"{other.Id}: the image is {other.Input.Height}x{other.Input.Width}, the batch wants {shape.Height}x{shape.Width}; crop it first")
            : Assemble(samples, labels, shape, row: 0, column: 0);

    /// <summary>A batch of its own for the same window of some samples, neither scaled nor mirrored.</summary>
    /// <param name="samples">As many as the shape says.</param>
    /// <param name="labels">The labels to take; a sample that lacks one contributes nothing to it.</param>
    /// <param name="shape">The sizes; its height and width are those of the window.</param>
    /// <param name="row">The window's first row.</param>
    /// <param name="column">The window's first column.</param>
    /// <exception cref="ArgumentException">There are more or fewer samples than the shape says.</exception>
    /// <exception cref="DataException">The window leaves a sample, or a label has another size; the message names it.</exception>
    public static Batch Assemble(IReadOnlyList<Sample> samples, IReadOnlyList<Label> labels, BatchShape shape, int row, int column)
    {
        if (samples.Count != shape.Count)
        {
            throw new ArgumentException($"{samples.Count} samples do not fill a batch of {shape.Count}", nameof(samples));
        }

        var batch = new Batch(shape, labels, new ImageRoom(), static _ => { });
        for (int i = 0; i < samples.Count; i++)
        {
            StoredInput image = samples[i].Input;
            if (row < 0 || column < 0 || row + shape.Height > image.Height || column + shape.Width > image.Width)
            {
                throw new DataException(
                    $"{samples[i].Id}: the window of {shape.Height}x{shape.Width} at row {row}, column {column} leaves the image of {image.Height}x{image.Width}; take one inside");
            }

            CropWindow window = CropWindow.Unscaled(image.Height, image.Width, row, column);
            Put(batch, i, samples[i], new(image, window, Widest: (0, 0), LabelWindow.Of(window)));
        }

        return batch;
    }

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
    internal static void Put(Batch batch, int index, Sample sample, AugmentationOptions options, RandomStream stream) =>
        Put(batch, index, sample, Variation.Draw(sample.Input, options, stream));

    private static void Put(Batch batch, int index, Sample sample, in Variation variation)
    {
        BatchShape shape = batch.Shape;
        batch.Images.Put(index, sample with { Input = variation.Input }, variation.Window, shape, variation.Widest);
        int[] rows = NearestIndices(shape.Height, shape.TargetHeight), columns = NearestIndices(shape.Width, shape.TargetWidth);
        foreach ((Label label, Target target) in batch.Targets)
        {
            if (!sample.Labels.TryGetValue(label, out Plane? plane))
            {
                target.PutMissing(index, shape.Count);
                continue;
            }

            Require(sample, label, plane);
            if (label.IsOfImage)
            {
                target.Put(index, plane);
            }
            else
            {
                target.Put(index, plane, variation.Labels, rows, columns);
            }
        }
    }

    private static void Require(Sample sample, Label label, Plane plane)
    {
        if (label.IsOfImage && (plane.Height != 1 || plane.Width != 1))
        {
            throw new DataException($"{sample.Id}: label '{label}' speaks of the image as a whole but has {plane.Height}x{plane.Width} pixels; the data set must give one");
        }

        if (!label.IsOfImage)
        {
            LabelCrop.RequireSameSize(sample, label, plane);
        }

        if (plane.Channels != label.Channels)
        {
            throw new DataException($"{sample.Id}: label '{label}' has {plane.Channels} channels; expected {label.Channels}");
        }
    }
}
