using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Folder;

[TestFixture]
internal sealed class FolderDatasetTests
{
    private const string Everything = """
        name: everything
        images: "img/*"
        tasks:
          mask: {kind: seg, files: "mask/{stem}.png", classes: [none, cat, dog], ignore: 9, class_weights: [0.5, 1, 2]}
          paint: {kind: seg, files: "paint/{stem}.png", classes: 2, colors: ["#000000", "#ff8000"], ignore: -1}
          far: {kind: depth, files: "far/{stem}.npy", scale: 0.001, weight: 2}
          side: {kind: sn, files: "side/{stem}.png"}
          edge: {kind: edge, files: "edge/{stem}.npy", offset: -0.5, scale: 2}
          tags: {kind: attributes, table: labels.csv, image: file, columns: [wet, big]}
          age: {kind: values, table: labels.csv, image: file, columns: [age], scale: 0.1}
          room: {kind: class, table: labels.csv, image: file, column: room}
        """;

    [Test]
    public void Every_kind_of_label_is_read_as_the_description_says()
    {
        using var folder = new OwnFolder(Everything);
        Fill(folder);

        IDataset data = folder.Open();
        Sample sample = OwnFolder.Load(data, "img/01");
        float[] Of(string name) => sample.Labels.Single(pair => pair.Key.Name == name).Value.Values;

        Assert.That(data.Name, Is.EqualTo("everything"));
        Assert.That(Of("mask"), Is.EqualTo(Enumerable.Range(0, 12).Select(static p => p == 5 ? 255f : p % 3)));
        Assert.That(Of("paint"), Is.EqualTo(Enumerable.Range(0, 12).Select(static p => p == 0 ? 255f : p % 2)));
        Assert.That(Of("far"), Is.EqualTo(Enumerable.Range(0, 12).Select(static p => p == 0 ? 0f : (float)(p * 100 * 0.001))));
        Assert.That(Of("side")[..6], Is.EqualTo(new float[] { 255, 255, 255, (254 / 127.5f) - 1, (127 / 127.5f) - 1, (127 / 127.5f) - 1 }).Within(1e-6f), "z, y, x of what the picture has as x, y, z");
        Assert.That(Of("edge"), Is.EqualTo(Enumerable.Range(0, 12).Select(static p => (float)(((p / 11f) - 0.5) * 2))));
        Assert.That(Of("tags"), Is.EqualTo(new float[] { 1, 255 }));
        Assert.That(Of("age"), Is.EqualTo(new[] { 1.25f }));
        Assert.That(Of("room"), Is.EqualTo(new[] { 1f }), "classes are in the order of their names");
        Assert.That(data.ClassNamesOf(data.Labels.Single(static label => label.Name == "room")), Is.EqualTo(new[] { "bath", "hall" }));
        Assert.That(data.ClassesOf(data.Labels.Single(static label => label.Name == "mask")), Is.EqualTo(3));
        Assert.That(data.ClassWeightsOf(data.Labels.Single(static label => label.Name == "mask")), Is.EqualTo(new[] { 0.5f, 1, 2 }));
    }

    [Test]
    public void A_label_that_is_not_there_is_missing_for_that_image_alone()
    {
        using var folder = new OwnFolder(Everything);
        Fill(folder);
        File.Delete(Path.Combine(folder.Root, "mask/03.png"));

        IDataset data = folder.Open();

        Assert.That(OwnFolder.Load(data, "img/03").Labels.Keys.Select(static label => label.Name), Does.Not.Contain("mask").And.Contain("far"));
        Assert.That(OwnFolder.Load(data, "img/05").Labels.Keys.Select(static label => label.Name), Does.Not.Contain("room"));
        Assert.That(data.Notices, Has.Some.Contains("task mask: 1 of 8 images have no label for it").And.Some.Contains("task age: 6 of 8"));
    }

    [TestCase("", "bgr 104.00699 116.66877 122.67892 / 1 1 1", Description = "what isn't said is as usual")]
    [TestCase("order: rgb", "rgb 122.67892 116.66877 104.00699 / 1 1 1")]
    [TestCase("mean: [1, 2.5, 3], deviation: [60, 61, 62]", "bgr 1 2.5 3 / 60 61 62")]
    [TestCase("order: rgb, mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375]", "rgb 123.675 116.28 103.53 / 58.395 57.12 57.375")]
    public void The_folder_says_what_networks_see(string said, string expected)
    {
        using var folder = new OwnFolder($"input: {{{said}}}\ntasks: {{a: {{kind: class, folder: 1}}}}");
        ImageInput input = new FolderFormat().InputOf(folder.Root)!;
        static string Numbers(System.Numerics.Vector3 v) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{v.X} {v.Y} {v.Z}");
        Assert.That($"{(input.Order == ChannelOrder.Rgb ? "rgb" : "bgr")} {Numbers(input.Mean)} / {Numbers(input.Deviation)}", Is.EqualTo(expected));
        using var silent = new OwnFolder("tasks: {a: {kind: class, folder: 1}}");
        Assert.That(new FolderFormat().InputOf(silent.Root), Is.Null);
    }

