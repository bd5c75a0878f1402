using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>Scaling, mirroring, padding and cropping keep images and labels together, as the official code does.</summary>
public sealed class AugmentationTests
{
    private const int Height = 20;
    private const int Width = 28;
    private static readonly Label[] All = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];

    [Test]
    public void Nothing_changes_at_scale_one_without_mirroring_in_a_crop_of_the_full_size()
    {
        Sample sample = PatternDataset.Make(3, Height, Width, All);

        Augmented result = Augmented.Of(sample, new(Height, Width, 1, 1, 0, true), Stream(0));

        AssertEqual(result, sample);
    }

    [Test]
    public void Mirroring_twice_gives_the_sample_back([Values] bool decoded)
    {
        Sample sample = PatternDataset.Make(3, Height, Width, All, decoded);
        var mirror = new AugmentationOptions(Height, Width, 1, 1, 1, decoded);

        Augmented once = Augmented.Of(sample, mirror, Stream(0));
        var stored = new BgrImage(Height, Width, Array.ConvertAll(once.Image.Values, static value => (byte)value));
        Augmented twice = Augmented.Of(new Sample("mirrored", stored, once.Labels), mirror, Stream(1));

        Assert.That(once.Image.Values, Is.Not.EqualTo(Values(sample.Image)));
        AssertEqual(twice, sample);
    }

    [Test]
    public void Mirroring_negates_the_x_of_decoded_normals_and_nothing_else([Values] bool decoded)
    {
        Sample sample = PatternDataset.Make(0, Height, Width, All, decoded);

        Plane mirrored = Augmented.Of(sample, new(Height, Width, 1, 1, 1, decoded), Stream(0)).Labels[Label.SurfaceNormals];

        Plane normals = sample.Labels[Label.SurfaceNormals];
        Assert.Multiple(() =>
        {
            for (int i = 0; i < Height * Width; i++)
            {
                int y = i / Width, x = i % Width, from = Width - 1 - x;
                bool ignored = normals[y, from, 0] == 255;
                float sign = decoded && !ignored ? -1 : 1;
                Assert.That((mirrored[y, x, 0], mirrored[y, x, 1], mirrored[y, x, 2]),
                    Is.EqualTo((normals[y, from, 0], normals[y, from, 1], sign * normals[y, from, 2])), $"row {y}, column {x}");
            }
        });
    }

    /// <summary>Scaled to 10 x 14 in a crop of 17 x 21: 3 rows above and 4 below, 3 columns left and 4 right.</summary>
    [Test]
    public void A_small_image_lies_in_the_middle_of_padding_that_no_loss_counts()
    {
        Sample sample = PatternDataset.Make(5, Height, Width, All);

        Augmented result = Augmented.Of(sample, new(17, 21, 0.5, 0.5, 0, true), Stream(0));

        for (int y = 0; y < 17; y++)
        {
            for (int x = 0; x < 21; x++)
            {
                bool inside = y is >= 3 and < 13 && x is >= 3 and < 17;

                // The red of the picture is 5 everywhere.
                Assert.That(result.Image[y, x, 2], Is.EqualTo(inside ? 5 : 0), $"image at {y}, {x}");
                foreach (Label kind in All)
                {
                    float expected = inside ? sample.Labels[kind][2 * (y - 3), 2 * (x - 3), 0] : kind == Label.Depth ? 0 : 255;
                    Assert.That(result.Labels[kind][y, x, 0], Is.EqualTo(expected), $"{kind} at {y}, {x}");
                }
            }
        }
    }

    [Test]
    public void Bilinear_values_are_those_of_half_pixel_centres()
    {
        Assert.That(Scaled([0, 10], 2.0, 4), Is.EqualTo(new[] { 0, 2.5f, 7.5f, 10 }));
        Assert.That(Scaled([0, 10, 20, 30], 0.5, 2), Is.EqualTo(new float[] { 5, 25 }));
        Assert.That(Scaled([0, 9, 18], 4 / 3.0 + 1e-9, 4), Is.EqualTo(new[] { 0, 5.625f, 12.375f, 18 }).Within(1e-5f));

        static float[] Scaled(byte[] row, double scale, int width)
        {
            byte[] pixels = [.. row.SelectMany(static v => new[] { v, v, v })];
            var sample = new Sample("row", new BgrImage(1, row.Length, pixels), new Dictionary<Label, Plane>());
            Plane image = Augmented.Of(sample, new(1, width, scale, scale, 0, false), Stream(0)).Image;
            return [.. Enumerable.Range(0, width).Select(x => image[0, x, 1])];
        }
    }

    /// <summary>A size of 5 at scale 1.5 is (int)7.5 = 7; floor(x * 5 / 7).</summary>
    [Test]
    public void Nearest_labels_take_the_floor_and_scaled_sizes_are_rounded_down()
    {
        var depth = new Plane(1, 5, 1, [10, 11, 12, 13, 14]);
        var sample = new Sample("row", new BgrImage(1, 5, new byte[15]), new Dictionary<Label, Plane> { [Label.Depth] = depth });

        Augmented result = Augmented.Of(sample, new(1, 9, 1.5, 1.5, 0, false), Stream(0));

        Assert.That(result.Labels[Label.Depth].Values, Is.EqualTo(new float[] { 0, 10, 10, 11, 12, 12, 13, 14, 0 }));
    }

    /// <summary>The official code's steps, one after the other on whole images, give what the composed map gives.</summary>
    [Test]
    public void The_composed_map_equals_the_official_steps_in_order([Values(9, 20, 33)] int crop)
    {
        Sample sample = PatternDataset.Make(2, Height, Width, All);
        var image = new Plane(Height, Width, 3, Values(sample.Image));
        var options = new AugmentationOptions(crop, crop + 2, 0.5, 1.5, 0.5, decodedNormals: false);
        int mirrored = 0;
        for (int position = 0; position < 40; position++)
        {
            CropWindow window = CropWindows.Draw(Height, Width, options, Stream(position), out _);
            mirrored += window.Mirror ? 1 : 0;

            Augmented result = Augmented.Of(sample, options, Stream(position));

            Assert.That(result.Image.Values, Is.EqualTo(OfficialSteps.Apply(image, window, crop, crop + 2, bilinear: true, 0)).Within(1e-4f), $"image, draw {position}");
            foreach (Label kind in All)
            {
                float[] expected = OfficialSteps.Apply(sample.Labels[kind], window, crop, crop + 2, bilinear: false, kind == Label.Depth ? 0 : 255);
                Assert.That(result.Labels[kind].Values, Is.EqualTo(expected), $"{kind}, draw {position}");
            }
        }

        Assert.That(mirrored, Is.InRange(10, 30));
    }

    /// <summary>
    /// Blue is the column and depth one more. Half-pixel centres and OpenCV's floor differ by frac(x r) + (r - 1) / 2 at r source pixels a pixel: at most
    /// 1.5 for r of 2 and less.
    /// </summary>
    [Test]
    public void Labels_stay_with_their_pixels_at_every_scale()
    {
        Label[] depth = [Label.Depth];
        float[] columns = [.. Enumerable.Range(0, Height * Width).Select(static i => (float)(1 + (i % Width)))];
        var sample = PatternDataset.Make(0, Height, Width, depth) with
        {
            Labels = new Dictionary<Label, Plane> { [Label.Depth] = new(Height, Width, 1, columns) },
        };
        for (int position = 0; position < 60; position++)
        {
            Augmented result = Augmented.Of(sample, new(16, 16, 0.5, 1.5, 0.5, true), Stream(position));

            Plane label = result.Labels[Label.Depth];
            int inside = 0;
            for (int i = 0; i < 256; i++)
            {
                if (label.Values[i] > 0)
                {
                    inside++;
                    Assert.That(label.Values[i] - 1, Is.EqualTo(result.Image.Values[3 * i]).Within(1.5f), $"draw {position}, pixel {i}");
                }
            }

            Assert.That(inside, Is.GreaterThanOrEqualTo(10 * 14));
        }
    }

    [Test]
    public void Draws_fill_their_ranges()
    {
        var options = new AugmentationOptions(16, 24, 0.5, 1.5, 0.25, true);
        CropWindow[] windows = [.. Enumerable.Range(0, 2000).Select(position => CropWindows.Draw(Height, Width, options, Stream(position), out _))];

        Assert.That(windows.Min(static w => w.ScaledHeight), Is.EqualTo(10));
        Assert.That(windows.Max(static w => w.ScaledHeight), Is.EqualTo(29));
        Assert.That(windows.Average(static w => w.ScaledWidth), Is.EqualTo(27.5).Within(0.5));
        Assert.That(windows.Count(static w => w.Mirror) / 2000.0, Is.EqualTo(0.25).Within(0.04));
        int[] tops = [.. windows.Where(static w => w.ScaledHeight == 20).Select(static w => w.Top).Distinct().Order()];
        Assert.That(tops, Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
    }

    [Test]
    public void One_stream_gives_one_result_and_others_give_others()
    {
        Sample sample = PatternDataset.Make(1, Height, Width, All);
        var options = new AugmentationOptions(16, 16, 0.5, 1.5, 0.5, true);

        AssertEqual(Augmented.Of(sample, options, Stream(7)), Augmented.Of(sample, options, Stream(7)));
        Assert.That(Augmented.Of(sample, options, Stream(8)).Image.Values, Is.Not.EqualTo(Augmented.Of(sample, options, Stream(7)).Image.Values));
    }

    /// <summary>What a loader makes room for is what its windows may read: no less, and not the whole image where that is not needed.</summary>
    [TestCase(20, 28, 9, 1, 1, 11)]
    [TestCase(20, 28, 9, 0.5, 1.5, 19)]
    [TestCase(480, 640, 97, 0.75, 2, 131)]
    [TestCase(37, 53, 16, 0.9, 0.9, 20)]
    [TestCase(50, 40, 64, 0.1, 3, 50)]
    public void Windows_read_no_more_than_there_is_room_for(int height, int width, int crop, double min, double max, int rows)
    {
        var options = new AugmentationOptions(crop, crop, min, max, 0.5, true);
        (int Rows, int Columns) widest = CropWindows.Widest(height, width, options);
        Assert.That(widest.Rows, Is.EqualTo(rows));
        for (int position = 0; position < 2000; position++)
        {
            CropWindow window = CropWindows.Draw(height, width, options, Stream(position), out _);
            Assert.That(window.Rows.Reads(crop).Count, Is.InRange(1, widest.Rows), window.ToString());
            Assert.That(window.Columns.Reads(crop).Count, Is.InRange(1, widest.Columns), window.ToString());
        }
    }

    [Test]
    public void A_label_of_another_size_is_named()
    {
        Sample sample = PatternDataset.Make(4, Height, Width, [Label.Depth]) with
        {
            Labels = new Dictionary<Label, Plane> { [Label.Depth] = new(2, 3, 1, new float[6]) },
        };

        Assert.That(() => Augmented.Of(sample, new(8, 8, 1, 1, 0, true), Stream(0)),
            Throws.TypeOf<DataException>().With.Message.Contains("example 4").And.Message.Contains("2x3").And.Message.Contains("20x28"));
    }

    [TestCase(0, 8, 1, 1, 0.5)]
    [TestCase(8, 0, 1, 1, 0.5)]
    [TestCase(8, 8, 0, 1, 0.5)]
    [TestCase(8, 8, 1.5, 0.5, 0.5)]
    [TestCase(8, 8, double.NaN, 1, 0.5)]
    [TestCase(8, 8, 1, double.PositiveInfinity, 0.5)]
    [TestCase(8, 8, 1, 1, 1.5)]
    [TestCase(8, 8, 1, 1, -0.1)]
    public void Impossible_options_are_refused(int height, int width, double min, double max, double mirror) =>
        Assert.That(() => new AugmentationOptions(height, width, min, max, mirror, true), Throws.TypeOf<ConfigurationException>());

    private static RandomStream Stream(long position) => RandomStream.For(1, "augment", position);

    private static float[] Values(BgrImage image) => [.. image.Pixels.ToArray().Select(static value => (float)value)];

    private static void AssertEqual(Augmented actual, Sample expected) => AssertEqual(actual, new Augmented(new Plane(Height, Width, 3, Values(expected.Image)), expected.Labels));

    private static void AssertEqual(Augmented actual, Augmented expected)
    {
        Assert.That(actual.Image.Values, Is.EqualTo(expected.Image.Values));
        Assert.That(actual.Labels.Keys, Is.EquivalentTo(expected.Labels.Keys));
        foreach ((Label kind, Plane plane) in expected.Labels)
        {
            Assert.That(actual.Labels[kind].Values, Is.EqualTo(plane.Values), kind.ToString());
        }
    }
}
