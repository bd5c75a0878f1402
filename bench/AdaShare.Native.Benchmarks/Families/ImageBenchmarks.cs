using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>A batch of stored images made the network's input: as they are, as in evaluation, and enlarged and mirrored, as training's random windows do.</summary>
internal static class ImageBenchmarks
{
    // The largest scale of the published augmentation.
    private const double Enlarged = 1.2;

    // An interpolation is one product: two along columns, one along rows.
    private const int ProductsOfAnElement = 3;

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network) =>
    [
        Crop("crop", network, scale: 1, mirror: false),
        Crop("crop-enlarged-and-mirrored", network, Enlarged, mirror: true),
    ];

    private static BenchmarkCase Crop(string variant, NetworkShapes network, double scale, bool mirror)
    {
        Shape images = network.Images;
        return new(
            "image",
            variant,
            new Extents(('N', images[0]), ('h', (int)(images[1] / scale)), ('w', (int)(images[2] / scale)), ('H', images[1]), ('W', images[2])),
            [Operand.Bytes("pixels", "Nhw3", Fills.Integers(0, 256)), Operand.Parameter("output", "NHW3").Written()],
            (backend, x) =>
            {
                Shape stored = x[0].Shape, made = x[1].Shape;
                int bytes = stored[1] * stored[2] * stored[3];
                ImagePart[] parts = [.. Enumerable.Range(0, stored[0]).Select(i => new ImagePart(i * bytes, 0, 0, stored[1], stored[2]))];
                CropWindow[] windows = [.. parts.Select(_ => new CropWindow(stored[1], stored[2], made[1], made[2], 0, 0, mirror))];
                return () => backend.Image.Crop(x[0], parts, windows, PixelNormalization.Minus(ImageInput.Default.Mean), x[1]);
            })
        {
            Ops = [nameof(ImageOps.CropImages)],
            MultiplyAdds = ProductsOfAnElement * images.Count,
            Samples = [('N', 1)],
        };
    }
}
