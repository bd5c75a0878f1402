using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>Which files of a folder are examples, what is said of the others, and what is refused before anything is read.</summary>
public sealed class NyuV2ListingTests
{
    private const string List = "nyu_v2_3task.json";

    private NyuV2Folder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new(6);

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(".PNG")]
    [TestCase(".Png")]
    public void Endings_count_in_any_letters(string ending)
    {
        File.Move(_folder.PathOf("img", 2), Path.ChangeExtension(_folder.PathOf("img", 2), ending));
        File.Move(_folder.PathOf("seg", 3), Path.ChangeExtension(_folder.PathOf("seg", 3), ending));
        File.Move(_folder.PathOf("depth", 4), Path.ChangeExtension(_folder.PathOf("depth", 4), ".NPY"));

        var set = new NyuV2Dataset(_folder.Root);

        Assert.That(Ids(set), Is.EqualTo(Enumerable.Range(0, 6).Select(NyuV2Folder.Id)));
        Assert.That(set.Notices, Is.Empty);
        foreach (Split part in new[] { Split.Train, Split.Validation, Split.Test })
        {
            for (int i = 0; i < set.Count(part); i++)
            {
                Assert.That(set.Load(part, i, set.Labels).Labels, Has.Count.EqualTo(3));
            }
        }
    }

    [Test]
    public void Two_endings_of_one_example_are_refused()
    {
        File.Copy(_folder.PathOf("img", 2), Path.ChangeExtension(_folder.PathOf("img", 2), ".PNG"));

        Assert.That(Refused(), Does.Contain("0002.PNG and 0002.png"));
    }

    [Test]
    public void Hidden_files_and_what_else_is_no_example_are_counted_and_named()
    {
        for (int i = 0; i < 6; i++)
        {
            File.WriteAllText(Path.Combine(_folder.Root, "img", $"._000{i}.png"), "Mac OS X");
        }

        File.WriteAllText(Path.Combine(_folder.Root, "seg", ".DS_Store"), "x");
        File.WriteAllText(Path.Combine(_folder.Root, "img", "photo.jpg"), "x");
        Directory.CreateDirectory(Path.Combine(_folder.Root, "img", "more"));
        Directory.CreateDirectory(Path.Combine(_folder.Root, "Edge"));
        File.WriteAllText(Path.Combine(_folder.Root, "NYU_v2_3task.json"), "{}");
        File.Copy(_folder.PathOf("seg", 0), Path.Combine(_folder.Root, "seg", "0099.png"));

        var set = new NyuV2Dataset(_folder.Root);

        Assert.That(Ids(set), Has.Length.EqualTo(6));
        Assert.That(set.Notices, Is.EquivalentTo(new[]
        {
            $"{_folder.Root}: 1 list is passed over (lists are nyu_v2_3task.json and scenes.json): NYU_v2_3task.json",
            $"{_folder.Root}: 1 folder is passed over: Edge",
            "img: 6 hidden files are passed over: ._0000.png, ._0001.png, ._0002.png, ._0003.png, ._0004.png and 1 more",
            "img: 1 folder is passed over: more",
            "img: 1 file that is no .png is passed over: photo.jpg",
            "seg: 1 hidden file is passed over: .DS_Store",
            "seg: 1 label without an image is passed over: 0099.png",
        }));
        Assert.That(((IDataset)set).Notices, Is.EqualTo(set.Notices));
    }

    [Test]
    public void Hidden_files_alone_are_no_data_set()
    {
        foreach (string path in Directory.GetFiles(Path.Combine(_folder.Root, "img")))
        {
            File.Move(path, Path.Combine(_folder.Root, "img", "._" + Path.GetFileName(path)));
        }

        Assert.That(Refused(), Does.Contain("0 images").And.Contain("6 hidden files"));
    }

    [Test]
    public void What_a_list_leaves_out_is_counted_and_named()
    {
        _folder.WriteList(new() { ["train1"] = [0], ["train2"] = [1], ["val"] = [2], ["test"] = [3] });
        string list = Path.Combine(_folder.Root, List);
        File.WriteAllText(list, File.ReadAllText(list).Replace("{\"train1\"", "{\"Test\":[],\"train1\"", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder.Root, "scenes.json"), "{}");

        var set = new NyuV2Dataset(_folder.Root);

        Assert.That(set.Notices, Is.EquivalentTo(new[]
        {
            $"{_folder.Root}: 1 list is passed over (the list is nyu_v2_3task.json): scenes.json",
            "nyu_v2_3task.json: 1 mode is passed over, as none of train, train1, train2, val, test: Test",
            "img: 2 pictures are in no part of nyu_v2_3task.json and passed over: 0004.png, 0005.png",
        }));
    }

    [TestCase("./img/0000.png")]
    [TestCase("img//0000.png")]
    [TestCase("img/../img/0000.png")]
    [TestCase("img/./0000.png")]
    public void Another_spelling_of_an_image_is_the_same_image(string spelling)
    {
        WriteOfficial(("train1", "img/0000.png"), ("train2", "img/0001.png"), ("val", "img/0002.png"), ("test", spelling));

        Assert.That(Refused(), Does.Contain(List).And.Contain("'img/0000.png' is in 'train1' and in 'test'"));
    }

    [Test]
    public void A_link_to_an_image_is_the_same_image([Values] bool inFolder)
    {
        string other = inFolder ? _folder.PathOf("img", 5) : Path.Combine(_folder.Root, "img", "alias.png");
        File.Delete(other);
        File.CreateSymbolicLink(other, "0000.png");
        WriteOfficial(("train1", "img/0000.png"), ("train2", "img/0001.png"), ("val", "img/0002.png"), ("test", "img/" + Path.GetFileName(other)));
        if (inFolder)
        {
            File.Delete(Path.Combine(_folder.Root, List));
        }

        Assert.That(Refused(), Does.Contain("the same file as").And.Contain("0000.png").And.Contain(Path.GetFileName(other)));
    }

    [Test]
    public void A_link_to_the_folder_of_images_does_not_hide_them()
    {
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "pictures"), "img");
        WriteOfficial(("train1", "img/0000.png"), ("train2", "img/0001.png"), ("val", "img/0002.png"), ("test", "pictures/0000.png"));

        Assert.That(Refused(), Does.Contain("the same file as"));
    }

    [TestCase("img")]
    [TestCase("seg")]
    [TestCase("normal_mask")]
    [TestCase("depth")]
    public void A_link_that_leads_nowhere_is_refused_at_once(string folder)
    {
        string path = _folder.PathOf(folder, 3);
        File.Delete(path);
        File.CreateSymbolicLink(path, "../../annex/0003");

        Assert.That(Refused(), Does.StartWith(path).And.Contain("is a link to ../../annex/0003, where there is no file").And.Contain("'0003'"));
    }

    [Test]
    public void A_list_that_is_a_link_to_nowhere_is_not_passed_over([Values(List, "scenes.json")] string list)
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Root, list), "nowhere.json");

        Assert.That(Refused(), Does.StartWith(Path.Combine(_folder.Root, list)).And.Contain("no such file"));
    }

    [Test]
    public void A_link_out_of_the_folder_is_followed_to_its_file()
    {
        string elsewhere = Directory.CreateTempSubdirectory("annex-").FullName;
        try
        {
            string path = _folder.PathOf("img", 3);
            File.Move(path, Path.Combine(elsewhere, "3"));
            File.CreateSymbolicLink(path, Path.Combine(elsewhere, "3"));

            Assert.That(Ids(new NyuV2Dataset(_folder.Root)), Has.Length.EqualTo(6));
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [TestCase("../0000.png", "leads out of the folder")]
    [TestCase("img/../../x/0000.png", "leads out of the folder")]
    [TestCase("..", "leads out of the folder")]
    [TestCase(".", "leads out of the folder")]
    [TestCase("/etc/passwd", "is absolute")]
    [TestCase("img/a\nb.png", "has a control character in it")]
    [TestCase("img/a\0.png", "has a control character in it")]
    public void A_list_does_not_lead_out_of_its_folder(string path, string cause)
    {
        WriteOfficial(("train1", "img/0000.png"), ("train2", "img/0001.png"), ("val", "img/0002.png"), ("test", path));
        Assert.That(Refused(), Does.StartWith(Path.Combine(_folder.Root, List)).And.Contain(cause));

        File.Delete(Path.Combine(_folder.Root, List));
        File.WriteAllText(Path.Combine(_folder.Root, "scenes.json"), JsonSerializer.Serialize(new { splits = new { train1 = new[] { "0000" }, train2 = new[] { "0001" }, val = new[] { "0002" }, test = new[] { path } } }));
        Assert.That(Refused(), Does.StartWith(Path.Combine(_folder.Root, "scenes.json")).Or.Contain("no such file"));
    }

    [Test]
    public void A_scene_in_another_folder_or_spelling_is_refused()
    {
        void Write(string test) => File.WriteAllText(
            Path.Combine(_folder.Root, "scenes.json"),
            JsonSerializer.Serialize(new { splits = new { train1 = new[] { "0000" }, train2 = new[] { "0001" }, val = new[] { "0002" }, test = new[] { test } } }));

        Write("../seg/0000");
        Assert.That(Refused(), Does.Contain("leads out of the folder img"));
        Write("./0000");
        Assert.That(Refused(), Does.Contain("'0000' is in 'train1' and in 'test'"));
    }

    [Test]
    public void Lists_that_say_two_things_are_refused()
    {
        string Row(int index) => JsonSerializer.Serialize(NyuV2Folder.Row(index));
        string list = Path.Combine(_folder.Root, List);
        File.WriteAllText(list, $$"""{"test": [{{Row(5)}}], "train": [{{Row(0)}}, {{Row(1)}}, {{Row(2)}}], "test": [{{Row(4)}}]}""");
        Assert.That(Refused(), Does.StartWith(list).And.Contain("'test'"));

        File.WriteAllText(list, $$"""{"train": [{{Row(0)}}, {{Row(1)}}], "train1": [{{Row(0).Replace("seg/0000", "seg/0003", StringComparison.Ordinal)}}], "train2": [{{Row(1)}}], "val": [{{Row(2)}}], "test": [{{Row(4)}}]}""");
        Assert.That(Refused(), Does.StartWith(list).And.Contain("'img/0000.png' has other labels"));

        File.WriteAllText(list, """{"test": [["\ud800", "b", "c", "d"]]}""");
        Assert.That(Refused(), Does.StartWith(list).And.Contain("no Unicode"));
    }

    [Test]
    public void An_empty_file_or_a_folder_in_a_files_place_is_refused_at_once()
    {
        File.WriteAllText(_folder.PathOf("seg", 1), "");
        Assert.That(Refused(), Does.StartWith(_folder.PathOf("seg", 1)).And.Contain("empty"));

        File.Delete(_folder.PathOf("seg", 1));
        Directory.CreateDirectory(_folder.PathOf("seg", 1));
        Assert.That(Refused(), Does.StartWith(_folder.PathOf("seg", 1)).And.Contain("folder").Or.Contain("no such file"));
    }

    [Test]
    public void A_device_in_a_files_place_is_refused_at_once()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("the names of devices are those of Linux");
        }

        File.Delete(_folder.PathOf("depth", 1));
        File.CreateSymbolicLink(_folder.PathOf("depth", 1), "/dev/zero");

        Assert.That(Refused(), Does.StartWith(_folder.PathOf("depth", 1)).And.Contain("a device"));
    }

    private void WriteOfficial(params (string Mode, string Image)[] examples) => File.WriteAllText(
        Path.Combine(_folder.Root, List),
        JsonSerializer.Serialize(examples.ToDictionary(example => example.Mode, example => (string[][])[[example.Image, .. NyuV2Folder.Row(1)[1..]]])));

    private string Refused()
    {
        string message = Assert.Throws<DataException>(() => _ = new NyuV2Dataset(_folder.Root))!.Message;
        Assert.That(message, Does.Not.Contain("\n"));
        return message;
    }

    private static string[] Ids(NyuV2Dataset set) =>
        [.. new[] { Split.Train, Split.Validation, Split.Test }.SelectMany(part => Enumerable.Range(0, set.Count(part)).Select(i => set.Id(part, i))).Order(StringComparer.Ordinal)];
}
