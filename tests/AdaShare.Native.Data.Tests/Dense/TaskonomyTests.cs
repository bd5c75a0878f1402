using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Taskonomy;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>Tiny-Taskonomy as the official AdaShare code stores it.</summary>
public sealed class TaskonomyTests
{
    private const int Count = 5, Height = DenseScenes.Height, Width = DenseScenes.Width;
    private static readonly Sample[] Scenes = DenseScenes.Draw(Count);
    private static readonly float[] Weights = DenseLayouts.TaskonomyWeights;

    private DenseFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new();
        DenseLayouts.Taskonomy(_folder, Scenes);
        List(new() { ["train1"] = [0], ["train2"] = [1], ["train"] = [0, 1], ["test_small"] = [2], ["test"] = [3, 4] });
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(16)]
    [TestCase(37)]
    public void Planes_are_those_that_Pillow_reads(int size)
    {
        TaskonomyDataset dataset = Open(new() { Size = size });
        Assert.That(dataset.ClassesOf(Label.Segmentation), Is.EqualTo(17));
        Assert.That(dataset.ClassWeightsOf(Label.Segmentation), Is.EqualTo(Weights));
        Assert.That(dataset.Notices, Is.EqualTo(new[] { "depth is a logarithm, ln(1 + p) / ln 65536 of its code p (1/512 m)" }));
        Expect.PartsAreWhole(dataset, train: 3, test: 2);
        Expect.SameAsPython(dataset, "taskonomy", _folder.Root, size, tolerance: 1e-6, null, "PIL");
    }

    [Test]
    public void The_official_size_is_256() => Assert.That(Expect.LoadAll(Open(new() { Labels = [Label.Depth] }))["3_rgb"].Image.Height, Is.EqualTo(256));

    [Test]
    public void Values_follow_the_formulae()
    {
        Sample sample = Expect.LoadAll(Open(new() { Size = 24 }))["0_rgb"];
        Plane depth = sample.Labels[Label.Depth], normals = sample.Labels[Label.SurfaceNormals];
        Assert.That(depth[0, 0, 0], Is.EqualTo(Math.Log(1 + (int)(Scenes[0].Labels[Label.Depth][0, 0, 0] * 512)) / Math.Log(65536)).Within(1e-6));
        Assert.That(depth[0, 1, 0], Is.Zero, "no depth there");
        Assert.That(normals.Values[3..6], Is.All.EqualTo(255), "no depth, hence no normal");
        Assert.That(sample.Labels[Label.Keypoints][0, 0, 0], Is.EqualTo(1), "cut off");
        Assert.That(sample.Labels[Label.Segmentation].Values, Has.Some.EqualTo(255));
    }

    [Test]
    public void A_test_small_that_shares_images_with_test_is_no_validation_part()
    {
        List(new() { ["train"] = [0, 1, 2], ["test_small"] = [3], ["test"] = [3, 4] });
        TaskonomyDataset dataset = Open();
        Expect.PartsAreWhole(dataset, train: 3, test: 2);
        Assert.That(dataset.Notices[0], Does.Contain("test_small is passed over, since it shares images with test"));
        List(new() { ["train"] = [0, 1], ["test_small"] = [2], ["test"] = [3, 4] });
        Assert.That(Open().Id(Split.Validation, 0), Is.EqualTo("2_rgb"));
    }

    [Test]
    public void Raw_normals_and_single_labels_can_be_asked_for()
    {
        TaskonomyDataset dataset = Open(new() { Labels = [Label.SurfaceNormals], DecodeNormals = false, Size = 24 });
        Assert.That(dataset.ClassWeights, Is.Empty);
        Assert.That(dataset.Fingerprints(Split.Test, 0).Keys, Is.EquivalentTo(new[] { "image", "SurfaceNormals", "Depth" }));
        Assert.That(Expect.LoadAll(dataset)["3_rgb"].Labels[Label.SurfaceNormals].Values, Is.All.Matches<float>(value => value == MathF.Round(value) && value is >= 0 and <= 255));
    }

    [TestCase(0, null, "size is 0")]
    [TestCase(256, 16, "classes is 16; the data set has 17")]
    public void An_option_out_of_range_is_named(int size, int? classes, string words) =>
        Assert.That(Assert.Throws<ConfigurationException>(() => Open(new() { Size = size, Classes = classes }))!.Message, Does.Contain(words));

    [TestCaseSource(nameof(Damage))]
    public void A_bad_file_is_named_in_one_sentence(string file, Action<DenseFolder> spoil, string[] words)
    {
        spoil(_folder);
        Expect.Error(() => Open(new() { Size = 16 }), _folder[file], words);
    }

    private static IEnumerable<TestCaseData> Damage()
    {
        string[] row = DenseLayouts.TaskonomyRow(1);
        const string ListFile = "taskonomy.json", WeightsFile = "semseg_prior_factor.npy";
        yield return Expect.Damage(ListFile, (folder, file) => File.Delete(folder[file]), "there is no such file");
        yield return Expect.Damage(ListFile, (folder, file) => folder.Write(file, """{"train": [["a"]]}"""), "entry 0", "keypoints2d");
        yield return Expect.Damage(WeightsFile, (folder, file) => File.Delete(folder[file]), "there is no such file");
        yield return Expect.Damage(WeightsFile, (folder, file) => folder.WriteArray(file, new float[16], [16]), "(16)", "(17)");
        yield return Expect.Damage(WeightsFile, (folder, file) => folder.WriteArray(file, [.. Weights.Select((w, i) => i == 3 ? -1 : w)], [17]), "the weight of class 3 is -1");
        foreach (string missing in row)
        {
            yield return Expect.Damage(missing, (folder, file) => File.Delete(folder[file]), "there is no such file");
        }

        yield return Expect.Damage(row[0], (folder, file) => folder.Write(file, File.ReadAllBytes(folder[file])[..60]), "PNG");
        yield return Expect.Damage(row[0], (folder, file) => folder.WritePng(file, Height, Width, 1, new byte[Height * Width]), "1 channels of 8 bits", "8-bit RGB");
        yield return Expect.Damage(row[1], (folder, file) => folder.WritePng(file, Height, Width, 1, Enumerable.Repeat((byte)18, Height * Width)), "class 18 at pixel (row 0, column 0)", "0 to 17");
        yield return Expect.Damage(row[3], (folder, file) => folder.WritePng(file, Height, Width, 1, new byte[Height * Width]), "16-bit depth");
        yield return Expect.Damage(row[4], (folder, file) => folder.WritePng(file, Height, Width, 3, new byte[Height * Width * 3]), "16-bit strengths");
    }

    private TaskonomyDataset Open(TaskonomyOptions? options = null) => new(_folder.Root, options);

    private void List(Dictionary<string, int[]> modes) => DenseLayouts.List(_folder, "taskonomy.json", modes, DenseLayouts.TaskonomyRow);
}
