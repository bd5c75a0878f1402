using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Data.Tests;

/// <summary>What augmentation makes of a sample: the crop that the device computes, without a mean, and the labels at every pixel of it.</summary>
/// <param name="Image">The crop, 0 in the padding.</param>
/// <param name="Labels">The labels.</param>
internal sealed record Augmented(Plane Image, IReadOnlyDictionary<Label, Plane> Labels)
{
    /// <summary>Augments a sample as the loader does.</summary>
    public static Augmented Of(Sample sample, AugmentationOptions options, RandomStream stream)
    {
        (int height, int width) = (options.CropHeight, options.CropWidth);
        var shape = new BatchShape(1, height, width, height, width);
        using var batch = new Batch(shape, [.. sample.Labels.Keys], new ImageRoom(), static _ => { });
        BatchAssembler.Put(batch, 0, sample, options, stream);
        return new(
            new Plane(height, width, BgrImage.Channels, Images(batch)),
            batch.Targets.ToDictionary(static pair => pair.Key, pair => new Plane(height, width, pair.Key == Label.SurfaceNormals ? 3 : 1, Values(pair.Value))));
    }

    /// <summary>The crops of a batch, [N, H, W, 3], nothing subtracted.</summary>
    public static float[] Images(Batch batch)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var step = new Step(backend, recordGradients: false);
        BatchImages images = batch.Images;
        Tensor stored = step.FromHostPrefix(new Shape(images.Room), images.Pixels);
        return step.CropImages(stored, images.Parts, images.Windows, [0, 0, 0], batch.Shape.Height, batch.Shape.Width).ToArray<float>();
    }

    private static float[] Values(Target target) => target.Label == Label.Segmentation ? Array.ConvertAll(target.Classes, static c => (float)c) : target.Values;
}
