using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Cityscapes;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>CityScapes as the official AdaShare code stores it.</summary>
public sealed class CityscapesTests
{
    private const int Count = 5, Height = 128, Width = 256;
    private static readonly Sample[] Scenes = DenseScenes.Draw(Count, Height, Width);

    private DenseFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new();
        DenseLayouts.Cityscapes(_folder, Scenes);
        List(new() { ["train"] = [0, 1, 2], ["test"] = [3, 4] });
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(2)]
    [TestCase(7)]
    [TestCase(19)]
    public void Planes_are_those_that_numpy_reads(int classes)
    {
        CityscapesDataset dataset = Open(new() { Classes = classes, SmallResolution = true });
        Assert.That(dataset.ClassesOf(Label.Segmentation), Is.EqualTo(classes));
        Expect.PartsAreWhole(dataset, train: 3, test: 2);
        Expect.SameAsPython(dataset, "cityscapes", _folder.Root, classes);
    }

    [Test]
    public void Planes_are_the_scenes()
    {
        Sample sample = Expect.LoadAll(Open())["3"];
        Assert.That(sample.Image.Pixels.SequenceEqual(Scenes[3].Image.Pixels), Is.True);
        Expect.Same(sample.Labels[Label.Segmentation].Values, DenseScenes.Classes(Scenes[3], 19, ignored: 255), 0, "classes");
        Expect.Same(sample.Labels[Label.Depth].Values, DenseScenes.Depth(Scenes[3]).Select(depth => Math.Min(0.9f, depth / 20)), 0, "depth");
        Assert.That(Open().CountsVoidAsWrong, Is.True);
        Assert.That(Open().ClassNamesOf(Label.Segmentation)[18], Is.EqualTo("bicycle"));
    }

    [Test]
    public void The_parts_are_those_of_the_list()
    {
        List(new() { ["train1"] = [0], ["train2"] = [1], ["val"] = [2], ["test"] = [3, 4], ["extra"] = [] });
        CityscapesDataset dataset = Open();
        Assert.That(Expect.Parts.Select(part => dataset.Id(part, 0)), Is.EqualTo(new[] { "0", "1", "2", "3" }));
        Assert.That(dataset.Notices, Is.EqualTo(new[]
        {
            "cityscape.json: 1 mode is passed over, as none of train, train1, train2, val, test: extra", "depth is inverse depth, the disparity's code / 65535",
        }));
    }

    [Test]
    public void The_size_is_that_of_small_res()
    {
        Expect.Error(() => Open(new()), _folder["image/0.npy"], "128x256; expected 256x512, since small_res is False; give small_res True");
        var list = Directory.GetFiles(_folder["image"]);
        foreach (string file in list)
        {
            _folder.WriteArray(Path.GetRelativePath(_folder.Root, file), new float[64 * 64 * 3], [64, 64, 3]);
        }

        Expect.Error(() => Open(), _folder["image/0.npy"], "64x64; expected 128x256");
    }

    [Test]
    public void A_number_of_classes_that_is_not_there_is_refused() =>
        Assert.That(Assert.Throws<ConfigurationException>(() => Open(new() { Classes = 20 }))!.Message, Does.Contain("classes is 20; the list has labels of 2, 7 and 19 classes"));

    [TestCaseSource(nameof(Damage))]
    public void A_bad_file_is_named_in_one_sentence(string file, Action<DenseFolder> spoil, string[] words)
    {
        spoil(_folder);
        Expect.Error(() => Open(), _folder[file], words);
    }

    private static IEnumerable<TestCaseData> Damage()
    {
        const string ListFile = "cityscape.json";
        yield return Expect.Damage(ListFile, folder => File.Delete(folder[ListFile]), "there is no such file", "give the folder");
        yield return Expect.Damage(ListFile, folder => folder.Write(ListFile, "{"), "not JSON");
        yield return Expect.Damage(ListFile, folder => folder.Write(ListFile, "[]"), "expected an object");
        yield return Expect.Damage(ListFile, folder => folder.Write(ListFile, """{"train": [["a", "b"]]}"""), "entry 0", "[image, depth, label2, label7, label19]");
        yield return Expect.Damage(ListFile, folder => folder.Write(ListFile, """{"train": [["../a", "b", "c", "d", "e"]]}"""), "'../a' leads out of the folder");
        yield return Expect.Damage(ListFile, folder => folder.Write(ListFile, JsonSerializer.Serialize(new Dictionary<string, string[][]> { ["train"] = [DenseLayouts.CityscapesRow(0), DenseLayouts.CityscapesRow(1)], ["test"] = [DenseLayouts.CityscapesRow(1)] })), "in 'train1' and in 'test'");
        yield return Expect.Damage(ListFile, folder => folder.Write(ListFile, JsonSerializer.Serialize(new Dictionary<string, string[][]> { ["train"] = [DenseLayouts.CityscapesRow(0), DenseLayouts.CityscapesRow(1)] })), "expected test");
        yield return Expect.Damage("label19/4.npy", folder => File.Delete(folder["label19/4.npy"]), "there is no such file");
        yield return Expect.Damage("depth/2.npy", folder => folder.WriteArray("depth/2.npy", [.. Enumerable.Repeat(2f, Height * Width)], [Height, Width, 1]), "depth is 2", "inverse depth");
        yield return Expect.Damage("label19/1.npy", folder => folder.WriteArray("label19/1.npy", [.. Enumerable.Repeat(19f, Height * Width)], [Height, Width]), "segmentation label 19");
    }

    private CityscapesDataset Open(CityscapesOptions? options = null) => new(_folder.Root, options ?? new() { SmallResolution = true });

    private void List(Dictionary<string, int[]> modes) => DenseLayouts.List(_folder, "cityscape.json", modes, DenseLayouts.CityscapesRow);
}
