using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>What the data set makes of its files, and what it says of bad ones.</summary>
public sealed class NyuV2DatasetTests
{
    private const int Height = NyuV2Folder.Height;
    private const int Width = NyuV2Folder.Width;

    /// <summary>A 4 x 3 PNG of 2-bit palette indices, made with zlib: another packer than ours.</summary>
    private const string PalettePng =
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAgMAAADJmkZVAAAADFBMVEUJCAfIZDIBAgP6APreD45+AAAADklEQVR4nGOQZnjCwAoAAz4BBcmkkM8AAAAASUVORK5CYII=";

    private NyuV2Folder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new(4);
        _folder.WriteList(new() { ["train1"] = [0], ["train2"] = [1], ["val"] = [2], ["test"] = [3] });
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Planes_hold_the_files_in_B_G_R_order()
    {
        Sample sample = Load();

        Assert.That(sample.Id, Is.EqualTo("0000"));
        Assert.That((sample.Image.Height, sample.Image.Width), Is.EqualTo((Height, Width)));
        Assert.That(sample.Image.Pixels[..6].ToArray(), Is.EqualTo(new byte[] { 10, 5, 0, 25, 20, 15 }));
        Assert.That(sample.Labels[Label.Segmentation].Values, Is.EqualTo(Enumerable.Range(0, 12).Select(i => (float)i)));
        Assert.That(sample.Labels[Label.Depth].Values, Is.EqualTo(Enumerable.Range(0, 12).Select(i => 0.5f + (i * 0.25f))));
    }

    [Test]
    public void Normals_are_decoded_and_ignored_pixels_keep_255()
    {
        WriteNormals([200, 190, 200], [255, 28, 35], [127, 0, 127]);

        Plane decoded = Load().Labels[Label.SurfaceNormals];
        Plane raw = Load(new() { DecodeNormals = false }).Labels[Label.SurfaceNormals];

        Assert.That(decoded.Values[..9], Is.EqualTo([(200 / 127.5f) - 1, (190 / 127.5f) - 1, (200 / 127.5f) - 1, 255f, 255f, 255f, (127 / 127.5f) - 1, -1f, (127 / 127.5f) - 1]));
        Assert.That(raw.Values[..9], Is.EqualTo([200f, 190f, 200f, 35f, 28f, 255f, 127f, 0f, 127f]));
    }

    /// <summary>Grey, black and what else is no unit vector is marked as ignored, in both readings; the shortest and longest that pass are kept.</summary>
    [TestCase(127, 127, 127, false)]
    [TestCase(128, 127, 128, false)]
    [TestCase(128, 128, 128, false)]
    [TestCase(120, 130, 140, false)]
    [TestCase(100, 100, 100, false)]
    [TestCase(0, 0, 0, false)]
    [TestCase(1, 1, 1, false)]
    [TestCase(0, 0, 254, false)]
    [TestCase(127, 127, 191, false)]
    [TestCase(127, 127, 192, true)]
    [TestCase(127, 127, 254, true)]
    [TestCase(54, 54, 54, true)]
    [TestCase(201, 54, 201, true)]
    public void A_normal_without_direction_is_ignored(int x, int y, int z, bool counts)
    {
        WriteNormals([(byte)x, (byte)y, (byte)z]);
        foreach (bool decode in new[] { true, false })
        {
            Plane normals = Load(new() { DecodeNormals = decode }).Labels[Label.SurfaceNormals];

            Assert.That(Target.Counts(LabelKind.SurfaceNormals, normals.Values.AsSpan(0, 3)), Is.EqualTo(counts), $"decoded: {decode}");
            Assert.That(normals.Values[..3], counts ? Has.All.LessThan(255) : Has.All.EqualTo(255));
        }

        // The comparison with the official code masks as that does.
        Sample official = NyuV2Files.Load(_folder.Root, "0000", [Label.SurfaceNormals], decodeNormals: false, classes: 0);
        Assert.That(official.Labels[Label.SurfaceNormals].Values[..3], Is.EqualTo(new float[] { z, y, x }));
    }

    [TestCase(1500.5f)]
    [TestCase(65535f)]
    public void Depth_in_another_unit_is_named(float bad)
    {
        float[] depth = [.. Enumerable.Repeat(2f, 12)];
        depth[3] = bad;
        NumpyArray.Write(_folder.PathOf("depth", 0), [Height, Width], depth);

        Assert.That(Refused(), Does.StartWith(_folder.PathOf("depth", 0)).And.Contain($"depth is {bad}").And.Contain("metres"));
    }

    [Test]
    public void Only_the_labels_asked_for_are_read()
    {
        var set = new NyuV2Dataset(_folder.Root);
        File.Delete(_folder.PathOf("seg", 0));

        Sample sample = set.Load(Split.TrainWeights, 0, [Label.Depth]);

        Assert.That(sample.Labels.Keys, Is.EqualTo([Label.Depth]));
    }

