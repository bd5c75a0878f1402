using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Data.Tests;

public sealed class TextDatasetTests
{
    private const int Length = 40;

    private string _root = "";

    [SetUp]
    public void Begin() => _root = Directory.CreateTempSubdirectory("adashare-text").FullName;

    [TearDown]
    public void End() => Directory.Delete(_root, recursive: true);

    [Test]
    public void The_alphabet_has_72_numbers_and_reads_capitals_as_small_letters()
    {
        Assert.That(TextAlphabet.Count, Is.EqualTo(72));
        Assert.That(TextAlphabet.Characters.Distinct().Count(), Is.EqualTo(TextAlphabet.Count - 2), "each character once");
        for (char c = ' '; c < '\u007F'; c++)
        {
            Assert.That(Numbers($"{c}")[0], Is.GreaterThan(TextAlphabet.Unknown), $"'{c}': letters, digits, punctuation and the blank are all known");
        }

        Assert.That(Numbers("aB\nz9"), Is.EqualTo(new[] { 2, 3, 70, 27, 37 }).AsCollection);
        Assert.That(Numbers("é\t€😀a"), Is.EqualTo(new[] { 1, 1, 1, 1, 2 }).AsCollection, "one number for a character, whatever its bytes");
        Assert.That(TextAlphabet.Decode(TextAlphabet.Encode("Ab é!"u8, 9)), Is.EqualTo("ab \uFFFD!"));
        Assert.That(TextAlphabet.Encode("abc"u8, 2).Characters.ToArray(), Is.EqualTo(new byte[] { 2, 3 }), "cut");
        Assert.That(TextAlphabet.Encode("a"u8, 3).Characters.ToArray(), Is.EqualTo(new byte[] { 2, 0, 0 }), "padded");
    }

    [Test]
    public void Quotes_line_ends_and_columns_are_read_as_they_are_published()
    {
        Write("1,plain\r\n\"2\",\"a \"\"b\"\"\",\"c\\nd, e\"\r\n", columns: false);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.Contains("train.csv, row 2: has 2 columns of text; the first row has 1"));

        Write("\uFEFF1,plain,\n\"2\",\"a \"\"b\"\"\",\"c\\nd, e\"\n2,\"in\nlines\",x\\ny\n\n");
        IDataset texts = Open();

