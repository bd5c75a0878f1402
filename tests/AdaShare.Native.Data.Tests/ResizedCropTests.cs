using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Data.Tests;

/// <summary>Random regions brought to one size: torchvision's draws, Pillow's pixels, and labels that stay with them.</summary>
public sealed class ResizedCropTests
{
    private const int Draws = 4000;
    private static readonly ResizedCropOptions Usual = new(0.08, 1, 3.0 / 4, 4.0 / 3);

    /// <summary>Six tenths of an image of 97 x 131 are at most 97 rows high, so at least 0.8 of that wide.</summary>
    [TestCase(200, 200, 0.08, 1.0, 0.75)]
    [TestCase(97, 131, 0.6, 1.0, 0.6 * 131 / 97)]
    [TestCase(480, 640, 0.25, 0.25, 0.75)]
    public void Regions_lie_in_the_image_and_fill_their_ranges(int height, int width, double least, double most, double narrowest)
    {
        var options = new ResizedCropOptions(least, most, 3.0 / 4, 4.0 / 3);
        ImageRegion[] regions = [.. Enumerable.Range(0, Draws).Select(i => ResizedRegions.Draw(height, width, options, Stream(i)))];

        double pixel = 2.0 / Math.Min(height, width);
        double[] areas = [.. regions.Select(r => (double)r.Height * r.Width / (height * width))], aspects = [.. regions.Select(static r => (double)r.Width / r.Height)];
        Assert.Multiple(() =>
        {
            Assert.That(regions, Has.All.Matches<ImageRegion>(r => r.Row >= 0 && r.Column >= 0 && r.Height >= 1 && r.Width >= 1 && r.Row + r.Height <= height && r.Column + r.Width <= width));
            Assert.That(areas.Min(), Is.EqualTo(least).Within(0.05 + pixel).And.GreaterThan(least - pixel));
            Assert.That(areas.Max(), Is.LessThan(most + pixel).And.GreaterThan(0.9 * most));
            Assert.That(aspects.Min(), Is.EqualTo(narrowest).Within(0.02));
            Assert.That(aspects.Max(), Is.EqualTo(4.0 / 3).Within(0.03));
            Assert.That(regions.Select(static r => (r.Row, r.Column)).Distinct().Count(), Is.GreaterThan(Draws / 8));
        });
    }

    /// <summary>Where no region is turned down, the area is uniform and the aspect uniform in its logarithm.</summary>
    [Test]
    public void Areas_are_uniform_and_aspects_uniform_in_their_logarithm()
    {
        var small = new ResizedCropOptions(0.1, 0.5, 1.0 / 1.9, 1.9);
        ImageRegion[] regions = [.. Enumerable.Range(0, Draws).Select(i => ResizedRegions.Draw(1000, 1000, small, Stream(i)))];
        Assert.That(regions.Average(static r => r.Height * (double)r.Width / 1e6), Is.EqualTo(0.3).Within(0.01));
        Assert.That(regions.Average(static r => Math.Log((double)r.Width / r.Height)), Is.Zero.Within(0.03));
        Assert.That(regions.Average(static r => Math.Abs(Math.Log((double)r.Width / r.Height))), Is.EqualTo(Math.Log(1.9) / 2).Within(0.02));
        Assert.That(regions.Average(static r => (double)r.Row / (1000 - r.Height)), Is.EqualTo(0.5).Within(0.02));
    }

    /// <summary>A strip has no region of the wanted aspects that large: the widest allowed one in its middle, as torchvision falls back to it.</summary>
    [TestCase(10, 400, 0, 193, 10, 13)]
    [TestCase(400, 10, 193, 0, 13, 10)]
    [TestCase(1, 1, 0, 0, 1, 1)]
    public void An_image_without_such_a_region_gives_its_middle(int height, int width, int row, int column, int rows, int columns) =>
        Assert.That(ResizedRegions.Draw(height, width, new(0.9, 1, 3.0 / 4, 4.0 / 3), Stream(1)), Is.EqualTo(new ImageRegion(row, column, rows, columns)));

