using System.Numerics;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Tests;

/// <summary>What is computed several values at once gives what one at a time gives, at every length.</summary>
public sealed class CodecsPngKernelTests
{
    [Test]
    public void A_filter_is_undone_at_every_width_and_pixel_size([Values(1, 2, 3, 4, 6, 8)] int distance, [Values(0, 1, 2, 3, 4)] int filter)
    {
        var random = new Random((distance * 10) + filter);
        for (int pixels = 1; pixels < 40; pixels++)
        {
            byte[] row = new byte[pixels * distance], above = new byte[row.Length], filtered = new byte[row.Length];
            random.NextBytes(row);
            random.NextBytes(above);

            // Equal neighbours decide which of several predictions is the nearest.
            Array.ForEach([.. Enumerable.Range(0, row.Length)], i => (row[i], above[i]) = (row[i] % 3 == 0 ? (byte)7 : row[i], above[i] % 3 == 0 ? (byte)7 : above[i]));
            PngFilters.Apply((PngFilter)filter, row, above, distance, filtered);
            PngFilters.Undo((PngFilter)filter, filtered, above, distance);
            Assert.That(filtered, Is.EqualTo(row), $"{pixels} pixels");
        }
    }

    [Test]
    public void The_check_value_is_that_of_the_definition_at_every_length()
    {
        byte[] bytes = new byte[700];
        new Random(5).NextBytes(bytes);
        for (int length = 0; length < bytes.Length; length += length < 300 ? 1 : 37)
        {
            uint crc = uint.MaxValue;
            foreach (byte value in bytes.AsSpan(0, length))
            {
                crc ^= value;
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
                }
            }

            Assert.That(PngCrc.Compute(bytes.AsSpan(0, length)), Is.EqualTo(~crc), $"{length} bytes");
        }
    }

    [Test]
    public void Red_green_and_blue_are_turned_round_in_pictures_of_every_width()
    {
        for (int width = 1; width < 30; width++)
        {
            byte[] pixels = [.. Enumerable.Range(0, 2 * width * 3).Select(static i => (byte)(i * 7))];
            ReadOnlySpan<byte> turned = BgrImage.Of(new ByteImage(width, 2, 3, pixels)).Pixels;
            for (int i = 0; i < pixels.Length; i++)
            {
                Assert.That(turned[i], Is.EqualTo(pixels[i + 2 - (2 * (i % 3))]));
            }
        }
    }

    [Test]
    public void The_first_number_out_of_bounds_is_found([Values(float.NaN, float.NegativeInfinity, float.PositiveInfinity, -1.5f, 2.5f)] float wrong)
    {
        for (int length = 1; length < 3 * Vector<float>.Count; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(static i => i % 2 == 0 ? -1f : 2f)];
            Assert.That(Within.FirstBeyond(values, -1, 2), Is.EqualTo(-1));
            for (int place = 0; place < length; place++)
            {
                float[] other = [.. values];
                (other[place], other[^1]) = (wrong, place == length - 1 ? wrong : float.NaN);
                Assert.That(Within.FirstBeyond(other, -1, 2), Is.EqualTo(place));
            }
        }
    }

    [Test]
    public void Colours_of_arrays_become_the_nearest_bytes()
    {
        float[] values = [.. Enumerable.Range(0, 300).Select(static i => i < 256 ? i / 255f : ((i - 256) + 0.5f) / 255)];
        var pixels = new byte[values.Length];
        int done = GreyLevels.OfColors(values, pixels);
        Assert.That(done, Is.EqualTo(288), "whole blocks");
        for (int i = 0; i < done; i++)
        {
            Assert.That(pixels[i + 2 - (2 * (i % 3))], Is.EqualTo((byte)MathF.Round(values[i] * 255)));
        }

        foreach (float wrong in new[] { -0.01f, 1.01f, float.NaN, float.PositiveInfinity })
        {
            float[] other = [.. values];
            other[100] = wrong;
            Assert.That(GreyLevels.OfColors(other, pixels), Is.EqualTo(96), "the block before");
        }
    }
}
