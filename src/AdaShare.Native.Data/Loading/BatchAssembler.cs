using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Loading;

/// <summary>Puts samples of one size into a batch: images with the mean subtracted, targets at the size of predictions, masks of what counts.</summary>
public static class BatchAssembler
{
    private const float Ignored = 255;
    private const float SmallestDepth = 3e-5f;

    /// <summary>A batch of its own for some samples.</summary>
    /// <param name="samples">As many as the shape says, all of its height and width.</param>
    /// <param name="labels">The kinds of label to take.</param>
    /// <param name="shape">The sizes.</param>
    public static Batch Assemble(IReadOnlyList<Sample> samples, IReadOnlyList<LabelKind> labels, BatchShape shape)
    {
        var batch = new Batch(shape, labels, static _ => { });
        for (int i = 0; i < samples.Count; i++)
        {
            Put(batch, i, samples[i]);
        }

        return batch;
    }

    /// <summary>Whether a pixel of a label counts.</summary>
    /// <param name="kind">The kind of label.</param>
    /// <param name="pixel">The pixel's channels.</param>
    public static bool Counts(LabelKind kind, ReadOnlySpan<float> pixel) => kind switch
    {
        LabelKind.Depth => pixel[0] > SmallestDepth,
        LabelKind.SurfaceNormals => Math.Max(pixel[0], Math.Max(pixel[1], pixel[2])) < Ignored,
        _ => pixel[0] != Ignored,
    };

    /// <summary>For each of <paramref name="target"/> pixels the source pixel: min(floor(i * (float)source / target), source - 1), as PyTorch's nearest.</summary>
    public static int[] NearestIndices(int source, int target)
    {
        float scale = (float)source / target;
        var indices = new int[target];
        for (int i = 0; i < target; i++)
        {
            indices[i] = Math.Min((int)MathF.Floor(i * scale), source - 1);
        }

        return indices;
    }

    /// <summary>Writes one sample into a batch.</summary>
    internal static void Put(Batch batch, int index, Sample sample)
    {
        BatchShape shape = batch.Shape;
        if (sample.Image.Height != shape.Height || sample.Image.Width != shape.Width)
        {
            throw new DataException($"{sample.Id}: the image is {sample.Image.Height}x{sample.Image.Width}, the batch wants {shape.Height}x{shape.Width}; crop it first");
        }

        int length = shape.Height * shape.Width * 3;
        ImageMean.Subtract(sample.Image, batch.Images.AsSpan(index * length, length));
        int[] rows = NearestIndices(shape.Height, shape.TargetHeight), columns = NearestIndices(shape.Width, shape.TargetWidth);
        foreach ((LabelKind kind, Target target) in batch.Targets)
        {
            PutTarget(target, index * shape.TargetHeight * shape.TargetWidth, sample.Labels[kind], rows, columns);
        }
    }

    private static void PutTarget(Target target, int start, Plane plane, int[] rows, int[] columns)
    {
        int channels = plane.Channels, at = start;
        foreach (int row in rows)
        {
            foreach (int column in columns)
            {
                ReadOnlySpan<float> pixel = plane.Values.AsSpan(((row * plane.Width) + column) * channels, channels);
                if (target.Kind == LabelKind.Segmentation)
                {
                    target.Classes[at] = (int)pixel[0];
                }
                else
                {
                    pixel.CopyTo(target.Values.AsSpan(at * channels));
                }

                target.Mask[at++] = Counts(target.Kind, pixel) ? (byte)1 : (byte)0;
            }
        }
    }
}