    [Test]
    public void The_folder_says_what_tasks_there_are()
    {
        using var folder = new OwnFolder(Everything);
        Fill(folder);

        Assert.That(new FolderFormat().TasksOf(folder.Root), Is.EqualTo(new DatasetTask[]
        {
            new("mask", "seg", 3), new("paint", "seg", 2), new("far", "depth", 1, 2), new("side", "sn", 3), new("edge", "edge", 1), new("tags", "attributes", 2), new("age", "values", 1), new("room", "class", 2),
        }));
        Assert.That(new FolderFormat().Recognizes(folder.Root), Is.True);
    }

    [Test]
    public void Tasks_with_images_of_their_own_are_groups()
    {
        using var folder = new OwnFolder("""
            tasks:
              photo: {kind: class, images: "photo/*/*", folder: 1}
              sketch: {kind: class, images: "sketch/*/*", folder: 1}
            """);
        folder.Images("photo/cat", 5).Images("photo/dog", 4, ".jpeg").Images("sketch/dog", 4).Images("sketch/owl", 6);

        IDataset data = folder.Open();

        Assert.That(data.Parts.Select(static part => string.Join(',', part.Tasks)), Is.EqualTo(new[] { "photo", "sketch" }));
        Assert.That(data.Parts.Select(static part => part.Dataset.Count(Split.Train) + part.Dataset.Count(Split.Validation) + part.Dataset.Count(Split.Test)), Is.EqualTo(new[] { 9, 10 }));
        Assert.That(data.ClassNamesOf(Label.Of(LabelKind.Class, "sketch")), Is.EqualTo(new[] { "dog", "owl" }));
        Assert.That(OwnFolder.Load(data.Parts[0].Dataset, "photo/dog/02").Labels.Single().Value.Values, Is.EqualTo(new[] { 1f }));
    }

    [Test]
    public void Parts_are_drawn_by_the_seed_or_stated_by_folders_or_a_file()
    {
        using var folder = new OwnFolder("images: \"*/*/*\"\nparts: {train: \"train/**\", test: \"test/**\"}\ntasks: {class: {kind: class, folder: 1}}");
        folder.Images("train/a", 8).Images("train/b", 8).Images("test/a", 2).Images("test/b", 3);

        IDataset stated = folder.Open();
        Assert.That((stated.Count(Split.Test), stated.Count(Split.Train) + stated.Count(Split.Validation)), Is.EqualTo((5, 16)));
        Assert.That(Enumerable.Range(0, 5).Select(i => stated.Id(Split.Test, i)), Has.All.StartsWith("test/"));
        Assert.That(stated.Count(Split.Validation), Is.EqualTo(2));

        folder.Text("parts.json", """{"train1": ["train/a/00", "train/b/01"], "train2": ["train/a/02"], "validation": ["train/b/03"], "test": ["test/a/00"]}""");
        File.WriteAllText(folder.Yaml, File.ReadAllText(folder.Yaml).Replace("parts: {train: \"train/**\", test: \"test/**\"}", "parts: parts.json", StringComparison.Ordinal));
        IDataset listed = folder.Open();
        Assert.That(new[] { Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test }.Select(listed.Count), Is.EqualTo(new[] { 2, 1, 1, 1 }));
        Assert.That(listed.Notices, Has.Some.StartsWith("parts.json: 16 labelled images are in no part and passed over"));

        File.Delete(Path.Combine(folder.Root, "train/b/01.png"));
        Assert.That(() => folder.Open(), Throws.TypeOf<DataException>().With.Message.Contains("parts.json: part train1 has the image train/b/01, which is not in the folder"));
        folder.Picture("train/b/01.png", 3, static p => (byte)(255 - p));

        File.WriteAllText(folder.Yaml, File.ReadAllText(folder.Yaml).Replace("parts: parts.json", "seed: 3", StringComparison.Ordinal));
        IDataset drawn = folder.Open(), again = folder.Open();
        Assert.That(Enumerable.Range(0, drawn.Count(Split.Test)).Select(i => drawn.Id(Split.Test, i)), Is.EqualTo(Enumerable.Range(0, again.Count(Split.Test)).Select(i => again.Id(Split.Test, i))));
        Assert.That(drawn.Count(Split.Train) + drawn.Count(Split.Validation) + drawn.Count(Split.Test), Is.EqualTo(21));
    }

