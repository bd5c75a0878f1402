using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>The kernel that scales, mirrors and crops stored pixels gives the augmenter's numbers, bit for bit.</summary>
internal sealed class CropImagesTests
{
    private const int Height = 23, Width = 31, CropHeight = 17, CropWidth = 19, Channels = 3;

    // Shrunk below the crop, so that there is padding; as it is; enlarged.
    private static readonly (double ScaleMin, double ScaleMax, double Mirror)[] Ranges = [(0.4, 0.7, 1), (1, 1, 0), (1, 1, 1), (1.3, 2, 0.5), (0.5, 1.5, 0.5)];

    [Test]
    public void PixelsAreThoseOfTheAugmenter([Values("compute_75", "compute_80")] string target)
    {
        CropWindow[] windows =
        [
            .. Ranges.Select(static (r, i) =>
                CropWindow.Draw(Height, Width, new AugmentationOptions(CropHeight, CropWidth, r.ScaleMin, r.ScaleMax, r.Mirror, decodedNormals: false), RandomStream.For(7, "crop", i))),
        ];
        byte[] pixels = [.. Enumerable.Range(0, windows.Length * Height * Width * Channels).Select(static i => (byte)RandomStream.For(7, "pixels").Integer((ulong)i, 256))];

        using var bench = new KernelBench(CommittedKernels.Ptx[$"image.{target}.ptx"]);
        ulong input = bench.Upload(pixels);
        ulong places = bench.Upload<int>([.. windows.SelectMany(static w => new[] { w.ScaledHeight, w.ScaledWidth, w.Top, w.Left, w.Mirror ? 1 : 0, 0 })]);
        int count = windows.Length * CropHeight * CropWidth;
        ulong output = bench.Allocate<float>(count * Channels);
        float[] mean = [.. ImageMean.Subtract(new Plane(1, 1, Channels, new float[Channels])).Select(static v => -v)];
        bench.Launch(
            "crop_images", ((uint)((count + 255) / 256), 1, 1), (256, 1), input, places, mean[0], mean[1], mean[2], (uint)Height, (uint)Width, (uint)CropHeight, (uint)CropWidth, output, (uint)count);
        float[] cropped = bench.Download<float>(output, count * Channels);
        Assert.That(bench.Findings, Is.Empty);
        Assert.That(cropped, Is.EqualTo(windows.SelectMany((w, i) => Expected(pixels.AsSpan(i * Height * Width * Channels, Height * Width * Channels), w))).AsCollection);
    }

    private static float[] Expected(ReadOnlySpan<byte> pixels, CropWindow window)
    {
        float[] source = Array.ConvertAll(pixels.ToArray(), static p => (float)p), target = new float[CropHeight * CropWidth * Channels];
        Augmenter.WriteImage(new Plane(Height, Width, Channels, source), window, target);
        ImageMean.Subtract(target);
        return target;
    }
}
