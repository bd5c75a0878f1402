using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Mtan;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>The .npy folders of MTAN and LibMTL, written from procedural scenes.</summary>
public sealed class MtanTests
{
    private const int Train = 5, Test = 2, Height = DenseScenes.Height, Width = DenseScenes.Width;
    private static readonly Sample[] Scenes = DenseScenes.Draw(Train + Test);

    private DenseFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void NyuV2_planes_are_the_scenes()
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);

        MtanDataset dataset = Nyu();
        Dictionary<string, Sample> samples = Expect.LoadAll(dataset);

        Assert.That(dataset.Labels, Is.EqualTo(new[] { Label.Segmentation, Label.SurfaceNormals, Label.Depth }));
        Assert.That(dataset.ClassesOf(Label.Segmentation), Is.EqualTo(13));
        Assert.That(dataset.ClassNamesOf(Label.Segmentation)[11], Is.EqualTo("wall"));
        Assert.That(dataset.Notices, Is.Empty);
        Expect.PartsAreWhole(dataset, Train, Test);
        foreach ((string id, Sample scene) in Ids().Zip(Scenes))
        {
            Sample sample = samples[id];
            Assert.That(sample.Image.Pixels.SequenceEqual(scene.Image.Pixels), Is.True, id);
            Assert.That(sample.Labels[Label.Segmentation].Values, Is.EqualTo(DenseScenes.Classes(scene, 13, ignored: 255)), id);
            Assert.That(sample.Labels[Label.Depth].Values, Is.EqualTo(DenseScenes.Depth(scene)), id);
            Assert.That(sample.Labels[Label.SurfaceNormals].Values, Is.EqualTo(DenseLayouts.Masked(scene.Labels[Label.SurfaceNormals].Values, 255)), id);
        }
    }

    [Test]
    public void NyuV2_planes_are_those_that_numpy_reads()
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);
        Expect.SameAsPython(Nyu(), "mtan_nyu", _folder.Root, 0);
    }

    [Test]
    public void Cityscapes_planes_are_those_that_numpy_reads_for_each_set_of_classes()
    {
        DenseLayouts.MtanCityscapes(_folder, Scenes, Train);
        foreach (int classes in new[] { 2, 7, 19 })
        {
            var dataset = new MtanDataset(_folder.Root, MtanLayout.Cityscapes, new() { Classes = classes });
            Assert.That(dataset.Labels, Is.EqualTo(new[] { Label.Segmentation, Label.Depth }));
            Assert.That(dataset.ClassesOf(Label.Segmentation), Is.EqualTo(classes));
            Expect.PartsAreWhole(dataset, Train, Test);
            Expect.SameAsPython(dataset, "mtan_cityscapes", _folder.Root, classes);
        }
    }

    [Test]
    public void Raw_normals_are_whole_numbers_below_255()
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);
        float[] raw = Expect.LoadAll(Nyu(new() { DecodeNormals = false }))["train-0000"].Labels[Label.SurfaceNormals].Values;
        float[] expected = DenseLayouts.Masked(Array.ConvertAll(Scenes[0].Labels[Label.SurfaceNormals].Values, value => Math.Min(254, MathF.Round((value + 1) * 127.5f))), 255);
        Assert.That(raw, Is.EqualTo(expected));
    }

    [Test]
    public void Only_the_labels_asked_for_are_needed()
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);
        Directory.Delete(_folder["train/depth"], recursive: true);

        Assert.That(Nyu().Labels, Is.EqualTo(new[] { Label.Segmentation, Label.SurfaceNormals }));
        Assert.That(Expect.LoadAll(Nyu(new() { Labels = [Label.SurfaceNormals] }))["val-0001"].Labels.Keys, Is.EqualTo(new[] { Label.SurfaceNormals }));
        Expect.Error(() => Nyu(new() { Labels = [Label.Depth] }), _folder["train/depth/0.npy"], "there is no such file");
    }

    [Test]
    public void A_fingerprint_follows_its_file()
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);
        MtanDataset dataset = Nyu();
        var before = dataset.Fingerprints(Split.Test, 0);
        _folder.WriteArray("val/depth/0.npy", DenseScenes.Depth(Scenes[0]), [Height, Width, 1]);

        var after = dataset.Fingerprints(Split.Test, 0);

        Assert.That(after.Where(file => before[file.Key] != file.Value).Select(file => file.Key), Is.EqualTo(new[] { "Depth" }));
        Assert.That(after.Keys, Is.EquivalentTo(new[] { "image", "Segmentation", "SurfaceNormals", "Depth" }));
    }

    [Test]
    public void The_parts_depend_on_the_seed_alone()
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);
        static string[] Ids(IDataset dataset) => [.. Expect.Parts.SelectMany(part => Enumerable.Range(0, dataset.Count(part)).Select(i => $"{part} {dataset.Id(part, i)}"))];
        string[] first = Ids(Nyu()), again = Ids(Nyu());
        Assert.That(again, Is.EqualTo(first));
        Assert.That(Enumerable.Range(2, 5).Select(seed => string.Join(" ", Ids(Nyu(new() { Seed = (ulong)seed })))).Distinct().Count(), Is.GreaterThan(1));
    }

    [Test]
    public void The_folder_of_the_classes_is_chosen_by_their_number_or_named()
    {
        DenseLayouts.MtanCityscapes(_folder, Scenes, Train);
        MtanDataset Open(MtanOptions? options = null) => new(_folder.Root, MtanLayout.Cityscapes, options);
        Assert.That(Assert.Throws<ConfigurationException>(() => Open())!.Message, Does.Contain("label_2, label_7, label_19; say which by the number of classes"));
        Assert.That(Assert.Throws<ConfigurationException>(() => Open(new() { Classes = 5 }))!.Message, Does.Contain("classes is 5").And.Contain("give one of 2, 7, 19"));
        Assert.That(Open(new() { LabelFolder = "label_19" }).ClassesOf(Label.Segmentation), Is.EqualTo(19));
        foreach (string part in new[] { "train", "val" })
        {
            Directory.Delete(_folder[part + "/label_2"], recursive: true);
            Directory.Delete(_folder[part + "/label_19"], recursive: true);
        }

        Assert.That(Open().ClassesOf(Label.Segmentation), Is.EqualTo(7));
        foreach (string part in new[] { "train", "val" })
        {
            Directory.Move(_folder[part + "/label_7"], _folder[part + "/label"]);
        }

        Assert.That(Open().ClassesOf(Label.Segmentation), Is.EqualTo(7));
        Assert.That(Open().ClassNamesOf(Label.Segmentation)[6], Is.EqualTo("vehicle"));
    }

    [Test]
    public void What_is_passed_over_is_said()
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);
        _folder.Write("train/image/cover.npy", "x");
        _folder.Write("train/image/notes.txt", "x");
        _folder.Write("train/label/9.npy", "x");
        _folder.Write("train/part_seg/0.npy", "x");
        _folder.Write("test/image/0.npy", "x");

        string notices = string.Join("\n", Nyu().Notices);

        Assert.That(notices, Does.Contain("1 folder is passed over: test"));
        Assert.That(notices, Does.Contain("train: 1 folder is passed over: part_seg"));
        Assert.That(notices, Does.Contain("train/image: 1 file whose name is no number is passed over: cover.npy"));
        Assert.That(notices, Does.Contain("notes.txt"));
        Assert.That(notices, Does.Contain("train/label: 1 label without an image is passed over: 9.npy"));
    }

    [TestCaseSource(nameof(Damage))]
    public void A_bad_file_is_named_in_one_sentence(string file, Action<DenseFolder> spoil, string[] words)
    {
        DenseLayouts.MtanNyu(_folder, Scenes, Train);
        spoil(_folder);
        Expect.Error(() => Nyu(), _folder[file], words);
    }

    [TestCase("classes is 0, which is out of range", 0, 0.1)]
    [TestCase("validation fraction is 0.6", 13, 0.6)]
    public void An_option_out_of_range_is_named(string words, int classes, double fraction) => Assert.That(
        Assert.Throws<ConfigurationException>(() => Nyu(new() { Classes = classes, ValidationFraction = fraction }))!.Message, Does.Contain(words));

    [Test]
    public void A_label_that_the_layout_lacks_is_named() => Assert.That(
        Assert.Throws<ConfigurationException>(() => Nyu(new() { Labels = [Label.Edges] }))!.Message, Does.Contain("labels are 'Edges'").And.Contain("Segmentation, SurfaceNormals, Depth"));

    private static IEnumerable<TestCaseData> Damage()
    {
        int[] picture = [Height, Width, 3], plane = [Height, Width];
        yield return Expect.Damage("val/image", folder => Directory.Delete(folder["val/image"], recursive: true), "there is no such folder", "give the folder");
        yield return Expect.Damage("train/image/2.npy", folder => File.Delete(folder["train/image/2.npy"]), "images up to 4.npy", "without a gap");
        yield return Expect.Damage("train/label/1.npy", folder => File.Delete(folder["train/label/1.npy"]), "there is no such file", "'train-0001' needs it");
        yield return Expect.Damage("val/normal/1.npy", folder => folder.Write("val/normal/1.npy", ""), "is empty");
        yield return Expect.Damage("train/image/3.npy", folder => folder.WriteArray("train/image/3.npy", new float[3 * Height * Width], [3, Height, Width]), "(3, 24, 32)", "(rows, columns, 3)");
        yield return Expect.Damage("train/image/3.npy", folder => folder.WriteArray("train/image/3.npy", Filled(3, 255), picture), "image value 255 at pixel (row 0, column 0)", "from 0 to 1");
        yield return Expect.Damage("train/image/3.npy", folder => folder.WriteArray("train/image/3.npy", Filled(3, float.NaN), picture), "image value NaN");
        yield return Expect.Damage("train/label/0.npy", folder => folder.WriteArray("train/label/0.npy", Filled(1, 13), plane), "segmentation label 13", "0 to 12, or -1 to ignore");
        yield return Expect.Damage("train/label/0.npy", folder => folder.WriteArray("train/label/0.npy", Filled(1, 0.5f), plane), "segmentation label 0.5", "whole numbers");
        yield return Expect.Damage("train/label/0.npy", folder => folder.WriteArray("train/label/0.npy", new float[12], [3, 4]), "(3, 4)", "(24, 32)");
        yield return Expect.Damage("train/depth/0.npy", folder => folder.WriteArray("train/depth/0.npy", Filled(1, -1), plane), "depth is -1", "metres");
        yield return Expect.Damage("train/depth/0.npy", folder => folder.WriteArray("train/depth/0.npy", Filled(1, 1500), plane), "depth is 1500");
        yield return Expect.Damage("train/normal/0.npy", folder => folder.WriteArray("train/normal/0.npy", Filled(3, 127), picture), "surface normals have 127", "unit vectors");
        yield return Expect.Damage("train/normal/0.npy", folder => folder.WriteArray("train/normal/0.npy", Filled(1, 0), plane), "(24, 32)", "(24, 32, 3)");
        yield return Expect.Damage("train/depth/0.npy", folder => folder.Write("train/depth/0.npy", "no array"), "not a .npy file");
        yield return Expect.Damage("train/depth/0.npy", folder => folder.Write("train/depth/0.npy", File.ReadAllBytes(folder["train/depth/0.npy"])[..^1]), "truncated .npy");
        yield return Expect.Damage("", folder => Array.ForEach([1, 2, 3, 4], number => File.Delete(folder[$"train/image/{number}.npy"])), "1 images in train and 2 in val", "at least 3 and 1");
    }

    private static float[] Filled(int channels, float value)
    {
        var values = new float[Height * Width * channels];
        values[0] = value;
        return values;
    }

    private static IEnumerable<string> Ids() => Enumerable.Range(0, Train).Select(i => $"train-{i:D4}").Concat(Enumerable.Range(0, Test).Select(i => $"val-{i:D4}"));

    private MtanDataset Nyu(MtanOptions? options = null) => new(_folder.Root, MtanLayout.NyuV2, options);
}
