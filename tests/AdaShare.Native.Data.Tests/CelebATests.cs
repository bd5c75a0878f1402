using System.Globalization;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.CelebA;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>CelebA: two lists and a folder of faces, each attribute a task.</summary>
public sealed class CelebATests
{
    private const int Faces = 12;

    private string _root = "";

    [SetUp]
    public void MakeFolder() => _root = Directory.CreateTempSubdirectory("celeba-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_root, recursive: true);

    [TestCase("", "", "")]
    [TestCase("Anno", "Eval", "Img")]
    public void Attributes_and_parts_are_those_of_the_lists(string lists, string parts, string images)
    {
        WriteAll(lists, parts, images);
        IDataset set = Open("Smiling", "5_o_Clock_Shadow", "Young");
        Assert.That((set.Count(Split.TrainWeights), set.Count(Split.TrainPolicy), set.Count(Split.Validation), set.Count(Split.Test)), Is.EqualTo((6, 2, 2, 2)));
        Assert.That(Enumerable.Range(0, 2).Select(i => set.Id(Split.Test, i)), Is.EqualTo(new[] { "000006", "000012" }));
        Assert.That(Enumerable.Range(0, 2).Select(i => set.Id(Split.Validation, i)), Is.EqualTo(new[] { "000005", "000011" }));
        for (int i = 0; i < set.Count(Split.Train); i++)
        {
            Sample sample = set.Load(Split.Train, i, set.Labels);
            int face = int.Parse(sample.Id, CultureInfo.InvariantCulture);
            Assert.That(sample.Image.Pixels[0], Is.EqualTo(face));
            Assert.That(set.Labels.Select(label => sample.Labels[label].Values.Single()), Is.EqualTo(new[] { 31, 0, 39 }.Select(attribute => Shows(face, attribute) ? 1f : 0)));
            Assert.That(set.Fingerprints(Split.Train, i)["Young"], Is.EqualTo(Shows(face, 39) ? "1" : "0"));
        }

        Assert.That(set.ClassNamesOf(set.Labels[0]), Is.EqualTo(new[] { "Smiling" }));
        Assert.That(set.Notices, Is.Empty);
    }

    [Test]
    public void There_are_forty_tasks()
    {
        IDatasetFormat format = DatasetRegistry.Get("CelebA");
        Assert.That(format.Tasks, Has.Count.EqualTo(40).And.All.Matches<DatasetTask>(static task => task is { Kind: "attributes", Channels: 1, Weight: 1 }));
        Assert.That(format.Tasks.Select(static task => task.Name).Distinct().Count(), Is.EqualTo(40));
        WriteAll("", "", "");
        Assert.That(format.Open(new DatasetRequest(_root)).Labels, Has.Count.EqualTo(40));
        Assert.That(format.Recognizes(_root) && !format.Recognizes(Path.GetTempPath()));
        Assert.That(() => Open("Funny"), Throws.TypeOf<ConfigurationException>().With.Message.Contains("CelebA has no task Funny; its tasks are 5_o_Clock_Shadow"));
    }

    [Test]
    public void Attributes_may_stand_in_another_order()
    {
        WriteAll("", "", "");
        string[] lines = File.ReadAllLines(AttributesPath);
        string[] turned = [lines[0], string.Join(' ', lines[1].Split(' ').Reverse()), .. lines[2..].Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var f ? string.Join("  ", f[..1].Concat(f[1..].Reverse())) : "")];
        string before = Answers(Open("Smiling", "Bald"));
        File.WriteAllText(AttributesPath, string.Join("\r\n", turned) + "\r\n");
        Assert.That(Answers(Open("Smiling", "Bald")), Is.EqualTo(before));
    }

    [Test]
    public void Images_that_no_list_names_are_said()
    {
        WriteAll("", "", "");
        File.Copy(Path.Combine(_root, "img_align_celeba", "000001.jpg"), Path.Combine(_root, "img_align_celeba", "999999.jpg"));
        Assert.That(Open("Bald").Notices, Has.Exactly(1).Contains("1 image that no list names is passed over: 999999.jpg"));
    }