        Assert.That(Texts(texts), Is.EqualTo(new[] { "plain ", "a \"b\" c\nd, e", "in\nlines x\ny" }).AsCollection);
        Assert.That(Rows(texts).Select(static sample => sample.Labels[Label.Of(LabelKind.Class, "own")].Values[0]), Is.EqualTo(new[] { 0f, 1f, 1f }).AsCollection);
    }

    [Test]
    public void A_single_folder_is_a_task_and_several_are_parts_with_texts_of_their_own()
    {
        TextCsv.Write(_root, "reviews", 0, classes: 2);
        TextCsv.Write(_root, "news", 1, classes: 3);
        IDatasetFormat format = DatasetRegistry.Get("Text");

        Assert.That(format.TasksOf(_root).Select(static task => (task.Name, task.Kind, task.Channels)), Is.EqualTo(new[] { ("news", "class", 3), ("reviews", "class", 2) }));
        Assert.That(format.Recognizes(_root), Is.True);
        IDataset both = Open();
        Assert.That(both.Inputs, Is.EqualTo(InputKind.Text));
        Assert.That(both.Parts.SelectMany(static part => part.Tasks), Is.EqualTo(new[] { "news", "reviews" }));
        Assert.That(both.ClassNamesOf(Label.Of(LabelKind.Class, "reviews")), Is.EqualTo(new[] { "class 0", "class 1" }));

        IDataset one = format.Open(new DatasetRequest(Path.Combine(_root, "news_csv")) { TextLength = Length });
        Assert.That(one.Parts, Is.Empty);
        Assert.That(one.Labels.Single().Name, Is.EqualTo("news"));
        Assert.That(one.Load(Split.Test, 3, one.Labels).Input, Is.TypeOf<CharacterText>().With.Property("Width").EqualTo(Length));
        Assert.That(() => one.Load(Split.Test, 0, [Label.Depth]), Throws.TypeOf<DataException>().With.Message.Contains("no label 'Depth'"));
    }

    [TestCase("Train.csv")]
    [TestCase("classes.txt")]
    public void A_folder_that_looks_like_a_task_and_is_none_is_an_error(string file)
    {
        TextCsv.Write(_root, "news", 1, classes: 3);
        string other = Directory.CreateDirectory(Path.Combine(_root, "other")).FullName;
        Assert.That(Open().Labels.Single().Name, Is.EqualTo("news"), "any other folder is none");
        File.WriteAllText(Path.Combine(other, file), "1,a\n");
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.Contains($"{other}: looks like a task ({file})"));
    }

    [Test]
    public void A_share_of_0_holds_nothing_out()
    {
        TextCsv.Write(_root, "news", 1, classes: 3);
        IDataset texts = DatasetRegistry.Get("Text").Open(new DatasetRequest(_root) { TextLength = Length, ValidationFraction = 0 });
        Assert.That(texts.Count(Split.Validation), Is.Zero);
        Assert.That(texts.Count(Split.Train), Is.EqualTo(texts.Count(Split.TrainWeights) + texts.Count(Split.TrainPolicy)).And.GreaterThan(Open().Count(Split.Train)));
    }

    [Test]
    public void Parts_share_no_row_and_are_the_same_each_time()
    {
        TextCsv.Write(_root, "own", 0, train: 101, test: 7);
        IDataset texts = Open(), again = Open();
        string[] Ids(IDataset dataset, Split split) => [.. Enumerable.Range(0, dataset.Count(split)).Select(i => dataset.Id(split, i))];

        string[] weights = Ids(texts, Split.TrainWeights), policy = Ids(texts, Split.TrainPolicy), held = Ids(texts, Split.Validation);
        Assert.That(new[] { weights.Length, policy.Length, held.Length, texts.Count(Split.Test) }, Is.EqualTo(new[] { 73, 18, 10, 7 }));
        Assert.That(weights.Concat(policy).Concat(held).Distinct().Count(), Is.EqualTo(101));
        Assert.That(Ids(texts, Split.Train), Is.EquivalentTo(weights.Concat(policy)));
        Assert.That(Ids(texts, Split.Test)[^1], Is.EqualTo("own/test/7"));
        foreach (Split split in Enum.GetValues<Split>())
        {
            Assert.That(Ids(again, split), Is.EqualTo(Ids(texts, split)), $"{split}");
            Assert.That(again.IdentityOf(split)!.Text, Is.EqualTo(texts.IdentityOf(split)!.Text), $"{split}");
        }

        Assert.That(() => texts.Id(Split.Test, 7), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_changed_letter_is_another_file()
    {
        string folder = TextCsv.Write(_root, "own", 0), file = Path.Combine(folder, "test.csv");
        PartIdentity before = Open().IdentityOf(Split.Test)!;
        File.WriteAllText(file, File.ReadAllText(file).Replace("twice\"\n\"1\"", "Twice\"\n\"1\"", StringComparison.Ordinal));

        PartIdentity after = Open().IdentityOf(Split.Test)!;
        Assert.That(after.Text, Is.EqualTo(before.Text));
        Assert.That(after.Fingerprints[IDataset.WholeFileFingerprint], Is.Not.EqualTo(before.Fingerprints[IDataset.WholeFileFingerprint]));
    }

    /// <summary>A long row makes the buffer of the first reading grow; rows are found again by their places.</summary>
    [Test]
    public void Rows_longer_than_the_buffer_are_read_from_their_places()
    {
        string long1 = new('x', 3_000_000);
        Write($"1,a,b\n2,\"{long1}\nend\",c\n1,last,d\n");
        IDataset texts = Open();

        Assert.That(Texts(texts), Is.EqualTo(new[] { "a b", new string('x', Length), "last d" }).AsCollection);
    }

    /// <summary>Two batches of one loader: bytes as they are stored, whole texts, one after the other.</summary>
    [Test]
    public void Batches_hold_the_numbers_of_characters()
    {
        TextCsv.Write(_root, "own", 0, train: 40);
        IDataset texts = Open();
        var shape = new BatchShape(4, 1, Length, 1, 1);
        using var loader = new BatchLoader(texts, Split.Train, texts.Labels, shape, new(1, Length, 1, 1, 0, decodedNormals: true), seed: 1, "texts", workers: 2);
        HashSet<string> known = [.. Rows(texts, Split.Train).Select(static sample => Convert.ToHexString(sample.Input.Bytes))];

        using Batch batch = loader.Next();
        Assert.That(batch.Images.Kind, Is.EqualTo(InputKind.Text));
        Assert.That(batch.Images.Pixels.Length, Is.EqualTo(4 * Length));
        for (int i = 0; i < 4; i++)
        {
            Assert.That(known, Does.Contain(Convert.ToHexString(batch.Images.Pixels.Slice(i * Length, Length))));
        }

        Assert.That(batch.Targets[texts.Labels[0]].Classes, Has.All.InRange(0, 2));
    }

    [TestCase("", "is empty; expected a row for each text")]
    [TestCase("\n\n", "is empty; expected a row for each text")]
    [TestCase("1,a\n\n2,b\n", "row 2: is empty; expected a class and a text")]
    [TestCase("0,a\n", "row 1: has the class '0'; expected a whole number from 1 to 2, the number of lines of classes.txt")]
    [TestCase("1,a\n3,b\n", "row 2: has the class '3'; expected a whole number from 1 to 2")]
    [TestCase("1,a\n-1,b\n", "row 2: has the class '-1'")]
    [TestCase("1.0,b\n", "row 1: has the class '1.0'")]
    [TestCase("class,text\n", "row 1: has the class 'class'")]
    [TestCase("1\n", "row 1: has no column of text behind its class; expected one at least")]
    [TestCase("1,a,b\n1,a\n", "row 2: has 1 column of text; the first row has 2")]
    [TestCase("1,a\n1,\"b\n2,c\n", "row 2: has a field whose closing quote is missing")]
    [TestCase("1,\"a\" b\n", "row 1: goes on behind the closing quote of a field")]
    [TestCase("1,a\n2,said \"b\"\n", "row 2: has a quote inside of a field that no quotes stand round")]
    public void What_is_wrong_is_said_in_a_sentence_with_file_and_row(string rows, string sentence)
    {
        foreach (string name in (string[])["train.csv", "test.csv"])
        {
            Write("1,a\n2,b\n1,c\n", columns: false);
            string file = Path.Combine(_root, "own_csv", name);
            File.WriteAllText(file, rows);

            string message = Assert.Throws<DataException>(() => Open())!.Message;
            Assert.That(message, Does.StartWith(file).And.Contain(sentence));
            Assert.That(message, Does.Not.Contain("\n"));
        }
    }

    [Test]
    public void A_file_that_is_not_utf8_is_refused()
    {
        Write("1,a\n2,b\n1,c\n", columns: false);
        string file = Path.Combine(_root, "own_csv", "train.csv");
        File.WriteAllBytes(file, [.. "1,ok\n2,caf"u8, 0xE9, (byte)'\n']);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.EqualTo($"{file}, row 2: is not UTF-8; save the file as UTF-8"));
    }

    [TestCase("train.csv")]
    [TestCase("test.csv")]
    [TestCase("classes.txt")]
    public void A_missing_file_is_named(string name)
    {
        TextCsv.Write(_root, "other", 0);
        string file = Path.Combine(TextCsv.Write(_root, "own", 1), name);
        File.Delete(file);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.EqualTo($"{file}: there is no such file; a task needs train.csv, test.csv and classes.txt"));
    }

    [TestCase("", "is empty; expected the names of 2 to")]
    [TestCase("only\n", "has 1 line; expected the names of 2 to")]
    [TestCase("a\n\nb\n", "has no name in line 2")]
    public void Classes_that_will_not_do_are_refused(string classes, string sentence)
    {
        string file = Path.Combine(TextCsv.Write(_root, "own", 0), "classes.txt");
        File.WriteAllText(file, classes);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.Contains($"{file}: {sentence}"));
    }

    [Test]
    public void Folders_that_will_not_do_are_refused()
    {
        Assert.That(() => Open(Path.Combine(_root, "none")), Throws.TypeOf<DataException>().With.Message.Contains("none: there is no such folder; expected one with a folder NAME_csv for each task"));
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.Contains("has no texts; expected a folder NAME_csv for each task"));

        TextCsv.Write(_root, "two words", 0);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.Contains("two words_csv: the folder's name must name a task; expected 1 to 64 letters, digits, - and _"));

        Directory.Delete(Path.Combine(_root, "two words_csv"), recursive: true);
        TextCsv.Write(_root, "own", 0, train: 2);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.Contains("train.csv: 2 rows can't be divided into validation, weights and policy; expected at least 3"));

        TextCsv.Write(_root, "own", 0);
        Directory.Move(TextCsv.Write(Path.Combine(_root, "other"), "own", 0), Path.Combine(_root, "own"));
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.Contains("is the task own, as"));
    }

    [Test]
    public void A_task_that_is_not_there_is_named_with_those_that_are()
    {
        TextCsv.Write(_root, "own", 0);
        var request = new DatasetRequest(_root) { Tasks = [new("news", Label.Of(LabelKind.Class, "news"), 3)] };
        Assert.That(() => DatasetRegistry.Get("Text").Open(request), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("tasks: Text has no task news; its tasks are own"));
        Assert.That(() => DatasetRegistry.Get("Text").Open(new DatasetRequest(_root) { TextLength = 0 }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("dataload.text_length is 0"));
    }

    [Test]
    public void Extra_files_are_counted_and_named()
    {
        string folder = TextCsv.Write(_root, "own", 0);
        File.WriteAllText(Path.Combine(folder, "valid.csv"), "1,a\n");
        File.WriteAllText(Path.Combine(folder, "notes.md"), "");
        File.WriteAllText(Path.Combine(folder, ".DS_Store"), "");

        Assert.That(Open().Notices, Is.EqualTo(new[] { $"{folder}: 1 other .csv file is passed over: valid.csv", $"{folder}: 1 other file is passed over: notes.md" }));
    }

    [Test]
    public void A_file_that_is_changed_while_it_is_in_use_is_an_error()
    {
        string folder = TextCsv.Write(_root, "own", 0), file = Path.Combine(folder, "test.csv");
        IDataset texts = Open();
        string whole = File.ReadAllText(file);
        File.WriteAllText(file, whole[..(whole.Length / 2)]);
        Assert.That(() => texts.Load(Split.Test, texts.Count(Split.Test) - 1, texts.Labels), Throws.TypeOf<DataException>().With.Message.Contains("the file is shorter than it was when it was opened"));
        File.WriteAllText(file, "9" + whole[1..]);
        Assert.That(() => texts.Load(Split.Test, 0, texts.Labels), Throws.TypeOf<DataException>().With.Message.Contains($"{file}, row 1: was changed since it was opened"));
        File.Delete(file);
        Assert.That(() => texts.Load(Split.Test, 0, texts.Labels), Throws.TypeOf<DataException>().With.Message.Contains("there is no such file"));
    }

    /// <summary>Every row of generated files, and some odd ones, against Python's csv module.</summary>
    [Test]
    public void Values_are_those_of_python()
    {
        string folder = TextCsv.Write(_root, "own", 3);
        File.AppendAllText(Path.Combine(folder, "test.csv"), "1,,\"\"\"\"\n\"2\",\"naïve — ÀB\r\nC\",\"\\\\n \\n\"\n3,\"a,b\",\"\"\n");
        IDataset texts = Open();
        string[] ours = [.. Rows(texts).Select(static sample => $"{sample.Labels.Values.Single().Values[0]} {string.Join(' ', sample.Input.Bytes.ToArray())}")];

        string[] theirs = DebianPython.Run(PythonReader, folder, Path.Combine(folder, "test.csv"), $"{Length}", TextAlphabet.Characters).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(ours, Is.EqualTo(theirs).AsCollection);
    }

    private const string PythonReader = """
        import csv, sys
        path, length, alphabet = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        with open(path, encoding='utf-8', newline='') as file:
            for row in csv.reader(file, strict=True):
                text = ' '.join(column.replace('\\n', '\n') for column in row[1:])
                numbers = [2 + alphabet.index(c) if c in alphabet else 2 + alphabet.index(c.lower()) if 'A' <= c <= 'Z' else 1 for c in text][:length]
                print(int(row[0]) - 1, *(numbers + [0] * (length - len(numbers))))
        """;

    private static int[] Numbers(string text) => [.. TextAlphabet.Encode(Encoding.UTF8.GetBytes(text), 5).Characters.ToArray().Select(static number => (int)number).TakeWhile(static number => number > 0)];

    private static Sample[] Rows(IDataset dataset, Split split = Split.Test) => [.. Enumerable.Range(0, dataset.Count(split)).Select(i => dataset.Load(split, i, dataset.Labels))];

    private static string[] Texts(IDataset dataset) => [.. Rows(dataset).Select(static sample => TextAlphabet.Decode((CharacterText)sample.Input))];

    private IDataset Open(string? root = null) => DatasetRegistry.Get("Text").Open(new DatasetRequest(root ?? _root) { TextLength = Length });

    private void Write(string test, bool columns = true)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, "own_csv")).FullName;
        File.WriteAllText(Path.Combine(folder, "classes.txt"), "first\nsecond\n");
        File.WriteAllText(Path.Combine(folder, "train.csv"), columns ? "1,a,x\n2,b,x\n1,c,x\n" : test);
        File.WriteAllText(Path.Combine(folder, "test.csv"), test);
    }
}