    [Test]
    public void A_palette_of_colours_does_not_change_class_indices()
    {
        File.WriteAllBytes(_folder.PathOf("seg", 0), Convert.FromBase64String(PalettePng));

        Assert.That(Load().Labels[Label.Segmentation].Values, Is.EqualTo([0f, 1f, 2f, 3f, 3f, 2f, 1f, 0f, 0f, 0f, 1f, 1f]));
    }

    [Test]
    public void Depth_may_have_a_channel_axis_and_images_may_be_grey()
    {
        NumpyArray.Write(_folder.PathOf("depth", 0), [Height, Width, 1], new float[12]);
        Png.Write(_folder.PathOf("img", 0), new ByteImage(Width, Height, 1, [.. Enumerable.Range(0, 12).Select(i => (byte)i)]));

        Sample sample = Load();

        Assert.That(sample.Labels[Label.Depth].Values, Is.All.Zero);
        Assert.That(sample.Image.Pixels[..6].ToArray(), Is.EqualTo(new byte[] { 0, 0, 0, 1, 1, 1 }));
    }

    [Test]
    public void Classes_and_labels_are_what_was_asked_for()
    {
        var usual = new NyuV2Dataset(_folder.Root);
        var other = new NyuV2Dataset(_folder.Root, new() { Classes = 13 });
        var depth = new NyuV2Dataset(_folder.Root, new() { Labels = [Label.Depth] });

        Assert.That((usual.ClassesOf(Label.Segmentation), usual.ClassNamesOf(Label.Segmentation).Count, usual.ClassNamesOf(Label.Segmentation)[21]), Is.EqualTo((40, 40, "ceiling")));
        Assert.That(usual.Labels, Is.EqualTo([Label.Segmentation, Label.SurfaceNormals, Label.Depth]));
        Assert.That((other.ClassesOf(Label.Segmentation), other.ClassNamesOf(Label.Segmentation).Count), Is.EqualTo((13, 0)));
        Assert.That((depth.ClassesOf(Label.Segmentation), depth.ClassNamesOf(Label.Segmentation).Count), Is.EqualTo((0, 0)));
        Assert.That(depth.Labels, Is.EqualTo([Label.Depth]));
        DataException? missing = Assert.Throws<DataException>(() => depth.Load(Split.Test, 0, [Label.Segmentation]));
        Assert.That(missing!.Message, Does.Contain("'Segmentation'"));
    }

    [Test]
    public void Labels_that_the_folder_lacks_are_refused()
    {
        DataException? error = Assert.Throws<DataException>(() => _ = new NyuV2Dataset(_folder.Root, new() { Labels = [Label.Depth, Label.Edges] }));

        Assert.That(error!.Message, Does.StartWith(_folder.Root).And.Contain("Edges").And.Not.Contain("\n"));
    }

    [Test]
    public void Impossible_options_are_refused()
    {
        NyuV2Options[] impossible =
        [
            new() { Classes = 0 }, new() { Classes = 256 }, new() { ValidationFraction = -0.1 }, new() { ValidationFraction = 0.6 },
            new() { ValidationFraction = double.NaN }, new() { Labels = [] }, new() { Labels = [Label.Depth, Label.Depth] }, new() { Labels = [Label.Of(LabelKind.Class)] },
        ];
        foreach (NyuV2Options options in impossible)
        {
            ConfigurationException? error = Assert.Throws<ConfigurationException>(() => _ = new NyuV2Dataset(_folder.Root, options));
            Assert.That(error!.Message, Does.StartWith("NYU v2: ").And.Not.Contain("\n"));
        }
    }