    /// <summary>Pillow cuts and resizes the same regions to the same bytes.</summary>
    [Test]
    public void Pixels_are_those_of_Pillow()
    {
        DebianPython.Require("PIL", "python3-pil");
        string folder = Directory.CreateTempSubdirectory("adashare-crop").FullName;
        Sample sample = Noise(61, 83);
        Png.Write(Path.Combine(folder, "image.png"), new ByteImage(83, 61, 3, Rgb(sample.Image)));
        for (int i = 0; i < 12; i++)
        {
            ImageRegion region = ResizedRegions.Draw(61, 83, Usual, Stream(i));
            byte[] pillow = Convert.FromHexString(DebianPython.Run(
                "import sys\nfrom PIL import Image\nr, c, h, w = map(int, sys.argv[1:])\nprint(Image.open('image.png').crop((c, r, c + w, r + h)).resize((29, 17), Image.BILINEAR).tobytes().hex())",
                folder, $"{region.Row}", $"{region.Column}", $"{region.Height}", $"{region.Width}").Trim());

            Augmented result = Augmented.Of(sample, Options(17, 29, mirror: 0), Stream(i));

            Assert.That(result.Image.Values.Chunk(3).SelectMany(static p => p.Reverse()).Select(static v => (byte)v), Is.EqualTo(pillow), region.ToString());
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Blue is the column and the depth one more, so that both tell whence a pixel comes; the mirrored crop is the crop mirrored.</summary>
    [Test]
    public void Labels_stay_with_their_pixels_and_mirror_with_them()
    {
        Sample sample = PatternDataset.Make(3, 40, 56, [Label.Depth, Label.SurfaceNormals]);
        float[] columns = [.. Enumerable.Range(0, 40 * 56).Select(static i => (float)(1 + (i % 56)))];
        sample = sample with { Labels = new Dictionary<Label, Plane> { [Label.Depth] = new(40, 56, 1, columns), [Label.SurfaceNormals] = sample.Labels[Label.SurfaceNormals] } };
        for (int i = 0; i < 40; i++)
        {
            ImageRegion region = ResizedRegions.Draw(40, 56, Usual, Stream(i));
            Augmented plain = Augmented.Of(sample, Options(20, 24, mirror: 0), Stream(i)), mirrored = Augmented.Of(sample, Options(20, 24, mirror: 1), Stream(i));

            Plane depth = plain.Labels[Label.Depth], normals = plain.Labels[Label.SurfaceNormals], turned = mirrored.Labels[Label.SurfaceNormals];
            for (int y = 0; y < 20; y++)
            {
                for (int x = 0; x < 24; x++)
                {
                    // Half-pixel centres and the floor differ by less than a pixel of the crop, and bytes are rounded.
                    Assert.That(depth[y, x, 0] - 1, Is.EqualTo(plain.Image[y, x, 0]).Within(Math.Max(1.5, 1 + ((double)region.Width / 24))), $"{region}, row {y}, column {x}");
                    Assert.That(mirrored.Image[y, 23 - x, 0], Is.EqualTo(plain.Image[y, x, 0]));
                    Assert.That(mirrored.Labels[Label.Depth][y, 23 - x, 0], Is.EqualTo(depth[y, x, 0]));
                    Assert.That(turned[y, 23 - x, 2], Is.EqualTo(normals[y, x, 2] == 255 ? 255 : -normals[y, x, 2]));
                }
            }
        }
    }

    /// <summary>MTAN's scales: one of three, each as often, and metres divided by it. Without that they stay.</summary>
    [Test]
    public void Depth_is_divided_by_the_scale_where_that_is_wanted([Values] bool divides)
    {
        Sample sample = PatternDataset.Make(0, 30, 40, [Label.Depth]) with { Labels = new Dictionary<Label, Plane> { [Label.Depth] = new(30, 40, 1, [.. Enumerable.Repeat(6f, 1200)]) } };
        var options = new AugmentationOptions(30, 40, 0.5, 1.5, 0.5, true) { Scales = [1, 1.2, 1.5], DividesDepth = divides };
        float[] depths = [.. Enumerable.Range(0, 600).Select(i => Augmented.Of(sample, options, Stream(i)).Labels[Label.Depth].Values.Distinct().Single())];

        float[] expected = divides ? [4, 6 / 1.2f, 6] : [6];
        Assert.That(depths.Distinct().Order(), Is.EqualTo(expected).Within(1e-6f));
        Assert.That(depths.CountBy(static d => d).Min(static pair => pair.Value), Is.GreaterThan(600 / expected.Length * 0.75));
    }

    [Test]
    public void Depth_of_a_region_is_divided_by_how_much_it_grows()
    {
        Sample sample = PatternDataset.Make(0, 40, 40, [Label.Depth]) with { Labels = new Dictionary<Label, Plane> { [Label.Depth] = new(40, 40, 1, [.. Enumerable.Repeat(6f, 1600)]) } };
        ImageRegion region = ResizedRegions.Draw(40, 40, Usual, Stream(5));

        Plane depth = Augmented.Of(sample, Options(32, 32, mirror: 0) with { DividesDepth = true }, Stream(5)).Labels[Label.Depth];

        Assert.That(depth.Values, Has.All.EqualTo(6 / Math.Sqrt(32.0 * 32 / (region.Height * region.Width))).Within(1e-5));
    }

    /// <summary>What is sent to the device is a crop, whatever the size of the image.</summary>
    [Test]
    public void Room_is_made_for_crops_and_the_window_is_the_whole_crop()
    {
        foreach (int side in (int[])[20, 100, 900])
        {
            Variation variation = Variation.Draw(new BgrImage(side, side, new byte[side * side * 3]), Options(24, 32, mirror: 0), Stream(side));
            Assert.That((variation.Input.Height, variation.Input.Width, variation.Widest, variation.Window), Is.EqualTo((24, 32, (24, 32), CropWindow.Unscaled(24, 32))));
        }
    }

    /// <summary>An image is resized once: those to train on are left to the regions, selection and test see the whole picture.</summary>
    [Test]
    public void Images_to_train_on_stay_as_they_are_where_regions_are_resized()
    {
        var dataset = new ResizedDataset(new PatternDataset(4) { Labels = [Label.Of(LabelKind.Class, "class")] }, 16, 18, leavesTraining: true);
        (int, int) Size(Split split) => dataset.Load(split, 0, []).Input is { } input ? (input.Height, input.Width) : default;
        Assert.That(((Split[])[Split.Train, Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test]).Select(Size), Is.EqualTo(((int, int)[])[(20, 28), (20, 28), (20, 28), (16, 18), (16, 18)]));
    }

    [TestCase(0, 1, 1, 1)]
    [TestCase(0.5, 0.4, 1, 1)]
    [TestCase(0.5, 1.1, 1, 1)]
    [TestCase(0.5, 1, 0, 1)]
    [TestCase(0.5, 1, 2, 1)]
    [TestCase(double.NaN, 1, 1, 1)]
    [TestCase(0.5, 1, 1, double.PositiveInfinity)]
    public void Impossible_regions_are_refused(double least, double most, double narrow, double wide) =>
        Assert.That(() => new ResizedCropOptions(least, most, narrow, wide), Throws.TypeOf<ConfigurationException>());

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Impossible_scales_are_refused(double scale) =>
        Assert.That(() => new AugmentationOptions(8, 8, 1, 1, 0, true) { Scales = [1, scale] }, Throws.TypeOf<ConfigurationException>());

    private static AugmentationOptions Options(int height, int width, double mirror) => new(height, width, 1, 1, mirror, decodedNormals: true) { Resized = Usual };

    private static RandomStream Stream(long position) => RandomStream.For(1, "augment", position);

    private static Sample Noise(int height, int width)
    {
        RandomStream stream = RandomStream.For(7, "noise");
        return new("noise", new BgrImage(height, width, [.. Enumerable.Range(0, height * width * 3).Select(i => (byte)stream.Integer((ulong)i, 256))]), new Dictionary<Label, Plane>());
    }

    private static byte[] Rgb(BgrImage image) => [.. image.Pixels.ToArray().Chunk(3).SelectMany(static p => p.Reverse())];
}
