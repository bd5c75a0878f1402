using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.CityscapesOriginal;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>CityScapes as it is downloaded.</summary>
public sealed class CityscapesOriginalTests
{
    private const int Train = 4, Test = 2, Height = DenseScenes.Height, Width = DenseScenes.Width;
    private static readonly Sample[] Scenes = DenseScenes.Draw(Train + Test);

    private DenseFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new();
        DenseLayouts.CityscapesOriginal(_folder, Scenes, Train);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(19, CityscapesDepth.Inverse)]
    [TestCase(7, CityscapesDepth.Metres)]
    public void Planes_are_those_that_Pillow_reads(int classes, CityscapesDepth depth)
    {
        CityscapesOriginalDataset dataset = Open(new() { Classes = classes, Depth = depth });
        Expect.PartsAreWhole(dataset, Train, Test);
        Assert.That(dataset.Notices, Is.EqualTo(depth == CityscapesDepth.Metres ? [] : new[] { "depth is inverse depth in 1/m" }));
        Assert.That(dataset.ClassNamesOf(Label.Segmentation), Has.Count.EqualTo(classes));
        Expect.SameAsPython(dataset, "cityscapes_original", _folder.Root, classes, tolerance: 1e-5, new() { [Label.Depth] = depth.ToString() }, "PIL");
    }

    [Test]
    public void Depth_is_that_of_the_scenes()
    {
        Dictionary<string, Sample> samples = Expect.LoadAll(Open(new() { Depth = CityscapesDepth.Metres }));
        float[] truth = DenseScenes.Depth(Scenes[1]), read = samples["aachen_000001_000019"].Labels[Label.Depth].Values;
        for (int i = 0; i < truth.Length; i++)
        {
            Assert.That(read[i], i % 9 == 2 ? Is.Zero : Is.EqualTo(truth[i] > 0 ? Math.Max(truth[i], 2) : 0).Within(0.4).Percent);
        }
    }

    [Test]
    public void A_reduction_takes_means_of_pictures_and_middles_of_labels()
    {
        Sample full = Expect.LoadAll(Open())["ulm_000005_000019"], reduced = Expect.LoadAll(Open(new() { Reduction = 4 }))["ulm_000005_000019"];
        Assert.That((reduced.Image.Height, reduced.Image.Width), Is.EqualTo((Height / 4, Width / 4)));
        for (int y = 0; y < Height / 4; y++)
        {
            for (int x = 0; x < Width / 4; x++)
            {
                int sum = (from dy in Enumerable.Range(0, 4) from dx in Enumerable.Range(0, 4) select (int)full.Image[(4 * y) + dy, (4 * x) + dx, 1]).Sum();
                Assert.That(reduced.Image[y, x, 1], Is.EqualTo((sum + 8) / 16));
                Assert.That(reduced.Labels[Label.Segmentation][y, x, 0], Is.EqualTo(full.Labels[Label.Segmentation][(4 * y) + 2, (4 * x) + 2, 0]));
                Assert.That(reduced.Labels[Label.Depth][y, x, 0], Is.EqualTo(full.Labels[Label.Depth][(4 * y) + 2, (4 * x) + 2, 0]));
            }
        }
    }

    [Test]
    public void Labels_that_are_not_there_are_not_offered()
    {
        Directory.Delete(_folder["camera"], recursive: true);
        Assert.That(Open().Labels, Is.EqualTo(new[] { Label.Segmentation }));
        Assert.That(Open().Notices.Single(), Does.Contain("1 folder is passed over: disparity"));
        Assert.That(Open().Fingerprints(Split.Test, 0).Keys, Is.EquivalentTo(new[] { "image", "Segmentation" }));
    }

    [Test]
    public void What_is_passed_over_is_said()
    {
        _folder.WritePng("leftImg8bit/train/aachen/preview.png", 1, 1, 1, [0]);
        _folder.WritePng16("disparity/train/aachen/aachen_000009_000019_disparity.png", 1, 1, [0]);
        string notices = string.Join("\n", Open().Notices);
        Assert.That(notices, Does.Contain("train/aachen: 1 picture whose name does not end in _leftImg8bit.png is passed over: preview.png"));
        Assert.That(notices, Does.Contain("disparity/train/aachen: 1 file without an image is passed over: aachen_000009_000019_disparity.png"));
    }

    [TestCase(2, 1, "classes is 2; label ids give 19 classes")]
    [TestCase(19, 0, "reduction is 0")]
    public void An_option_out_of_range_is_named(int classes, int reduction, string words) =>
        Assert.That(Assert.Throws<ConfigurationException>(() => Open(new() { Classes = classes, Reduction = reduction }))!.Message, Does.Contain(words));

    [Test]
    public void A_reduction_that_does_not_divide_the_picture_is_refused() =>
        Expect.Error(() => Open(new() { Reduction = 5 }), _folder[PathOf("leftImg8bit", 0, "_leftImg8bit.png")], "24x32", "multiples of 5");

    [TestCaseSource(nameof(Damage))]
    public void A_bad_file_is_named_in_one_sentence(string file, Action<DenseFolder> spoil, string[] words)
    {
        spoil(_folder);
        Expect.Error(() => Open(), _folder[file], words);
    }

    private static IEnumerable<TestCaseData> Damage()
    {
        string image = PathOf("leftImg8bit", 1, "_leftImg8bit.png"), ids = PathOf("gtFine", 1, "_gtFine_labelIds.png"), disparity = PathOf("disparity", 1, "_disparity.png"), camera = PathOf("camera", 1, "_camera.json");
        yield return Expect.Damage("leftImg8bit/val", (folder, file) => Directory.Delete(folder[file], recursive: true), "there is no such folder");
        foreach (string missing in new[] { ids, disparity, camera })
        {
            yield return Expect.Damage(missing, (folder, file) => File.Delete(folder[file]), "there is no such file", "aachen_000001_000019");
        }

        yield return Expect.Damage(image, (folder, file) => folder.Write(file, "no picture"), "not a PNG");
        yield return Expect.Damage(ids, (folder, file) => folder.WritePng(file, Height, Width, 1, Enumerable.Repeat((byte)40, Height * Width)), "label id 40 at pixel (row 0, column 0)", "0 to 33");
        yield return Expect.Damage(ids, (folder, file) => folder.WritePng(file, Height, Width, 3, new byte[3 * Height * Width]), "3 channels of 8 bits");
        yield return Expect.Damage(ids, (folder, file) => folder.WritePng(file, Width, Height, 1, new byte[Height * Width]), "32 rows of 24", "24 rows of 32");
        yield return Expect.Damage(disparity, (folder, file) => folder.WritePng(file, Height, Width, 1, new byte[Height * Width]), "1 channels of 8 bits", "16 bits");
        yield return Expect.Damage(camera, (folder, file) => folder.Write(file, """{"extrinsic": {"baseline": 0}, "intrinsic": {"fx": 1}}"""), "extrinsic.baseline is missing or no number above 0");
        yield return Expect.Damage(camera, (folder, file) => folder.Write(file, """{"extrinsic": {"baseline": 1}}"""), "intrinsic.fx is missing");
    }

    private static string PathOf(string folder, int i, string ending) => DenseLayouts.CityscapesPath(folder, i, Train, ending);

    private CityscapesOriginalDataset Open(CityscapesOriginalOptions? options = null) => new(_folder.Root, options);
}