    [Test]
    public void Two_images_of_one_stem_are_told_apart()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Root, "more"));
        File.Copy(_folder.PathOf("img", 0), Path.Combine(_folder.Root, "more", "0000.png"));
        string list = Path.Combine(_folder.Root, "nyu_v2_3task.json");
        File.WriteAllText(list, File.ReadAllText(list).Replace("img/0001.png", "more/0000.png", StringComparison.Ordinal));

        var set = new NyuV2Dataset(_folder.Root);

        Assert.That(set.Id(Split.TrainWeights, 0), Is.EqualTo("img/0000"));
        Assert.That(set.Id(Split.TrainPolicy, 0), Is.EqualTo("more/0000"));
    }

    [TestCase("img")]
    [TestCase("seg")]
    [TestCase("normal_mask")]
    [TestCase("depth")]
    public void A_missing_file_is_named_at_once(string folder)
    {
        File.Delete(_folder.PathOf(folder, 3));

        DataException? error = Assert.Throws<DataException>(() => _ = new NyuV2Dataset(_folder.Root));

        Assert.That(error!.Message, Does.StartWith(_folder.PathOf(folder, 3)).And.Contain("'0003'"));
    }

    [Test]
    public void A_missing_folder_is_named()
    {
        string missing = Path.Combine(_folder.Root, "nothing");
        Assert.That(Assert.Throws<DataException>(() => _ = new NyuV2Dataset(missing))!.Message, Does.StartWith(missing));

        Directory.CreateDirectory(missing);
        Assert.That(Assert.Throws<DataException>(() => _ = new NyuV2Dataset(missing))!.Message, Does.StartWith(missing).And.Contain("img"));
    }

    [TestCase("img")]
    [TestCase("seg")]
    [TestCase("normal_mask")]
    [TestCase("depth")]
    public void A_truncated_file_is_named(string folder)
    {
        string path = _folder.PathOf(folder, 0);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);

        Assert.That(Refused(), Does.StartWith(path).And.Contain("truncated"));
    }

    [TestCase(40, "label 40 at pixel (row 1, column 2)")]
    [TestCase(254, "label 254 at pixel (row 1, column 2)")]
    public void A_label_out_of_range_is_named_with_its_pixel(int label, string cause)
    {
        var pixels = new byte[12];
        pixels[3] = 255;
        pixels[4] = 39;
        pixels[6] = (byte)label;
        Png.Write(_folder.PathOf("seg", 0), new ByteImage(Width, Height, 1, pixels));

        Assert.That(Refused(), Does.StartWith(_folder.PathOf("seg", 0)).And.Contain(cause));
    }

    [Test]
    public void Labels_of_another_size_are_refused()
    {
        foreach (int[] shape in new int[][] { [Width, Height], [Height, Width, 2], [1, Height, Width], [12] })
        {
            NumpyArray.Write(_folder.PathOf("depth", 0), shape, new float[shape.Aggregate(1, (product, size) => product * size)]);
            Assert.That(Refused(), Does.StartWith(_folder.PathOf("depth", 0)).And.Contain($"shape ({string.Join(", ", shape)})").And.Contain("(3, 4)"));
        }

        Png.Write(_folder.PathOf("normal_mask", 0), new ByteImage(Width, Height - 1, 3, new byte[24]));
        Assert.That(Refused(), Does.StartWith(_folder.PathOf("normal_mask", 0)).And.Contain("2 rows of 4"));
        Png.Write(_folder.PathOf("seg", 0), new ByteImage(Width + 1, Height, 1, new byte[15]));
        Assert.That(Refused(), Does.StartWith(_folder.PathOf("seg", 0)).And.Contain("3 rows of 5"));
    }

    [Test]
    public void Labels_of_another_number_of_channels_are_refused()
    {
        Png.Write(_folder.PathOf("normal_mask", 0), new ByteImage(Width, Height, 1, new byte[12]));
        Assert.That(Refused(), Does.StartWith(_folder.PathOf("normal_mask", 0)).And.Contain("grey"));

        Png.Write(_folder.PathOf("seg", 0), new ByteImage(Width, Height, 3, new byte[36]));
        Assert.That(Refused(), Does.StartWith(_folder.PathOf("seg", 0)).And.Contain("3 channels"));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void Depth_that_is_no_number_is_named_with_its_pixel(float bad)
    {
        var depth = new float[12];
        depth[11] = bad;
        NumpyArray.Write(_folder.PathOf("depth", 0), [Height, Width], depth);

        Assert.That(Refused(), Does.StartWith(_folder.PathOf("depth", 0)).And.Contain("(row 2, column 3)"));
    }

    [Test]
    public void Edges_out_of_range_are_named_with_their_pixel()
    {
        File.Delete(Path.Combine(_folder.Root, "nyu_v2_3task.json"));
        Directory.CreateDirectory(Path.Combine(_folder.Root, "edge"));
        for (int i = 0; i < 4; i++)
        {
            float[] edges = [.. Enumerable.Range(0, 12).Select(place => place == 5 ? 255 : place == 6 ? 1.5f : -1 + (place / 6f))];
            NumpyArray.Write(Path.Combine(_folder.Root, "edge", $"000{i}.npy"), [Height, Width], edges);
        }

        var set = new NyuV2Dataset(_folder.Root);
        DataException? error = Assert.Throws<DataException>(() => set.Load(Split.Test, 0, [Label.Edges]));

        Assert.That(set.Labels, Does.Contain(Label.Edges).And.Not.Contain(Label.Keypoints));
        Assert.That(error!.Message, Does.Contain("value 1.5 at pixel (row 1, column 2)"));
    }

    [Test]
    public void There_is_no_example_outside_a_part()
    {
        var set = new NyuV2Dataset(_folder.Root);

        Assert.Throws<ArgumentOutOfRangeException>(() => set.Load(Split.Test, 1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Id(Split.Test, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Count((Split)9));
    }

    /// <summary>Writes the first pixels of the first example's normals; the others point along x.</summary>
    private void WriteNormals(params byte[][] pixels)
    {
        IEnumerable<byte> rest = Enumerable.Repeat(new byte[] { 254, 127, 127 }, (Height * Width) - pixels.Length).SelectMany(pixel => pixel);
        Png.Write(_folder.PathOf("normal_mask", 0), new ByteImage(Width, Height, 3, [.. pixels.SelectMany(pixel => pixel), .. rest]));
    }

    private Sample Load(NyuV2Options? options = null)
    {
        var set = new NyuV2Dataset(_folder.Root, options);
        return set.Load(Split.TrainWeights, 0, set.Labels);
    }

    private string Refused()
    {
        string message = Assert.Throws<DataException>(() => Load())!.Message;
        Assert.That(message, Does.Not.Contain("\n"));
        return message;
    }
}
