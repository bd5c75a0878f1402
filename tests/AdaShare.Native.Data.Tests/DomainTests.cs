using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Domains;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>PACS, Office-31, Office-Home and DomainNet: domains as tasks, with lists, with the official code's description, and as bare folders.</summary>
public sealed class DomainTests
{
    private DomainFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("PACS", 7, "art_painting,cartoon,photo,sketch")]
    [TestCase("Office-31", 31, "amazon,dslr,webcam")]
    [TestCase("Office-Home", 65, "Art,Clipart,Product,Real_World")]
    [TestCase("DomainNet", 345, "real,painting,quickdraw,clipart,infograph,sketch")]
    public void Each_domain_is_a_task(string format, int classes, string domains) => Assert.That(
        DatasetRegistry.Get(format).Tasks, Is.EqualTo(domains.Split(',').Select(name => new DatasetTask(name, "class", classes))));

    [Test]
    public void Bare_folders_are_divided_each_domain_for_itself()
    {
        Folders("photo", 10);
        Folders("sketch", 20);
        IDataset set = _folder.Open("PACS");
        Assert.That(set.Labels.Select(static label => label.Name), Is.EqualTo(new[] { "photo", "sketch" }));
        Assert.That(set.Parts.Select(static part => string.Join(',', part.Tasks)), Is.EqualTo(new[] { "photo", "sketch" }));
        IDataset photo = set.Parts[0].Dataset, sketch = set.Parts[1].Dataset;
        Assert.That(Counts(photo), Is.EqualTo(new[] { 12, 3, 2, 3 }), "20 pictures: 15 % test, 10 % validation, a fifth of the rest for the policy");
        Assert.That(Counts(sketch), Is.EqualTo(new[] { 24, 6, 4, 6 }));
        Assert.That(photo.ClassNamesOf(photo.Labels[0]), Is.EqualTo(new[] { "dog", "house" }));
        Assert.That(Ids(photo, Split.Train).Concat(Ids(photo, Split.Validation)).Concat(Ids(photo, Split.Test)).Distinct().Count(), Is.EqualTo(20));
        foreach (IDataset part in new[] { photo, sketch })
        {
            for (int i = 0; i < part.Count(Split.Train); i++)
            {
                Sample sample = part.Load(Split.Train, i, part.Labels);
                string[] path = sample.Id.Split('/');
                Assert.That(sample.Labels[part.Labels[0]].Values, Is.EqualTo(new[] { path[1] == "dog" ? 0f : 1 }));
                Assert.That(sample.Image.Pixels[..3].ToArray(), Is.EqualTo(new[] { (byte)int.Parse(path[2][4..]), (byte)(path[1] == "dog" ? 0 : 1), (byte)(path[0] == "photo" ? 0 : 1) }), sample.Id);
            }
        }
    }

    [Test]
    public void The_same_folder_gives_the_same_parts()
    {
        Folders("photo", 10);
        string[] first = [.. Ids(_folder.Open("PACS"), Split.Test)];
        Assert.That(Ids(_folder.Open("PACS"), Split.Test), Is.EqualTo(first));
    }

    [Test]
    public void A_class_has_one_number_in_all_domains()
    {
        _folder.Add("photo", "zebra", 6);
        _folder.Add("photo", "ant", 6);
        _folder.Add("sketch", "zebra", 6);
        _folder.Add("sketch", "moth", 6);
        IDataset sketch = _folder.Open("PACS", 0.1, "sketch");
        Assert.That(sketch.ClassNamesOf(sketch.Labels[0]), Is.EqualTo(new[] { "ant", "moth", "zebra" }), "whichever tasks are chosen");
        Assert.That(Enumerable.Range(0, sketch.Count(Split.Train)).Select(i => sketch.Load(Split.Train, i, sketch.Labels).Labels[sketch.Labels[0]].Values[0]).Distinct().Order(), Is.EqualTo(new[] { 1f, 2 }));
    }

    [Test]
    public void Domains_may_lie_where_their_authors_put_them()
    {
        _folder.Add("kfold/photo", "dog", 6);
        _folder.Add("kfold/photo", "cat", 6);
        Assert.That(_folder.Open("PACS").Count(Split.Train), Is.GreaterThan(0));
        _folder.Add("amazon/images", "mug", 6);
        _folder.Add("amazon/images", "pen", 6);
        Assert.That(Ids(_folder.Open("Office-31"), Split.Train), Is.All.StartsWith("amazon/images/"));
        _folder.Add("Real World", "Mug", 6);
        _folder.Add("Real World", "Pen", 6);
        Assert.That(_folder.Open("Office-Home").Labels.Select(static label => label.Name), Is.EqualTo(new[] { "Real_World" }));
        _folder.Add("domain_net/clip", "mug", 6);
        _folder.Add("domain_net/clip", "pen", 6);
        Assert.That(_folder.Open("DomainNet", 0.1, "clipart").Labels.Select(static label => label.Name), Is.EqualTo(new[] { "clipart" }));
    }

    [Test]
    public void Lists_state_parts_and_numbers_of_classes()
    {
        OfficeWithLists();
        IDataset set = _folder.Open("Office-Home");
        IDataset art = set.Parts[0].Dataset;
        Assert.That(art.ClassNamesOf(art.Labels[0]), Is.EqualTo(new[] { "Pen", "Mug" }), "in the order of the lists");
        Assert.That(Ids(art, Split.Test), Is.EqualTo(new[] { "Art/Mug/pic_004", "Art/Pen/pic_004" }));
        Assert.That(Ids(art, Split.Validation), Is.EqualTo(new[] { "Art/Mug/pic_003", "Art/Pen/pic_003" }));
        Assert.That(Ids(art, Split.Train), Is.EqualTo(new[] { "Art/Mug/pic_001", "Art/Mug/pic_002", "Art/Pen/pic_001", "Art/Pen/pic_002" }));
        Assert.That(Counts(art), Is.EqualTo(new[] { 3, 1, 2, 2 }));
        Assert.That(art.Load(Split.Test, 0, art.Labels).Labels[art.Labels[0]].Values, Is.EqualTo(new[] { 1f }));
        Assert.That(set.Parts[1].Dataset.Load(Split.Test, 1, set.Parts[1].Dataset.Labels).Labels[set.Labels[1]].Values, Is.EqualTo(new[] { 0f }));
        Assert.That(art.Fingerprints(Split.Test, 0)["Art"], Is.EqualTo("1"));
    }

    [Test]
    public void PACS_counts_classes_from_one_and_is_tested_on_its_crossval_lists()
    {
        _folder.Add("photo", "dog", 5);
        _folder.Add("photo", "cat", 5);
        string[] all = [.. Enumerable.Range(1, 5).SelectMany(i => new[] { $"photo/dog/pic_00{i}.jpg 1", $"photo/cat/pic_00{i}.jpg 2" })];
        _folder.Write("splits/photo_train_kfold.txt", all[..8]);
        _folder.Write("splits/photo_crossval_kfold.txt", all[8..]);
        _folder.Write("splits/photo_test_kfold.txt", all);
        IDataset set = _folder.Open("PACS");
        Assert.That(Ids(set, Split.Test), Is.EqualTo(new[] { "photo/cat/pic_005", "photo/dog/pic_005" }));
        Assert.That(Counts(set), Is.EqualTo(new[] { 6, 1, 1, 2 }));
        Assert.That(set.ClassNamesOf(set.Labels[0]), Is.EqualTo(new[] { "dog", "cat" }));
    }

    [Test]
    public void DomainNet_has_the_official_lists_and_those_of_the_official_code()
    {
        _folder.Add("clipart", "aircraft_carrier", 6, name2: "clipart_001");
        _folder.Add("clipart", "airplane", 6, name2: "clipart_002");
        string[] lines = [.. new[] { (1, "aircraft_carrier"), (2, "airplane") }.SelectMany(c => Enumerable.Range(1, 6).Select(i => $"clipart/{c.Item2}/clipart_00{c.Item1}_00{i}.jpg {c.Item1 - 1}"))];
        _folder.Write("clipart_train.txt", lines[2..6].Concat(lines[8..]).ToArray());
        _folder.Write("clipart_test.txt", lines[..2].Concat(lines[6..8]).ToArray());
        IDataset listed = _folder.Open("DomainNet");
        Assert.That(Counts(listed), Is.EqualTo(new[] { 6, 1, 1, 4 }));
        Assert.That(Ids(listed, Split.Test), Is.EqualTo(new[] { "clipart/aircraft_carrier/clipart_001_001", "clipart/aircraft_carrier/clipart_001_002", "clipart/airplane/clipart_002_001", "clipart/airplane/clipart_002_002" }));

        // The official code's own: lines of two lists for all domains, by numbers from 0.
        _folder.Write("train.txt", lines[..8]);
        _folder.Write("test.txt", lines[8..]);
        _folder.Write("DomainNet.json", """{"train": {"clipart": [0, 1, 2, 5, 6, 7]}, "train1": {"clipart": [0, 6, 7]}, "train2": {"clipart": [1]}, "val": {"clipart": [0, 3]}, "test": {"clipart": [1, 3]}}""");
        IDataset described = _folder.Open("DomainNet");
        Assert.That(Counts(described), Is.EqualTo(new[] { 3, 1, 1, 2 }));
        Assert.That(described.Count(Split.Train), Is.EqualTo(6), "train1 and train2 are parts of train");
        Assert.That(Ids(described, Split.Test), Is.EqualTo(new[] { "clipart/airplane/clipart_002_004", "clipart/airplane/clipart_002_006" }));
        Assert.That(Ids(described, Split.Validation), Is.EqualTo(new[] { "clipart/airplane/clipart_002_003" }), "a test picture selects nothing");
        Assert.That(described.Notices, Has.Some.Contains("1 of 2 pictures of clipart at val are test pictures"));

        _folder.Write("DomainNet.json", """{"train": {"clipart": [0, 1, 2, 5, 6, 7]}, "test": {"clipart": [1, 3]}}""");
        Assert.That(Counts(_folder.Open("DomainNet", 0.2)), Is.EqualTo(new[] { 4, 1, 1, 2 }), "what is not stated is held out and divided");
    }

    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg", "Art_train.txt, line 1: is 'Art/Pen/pic_001.jpg'; expected a path, a blank and a class from 0 to 64")]
    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg 65", "a class from 0 to 64")]
    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg -1", "a class from 0 to 64")]
    [TestCase("Art_train.txt", "../pic_001.jpg 0", "leads out of the folder")]
    [TestCase("Art_train.txt", "pic_001.jpg 0", "lies in no folder of a class")]
    [TestCase("Art_train.txt", "", "Art_train.txt: is empty")]
    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg 0\nArt/Mug/pic_001.jpg 0", "line 2: class 0 is Mug here and Pen elsewhere")]
    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg 0\nArt/Pen/pic_001.jpg 0", "is twice in")]
    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg 0\nArt/Pen/pic_004.jpg 0", "the parts must not share examples")]
    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg 0\nArt/Pen/pic_009.jpg 0", "pic_009.jpg: there is no such file")]
    [TestCase("Art_train.txt", "Art/Pen/pic_001.jpg 0", "can't be divided into validation, weights and policy")]
    [TestCase("Clipart_val.txt", null, "Clipart_val.txt: there is no such list, though other lists of Office-Home are there")]
    public void A_wrong_list_is_named(string file, string? text, string expected)
    {
        OfficeWithLists();
        if (text is null)
        {
            File.Delete(_folder.PathOf(file));
        }
        else
        {
            _folder.Write(file, text.Split('\n'));
        }

        Refused(() => _folder.Open("Office-Home"), expected);
    }

    [TestCase("[]", "is no description of parts")]
    [TestCase("{\"test\": {\"real\": [0.5]}}", "is no description of parts")]
    [TestCase("{\"test\": {\"real\": [12]}, \"train\": {\"real\": [0]}}", "names line 12 for real at test; its list has 12 lines")]
    [TestCase("{\"test\": {\"real\": [-1]}, \"train\": {\"real\": [0]}}", "names line -1")]
    [TestCase("{\"test\": {\"sketch\": [0]}}", "has no pictures of real to test")]
    [TestCase("{\"test\": {\"real\": [0]}}", "has no pictures of real to train")]
    public void A_wrong_description_is_named(string json, string expected)
    {
        _folder.Add("real", "dog", 12);
        string[] lines = [.. Enumerable.Range(1, 12).Select(i => $"real/dog/pic_{i:D3}.jpg 0")];
        _folder.Write("train.txt", lines);
        _folder.Write("test.txt", lines);
        _folder.Write("DomainNet.json", json);
        Refused(() => _folder.Open("DomainNet"), expected);
    }

    [Test]
    public void What_is_no_such_folder_is_said()
    {
        Refused(() => _folder.Open("PACS"), "has none of the domains of PACS (art_painting, cartoon, photo, sketch)");
        Directory.CreateDirectory(_folder.PathOf("photo"));
        Refused(() => _folder.Open("PACS"), "have no folders of classes; expected 2 to 7");
        for (int c = 0; c < 8; c++)
        {
            _folder.Add("photo", $"class{c}", 2);
        }

        Refused(() => _folder.Open("PACS"), "have 8 folders (class0, class1, class2, …) of classes; expected 2 to 7");
        Directory.CreateDirectory(_folder.PathOf("sketch"));
        Directory.Delete(_folder.PathOf("photo/class7"), recursive: true);
        Refused(() => _folder.Open("PACS"), "sketch: has no folders of classes");
        Assert.That(() => _folder.Open("PACS", 0.1, "cartoon"), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("tasks: PACS has no task cartoon; its tasks are photo, sketch"));
        Assert.That(() => DatasetRegistry.Get("PACS").Open(new DatasetRequest(_folder.Root) { Tasks = [new TaskLabel("photo", Label.Depth, 1)] }),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("the labels of task photo are Class of 1 channel in PACS, not Depth"));
        Directory.Delete(_folder.Root, recursive: true);
        Refused(() => _folder.Open("PACS"), "there is no such folder");
        Directory.CreateDirectory(_folder.Root);
    }

    [Test]
    public void What_is_no_picture_is_passed_over_or_named()
    {
        Folders("photo", 10);
        _folder.Write("photo/dog/Thumbs.db", "x");
        _folder.Write("photo/dog/.hidden.jpg", "x");
        Assert.That(_folder.Open("PACS").Notices, Has.Some.Contains("Thumbs.db"));
        File.WriteAllText(_folder.PathOf("photo/dog/pic_003.jpg"), "no picture");
        IDataset set = _folder.Open("PACS");
        Refused(() =>
        {
            foreach (Split split in new[] { Split.Train, Split.Validation, Split.Test })
            {
                for (int i = 0; i < set.Count(split); i++)
                {
                    set.Load(split, i, set.Labels);
                }
            }
        }, "pic_003.jpg: begins with");
        File.WriteAllText(_folder.PathOf("photo/dog/pic_003.jpg"), "");
        Refused(() => _folder.Open("PACS"), "pic_003.jpg: is empty");
    }

    [Test]
    public void A_folder_is_recognized_by_its_domains()
    {
        Folders("photo", 1);
        Folders("sketch", 1);
        Assert.That(DomainFormat.All.Where(format => format.Recognizes(_folder.Root)).Select(static format => format.Name), Is.EqualTo(new[] { "PACS" }));
        Assert.That(DomainFormat.All.Where(format => format.Recognizes(_folder.PathOf("photo"))), Is.Empty);
    }

    private void Folders(string domain, int each)
    {
        _folder.Add(domain, "dog", each);
        _folder.Add(domain, "house", each);
    }

    private void OfficeWithLists()
    {
        foreach (string domain in new[] { "Art", "Clipart" })
        {
            _folder.Add(domain, "Pen", 4);
            _folder.Add(domain, "Mug", 4);
            string[] lines = [.. new[] { ("Pen", 0), ("Mug", 1) }.SelectMany(c => Enumerable.Range(1, 4).Select(i => $"{domain}/{c.Item1}/pic_00{i}.jpg {c.Item2}"))];
            _folder.Write($"{domain}_train.txt", [lines[0], lines[1], lines[4], lines[5]]);
            _folder.Write($"{domain}_val.txt", [lines[2], lines[6]]);
            _folder.Write($"{domain}_test.txt", [lines[3], lines[7]]);
        }
    }

    private static int[] Counts(IDataset set) => [set.Count(Split.TrainWeights), set.Count(Split.TrainPolicy), set.Count(Split.Validation), set.Count(Split.Test)];

    private static IEnumerable<string> Ids(IDataset set, Split split) => Enumerable.Range(0, set.Count(split)).Select(i => set.Id(split, i));

    private static void Refused(Action act, string expected) =>
        Assert.That(() => act(), Throws.TypeOf<DataException>().With.Message.Contains(expected).And.Message.Not.Contains('\n').And.Message.Not.Contains("dataset.yaml"));
}
