using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>Crops in vectors and on several threads are those of the definition, number by number, to the bit.</summary>
[TestFixture]
public sealed class ImageTests
{
    private const int Height = 48, Width = 61;

    private static readonly float[] Mean = [104.00698793f, 116.66876762f, 122.67891434f];

    [Test]
    public void Crops_are_rounded_as_their_definition([Values(1, 3)] int threads, [Values(1, 2, 33, 70)] int cropHeight, [Values(1, 3, 40, 67)] int cropWidth)
    {
        CropWindow[] windows = [.. Enumerable.Range(0, 9).Select(i => Draw(RandomStream.For(4, "windows", i), cropHeight, cropWidth))];
        byte[] pixels = Pixels(windows.Length);
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
        using var step = new Step(backend, recordGradients: false);
        Tensor crops = step.CropImages(step.FromHost<byte>(new Shape(windows.Length, Height, Width, 3), pixels), windows, Mean, cropHeight, cropWidth);
        float[] expected = [.. windows.SelectMany((window, i) => Definition(pixels.AsSpan(i * Height * Width * 3, Height * Width * 3), window, cropHeight, cropWidth))];
        Assert.That(crops.ToArray<float>().AsSpan().SequenceEqual(expected), Is.True);
    }

    /// <summary>What a window reads is all that it reads: around it lies memory of others.</summary>
    [Test]
    public void A_crop_of_a_part_reads_nothing_beside_it()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var step = new Step(backend, recordGradients: false);
        byte[] pixels = Pixels(1);
        CropWindow window = CropWindow.Unscaled(Height, Width, 30, 20);
        float[] whole = step.CropImages(step.FromHost<byte>(new Shape(1, Height, Width, 3), pixels), [window], Mean, 5, 7).ToArray<float>();
        byte[] part = [.. Enumerable.Range(30, 6).SelectMany(y => pixels[(((y * Width) + 20) * 3)..(((y * Width) + 28) * 3)])];
        Tensor images = step.FromHost<byte>(new Shape(6 * 8 * 3), part);
        Assert.That(step.CropImages(images, [new ImagePart(0, 30, 20, 6, 8)], [window], Mean, 5, 7).ToArray<float>(), Is.EqualTo(whole));
    }

    private static byte[] Pixels(int count) => [.. Enumerable.Range(0, count * Height * Width * 3).Select(static i => (byte)RandomStream.For(4, "pixels").Integer((ulong)i, 256))];

    private static CropWindow Draw(RandomStream stream, int cropHeight, int cropWidth)
    {
        int height = 1 + stream.Integer(0, 2 * Height), width = 1 + stream.Integer(1, 2 * Width);
        return new(Height, Width, height, width, stream.Integer(2, height + cropHeight) - cropHeight, stream.Integer(3, width + cropWidth) - cropWidth, Mirror: stream.Integer(4, 2) == 1);
    }

    private static float[] Definition(ReadOnlySpan<byte> pixels, CropWindow window, int cropHeight, int cropWidth)
    {
        var crop = new float[cropHeight * cropWidth * 3];
        for (int i = 0; i < crop.Length; i++)
        {
            int c = i % 3, x = i / 3 % cropWidth, y = i / 3 / cropWidth;
            (int upper, int lower, float down) = Taps(y + window.Top, window.ScaledHeight, Height, mirror: false);
            (int left, int right, float across) = Taps(x + window.Left, window.ScaledWidth, Width, window.Mirror);
            float value = 0;
            if (upper >= 0 && left >= 0)
            {
                float top = Blend(pixels[At(upper, left, c)], pixels[At(upper, right, c)], across);
                float bottom = Blend(pixels[At(lower, left, c)], pixels[At(lower, right, c)], across);
                value = Blend(top, bottom, down);
            }

            crop[i] = value - Mean[c];
        }

        return crop;
    }

    private static int At(int row, int column, int channel) => (((row * Width) + column) * 3) + channel;

    private static float Blend(float first, float second, float share) => first + (share * (second - first));

    private static (int Low, int High, float Share) Taps(int position, int scaled, int source, bool mirror)
    {
        if (position < 0 || position >= scaled)
        {
            return (-1, -1, 0);
        }

        double inverse = 1.0 / ((double)scaled / source);
        float at = (float)((((mirror ? scaled - 1 - position : position) + 0.5) * inverse) - 0.5);
        int low = (int)MathF.Floor(at);
        return low < 0 ? (0, 0, 0) : low >= source - 1 ? (source - 1, source - 1, 0) : (low, low + 1, at - low);
    }
}