    [TestCase("tasks: {a: {kind: seg, files: \"m/{stem}.png\"}}", "line 1: tasks.a.classes is missing")]
    [TestCase("tasks: {a: {kind: map, files: x}}", "tasks.a.kind is map; expected one of seg, sn")]
    [TestCase("tasks: {a: {kind: seg, folder: 1, classes: 3}}", "doesn't say where the labels of this seg task are; expected files")]
    [TestCase("tasks: {a: {kind: class, folder: 1, table: t.csv, column: c}}", "expected folder or table, and nothing else")]
    [TestCase("tasks: {a: {kind: class, folder: 1, scale: 2}}", "tasks.a.scale means nothing for a class task")]
    [TestCase("tasks: {a: {kind: seg, files: ../m.png, classes: 2}}", "leads up; expected a path inside the folder")]
    [TestCase("tasks: {a: {kind: seg, files: /m.png, classes: 2}}", "is absolute")]
    [TestCase("tasks: {a: {kind: seg, files: m.png, classes: [x, x]}}", "has 2 names, 1 different ones")]
    [TestCase("tasks: {a: {kind: seg, files: m.png, classes: 3, colors: [\"#000000\"]}}", "has 1 colours")]
    [TestCase("tasks: {a: {kind: seg, files: m.png, classes: 2, colors: [red, blue]}}", "has red; expected colours such as \"#ff0000\"")]
    [TestCase("tasks: {\"a b\": {kind: class, folder: 1}}", "is no name of a task")]
    [TestCase("tasks: {a: {kind: class, folder: 1, weight: -1}}", "weight is -1; expected 0 or more")]
    [TestCase("images: \"img/*\"\ntasks: {a: {kind: seg, files: \"m/{stem}.png\", classes: 2, class_weights: [1]}}", "has 1 weights for 2 classes")]
    [TestCase("tasks: {a: {kind: seg, files: m.png, classes: 2, class_weights: [1, x]}}", "has x; expected a number of 0 or more")]
    [TestCase("tasks: {a: {kind: depth, files: m.npy, class_weights: [1]}}", "means nothing for a depth task")]
    [TestCase("input: {order: gbr}\ntasks: {a: {kind: class, folder: 1}}", "line 1: input.order is gbr; expected bgr or rgb")]
    [TestCase("input: {mean: [1, 2]}\ntasks: {a: {kind: class, folder: 1}}", "input.mean has 2 numbers; expected three")]
    [TestCase("input: {mean: []}\ntasks: {a: {kind: class, folder: 1}}", "input.mean has 0 numbers; expected three")]
    [TestCase("input: {deviation: [0.229, 0.224, 0.225]}\ntasks: {a: {kind: class, folder: 1}}", "input.deviation has 0.229; expected numbers from 1 to 255 (torchvision's times 255)")]
    [TestCase("input: {mean: [.nan, 1, 1]}\ntasks: {a: {kind: class, folder: 1}}", "input.mean has .nan")]
    [TestCase("input: {std: [1, 1, 1]}\ntasks: {a: {kind: class, folder: 1}}", "unknown key input.std; the keys here are mean, deviation, order")]
    [TestCase("taks: {}", "unknown key taks")]
    [TestCase("images: x", "tasks is missing")]
    [TestCase("tasks: []", "tasks is a list; expected keys")]
    [TestCase("", "is empty")]
    [TestCase("tasks: {a: {kind: class, folder: 1}}\n---\nx: 1", "a second document")]
    [TestCase("images: \"img/*\"\ntasks: {a: {kind: class, table: none.csv, column: c}}", "none.csv")]
    [TestCase("images: \"no/*\"\ntasks: {a: {kind: class, folder: 1}}", "there is no such folder")]
    [TestCase("images: \"img/*.gif\"\ntasks: {a: {kind: seg, files: \"m/{stem}.png\", classes: 2}}", "no picture (.png, .jpg, .jpeg) fits img/*.gif")]
    [TestCase("images: \"img/*\"\ntasks: {a: {kind: seg, files: \"m/{stem}.png\", classes: 2}}", "none of 8 images that fit img/* has a label for task a (files m/{stem}.png)")]
    public void What_a_description_gets_wrong_is_one_sentence(string yaml, string expected)
    {
        using var folder = new OwnFolder(yaml);
        folder.Images("img", 8);

        DataException error = Assert.Throws<DataException>(() => folder.Open())!;
        Assert.That(error.Message, Does.Contain(expected));
        Assert.That(error.Message, Does.Contain(folder.Root).And.Not.Contain("\n"));
    }