    // What to replace in which list, or the line that is left out.
    [TestCase("a", "12\n", "twelve\n", "line 1: is 'twelve'; expected the number of images")]
    [TestCase("a", "12\n", "13\n", "has 12 images, its first line says 13")]
    [TestCase("a", "Bald", "Bold", "line 2: names 40 attributes; Bold is none of them; expected CelebA's 40")]
    [TestCase("a", " Young", "", "line 2: names 39 attributes; expected CelebA's 40")]
    [TestCase("a", "000003.jpg", "000003.jpg 1", "line 5: has 42 fields; expected an image and 40 attributes")]
    [TestCase("a", "000003.jpg  1", "000003.jpg  0", "line 5: attribute 5_o_Clock_Shadow is '0'; expected 1 or -1")]
    [TestCase("a", "000003.jpg", "../000003.jpg", "leads out of the folder")]
    [TestCase("a", "000003.jpg", "000002.jpg", "line 5: 000002.jpg stands in the list a second time")]
    [TestCase("p", "000003.jpg 0", "000003.jpg 3", "line 3: is '000003.jpg 3'; expected an image and 0, 1 or 2")]
    [TestCase("p", "000003.jpg 0", "000003.jpg", "line 3: is '000003.jpg'")]
    [TestCase("p", "000003.jpg", "000002.jpg", "line 3: 000002.jpg stands in the list a second time")]
    [TestCase("p", "000003.jpg", "000033.jpg", "line 3: 000033.jpg is not in")]
    [TestCase("p", "000003.jpg 0\n", "", "has no line for 000003.jpg")]
    [TestCase("p", " 2\n", " 0\n", "has 10 images of training, 2 of validation and 0 of test")]
    public void A_wrong_list_is_named(string list, string then, string now, string expected)
    {
        WriteAll("", "", "");
        string path = list == "a" ? AttributesPath : Path.Combine(_root, "list_eval_partition.txt"), text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(then));
        File.WriteAllText(path, text.Replace(then, now, StringComparison.Ordinal));
        Assert.That(() => Open("Bald"), Throws.TypeOf<DataException>().With.Message.StartsWith(path).And.Message.Contains(expected).And.Message.Not.Contains('\n'));
    }

    [TestCase("list_attr_celeba.txt")]
    [TestCase("list_eval_partition.txt")]
    [TestCase("img_align_celeba/000004.jpg")]
    public void A_missing_file_is_named(string file)
    {
        WriteAll("", "", "");
        File.Delete(Path.Combine(_root, file));
        Assert.That(() => Open("Bald"), Throws.TypeOf<DataException>().With.Message.StartsWith(Path.Combine(_root, file)).And.Message.Contains("there is no such file"));
        Assert.That(() => DatasetRegistry.Get("CelebA").Open(new DatasetRequest(Path.Combine(_root, "none"))), Throws.TypeOf<DataException>().With.Message.Contains("there is no such folder"));
    }

    [Test]
    public void An_empty_list_is_named()
    {
        WriteAll("", "", "");
        File.WriteAllText(AttributesPath, "");
        Assert.That(() => Open("Bald"), Throws.TypeOf<DataException>().With.Message.EqualTo($"{AttributesPath}: ends before the number of images; download it again"));
    }

    private string AttributesPath => Path.Combine(_root, "list_attr_celeba.txt");

    private IDataset Open(params string[] tasks) => DatasetRegistry.Get("CelebA").Open(new DatasetRequest(_root) { Tasks = [.. tasks.Select(static task => new TaskLabel(task, Label.Of(LabelKind.Attributes, task), 1))] });

    private static string Answers(IDataset set) => string.Join(' ', Enumerable.Range(0, set.Count(Split.Train)).SelectMany(i => set.Labels.Select(label => set.Load(Split.Train, i, set.Labels).Labels[label].Values[0])));

    private static bool Shows(int face, int attribute) => ((face * 7) + attribute) % 3 == 0;

    /// <summary>Faces 1 to 12; of six in a row the fifth is of validation, the sixth of the test.</summary>
    private void WriteAll(string lists, string parts, string images)
    {
        foreach (string folder in new[] { lists, parts, Path.Combine(images, "img_align_celeba") })
        {
            Directory.CreateDirectory(Path.Combine(_root, folder));
        }

        string[] names = [.. Enumerable.Range(1, Faces).Select(static face => $"{face:D6}.jpg")];
        string Attributes(int face) => string.Join(' ', Enumerable.Range(0, 40).Select(attribute => Shows(face, attribute) ? " 1" : "-1"));
        File.WriteAllText(Path.Combine(_root, lists, "list_attr_celeba.txt"), $"{Faces}\n{string.Join(' ', CelebAAttributes.Names)}\n{string.Join("", names.Select((name, i) => $"{name} {Attributes(i + 1)}\n"))}");
        File.WriteAllText(Path.Combine(_root, parts, "list_eval_partition.txt"), string.Join("", names.Select(static (name, i) => $"{name} {Math.Max(0, (i % 6) - 3)}\n")));
        for (int i = 0; i < Faces; i++)
        {
            File.WriteAllBytes(Path.Combine(_root, images, "img_align_celeba", names[i]), Png.Encode(new ByteImage(4, 5, 3, [.. Enumerable.Repeat((byte)(i + 1), 60)])));
        }
    }
}