    [TestCase("mask/02.png", "class 7 of task mask at pixel (0, 0); expected 0 to 2, or 9 to ignore")]
    [TestCase("paint/02.png", "1 channel")]
    [TestCase("far/02.npy", "is 7000")]
    [TestCase("edge/02.npy", "array of shape (3, 5); expected (3, 4)")]
    [TestCase("side/02.png", "has 1 channel; expected 3")]
    [TestCase("img/02.png", "begins with")]
    public void What_a_file_gets_wrong_is_one_sentence_with_its_name(string path, string expected)
    {
        using var folder = new OwnFolder(Everything);
        Fill(folder);
        _ = path.Split('/')[0] switch
        {
            "mask" or "side" => folder.Picture(path, 1, static _ => 7),
            "far" => folder.Array(path, static _ => 7e6f),
            "edge" => folder.Array(path, static _ => 0, 3, 5),
            "paint" => folder.Array(path, static _ => 0),
            _ => folder.Text(path, "not a picture at all"),
        };

        IDataset data = folder.Open();
        DataException error = Assert.Throws<DataException>(() => OwnFolder.Load(data, "img/02"))!;
        Assert.That(error.Message, Does.StartWith(Path.Combine(folder.Root, path)));
        Assert.That(error.Message, path == "paint/02.png" ? Does.Contain("PNG") : Does.Contain(expected));
    }

    [TestCase("file,wet,big,age,room\nimg/01.png,maybe,,1,hall\nimg/02.png,,,,bath\n", "line 2: maybe in column wet is neither yes nor no")]
    [TestCase("file,wet,big,age,room\nimg/01.png,1,0,old,hall\nimg/02.png,,,,bath\n", "line 2: old in column age is no number")]
    [TestCase("file,wet,big,age\nimg/01.png,1,0,3\n", "has no column room; its columns are file, wet, big, age")]
    [TestCase("file,wet,big,age,room\nimg/01.png,1,0\n", "line 2: has 3 fields; the first line has 5")]
    [TestCase("file,wet,big,age,room\n01,1,0,3,hall\n01.png,1,0,3,bath\nimg/01.png,1,0,3,hall\n", "stands in the table a second time")]
    [TestCase("file,wet,big,age,room\n\"img/01.png,1,0,3,hall\n", "line 2: a quoted field is not closed")]
    [TestCase("", "labels.csv")]
    public void What_a_table_gets_wrong_is_one_sentence_with_its_line(string table, string expected)
    {
        using var folder = new OwnFolder(Everything);
        Fill(folder);
        folder.Text("labels.csv", table);

        Assert.That(() => folder.Open(), Throws.TypeOf<DataException>().With.Message.Contains(expected));
    }

    [Test]
    public void An_image_under_two_names_is_refused()
    {
        using var folder = new OwnFolder("images: \"img/*\"\ntasks: {a: {kind: seg, files: \"m/{stem}.png\", classes: 2}}");
        folder.Images("img", 6);
        for (int i = 0; i < 6; i++)
        {
            folder.Picture($"m/{i:D2}.png", 1, static p => (byte)(p % 2));
        }

        File.CreateSymbolicLink(Path.Combine(folder.Root, "img/99.png"), Path.Combine(folder.Root, "img/00.png"));
        File.Copy(Path.Combine(folder.Root, "m/00.png"), Path.Combine(folder.Root, "m/99.png"));

        Assert.That(() => folder.Open(), Throws.TypeOf<DataException>().With.Message.Contains("is the same file as"));
    }

    private static void Fill(OwnFolder folder)
    {
        folder.Images("img", 8);
        for (int i = 0; i < 8; i++)
        {
            folder.Picture($"mask/{i:D2}.png", 1, static p => (byte)(p == 5 ? 9 : p % 3));
            folder.Picture($"paint/{i:D2}.png", 3, static v => (v / 3) == 0 ? (byte)77 : (v / 3 % 2) == 0 ? (byte)0 : new byte[] { 255, 128, 0 }[v % 3]);
            folder.Array($"far/{i:D2}.npy", static p => p * 100);
            folder.Picture($"side/{i:D2}.png", 3, static v => v < 3 ? (byte)127 : v % 3 == 2 ? (byte)254 : (byte)127);
            folder.Array($"edge/{i:D2}.npy", static p => p / 11f);
        }

        folder.Text("labels.csv", "file,wet,big,age,room\nimg/01.png,yes,,12.5,hall\nimg/02.png,0,1,,bath\n04,,,30,hall\nimg/77.png,1,1,1,hall\n");
    }
}
