using System.Buffers.Binary;
using System.IO.Compression;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>MNIST and Fashion-MNIST: the four idx files, packed or not.</summary>
public sealed class MnistTests
{
    private const int Train = 40, Test = 10, Height = 6, Width = 5;
    private const string TrainImages = "train-images-idx3-ubyte", TrainLabels = "train-labels-idx1-ubyte", TestImages = "t10k-images-idx3-ubyte", TestLabels = "t10k-labels-idx1-ubyte";

    private string _root = "";

    [SetUp]
    public void MakeFolder() => _root = Directory.CreateTempSubdirectory("mnist-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_root, recursive: true);

    [TestCase("", false)]
    [TestCase("", true)]
    [TestCase("raw", true)]
    [TestCase("FashionMNIST/raw", false)]
    public void Images_and_classes_are_those_of_the_files(string folder, bool packed)
    {
        WriteAll(folder, packed);
        IDataset set = Open();
        Assert.That((set.Count(Split.TrainWeights), set.Count(Split.TrainPolicy), set.Count(Split.Validation), set.Count(Split.Test)), Is.EqualTo((29, 7, 4, Test)), "a tenth is held out, a fifth of the rest is the policy's");
        var seen = new HashSet<string>();
        foreach (Split split in new[] { Split.Train, Split.Validation, Split.Test })
        {
            for (int i = 0; i < set.Count(split); i++)
            {
                Sample sample = set.Load(split, i, set.Labels);
                Assert.That(seen.Add(sample.Id) && sample.Id == set.Id(split, i));
                int number = int.Parse(sample.Id.Split('-')[1]), place = (sample.Id.StartsWith("train", StringComparison.Ordinal) ? 0 : Train) + number;
                Assert.That(sample.Id, Does.StartWith(split == Split.Test ? "t10k-" : "train-"));
                Assert.That((sample.Image.Height, sample.Image.Width), Is.EqualTo((Height, Width)));
                for (int p = 0; p < Height * Width * 3; p++)
                {
                    Assert.That(sample.Image.Pixels[p], Is.EqualTo(Pixel(place, p / 3)));
                }

                int c = place % 10;
                Assert.That(set.Labels.Select(label => sample.Labels[label].Values[0]), Is.EqualTo(new float[] { c, c is 5 or 7 or 8 or 9 ? 0 : 1, c is 5 or 7 or 9 ? 1 : 0 }));
            }
        }

        Assert.That(seen, Has.Count.EqualTo(Train + Test));
    }

    [Test]
    public void Tasks_have_names_and_may_be_chosen()
    {
        WriteAll("", packed: true);
        IDatasetFormat fashion = DatasetRegistry.Get("FashionMNIST"), digits = DatasetRegistry.Get("MNIST");
        Assert.That(fashion.TasksOf(_root), Is.EqualTo(new DatasetTask[] { new("class", "class", 10), new("clothing", "class", 2), new("footwear", "class", 2) }));
        Assert.That(digits.Tasks, Is.EqualTo(new DatasetTask[] { new("class", "class", 10), new("odd", "class", 2) }));
        var clothing = Label.Of(LabelKind.Class, "clothing");
        IDataset one = fashion.Open(new DatasetRequest(_root) { Tasks = [new TaskLabel("clothing", clothing, 2)] });
        Assert.That(one.Labels, Is.EqualTo(new[] { clothing }));
        Assert.That((one.ClassesOf(clothing), one.ClassNamesOf(clothing)[1]), Is.EqualTo((2, "clothing")));
        Assert.That(one.Fingerprints(Split.Test, 8)["clothing"], Is.EqualTo("0"));
        IDataset odd = digits.Open(new DatasetRequest(_root));
        Assert.That(odd.ClassNamesOf(odd.Labels[0])[7], Is.EqualTo("7"));
        Assert.That(Enumerable.Range(0, Test).Select(i => odd.Load(Split.Test, i, [odd.Labels[1]]).Labels[odd.Labels[1]].Values[0]), Is.EqualTo(Enumerable.Range(0, Test).Select(static i => (float)(i % 2))));
        Assert.That(() => fashion.Open(new DatasetRequest(_root) { Tasks = [new TaskLabel("odd", Label.Of(LabelKind.Class, "odd"), 2)] }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("FashionMNIST has no task odd"));
        Assert.That(() => one.Load(Split.Test, 0, [Label.Depth]), Throws.TypeOf<DataException>().With.Message.Contains("there is no label 'Depth'"));
    }

    [Test]
    public void Content_and_class_are_in_the_fingerprints()
    {
        WriteAll("", packed: false);
        IReadOnlyDictionary<string, string> before = Open().Fingerprints(Split.Test, 3);
        WriteAll("", packed: true);
        Delete(TestImages);
        Assert.That(Open().Fingerprints(Split.Test, 3), Is.EqualTo(before), "packed or not");
        File.Delete(Path.Combine(_root, TestImages + ".gz"));
        byte[] changed = Images(Test, Train);
        changed[16 + (3 * Height * Width) + 4]++;
        File.WriteAllBytes(Path.Combine(_root, TestImages), changed);
        Assert.That(Open().Fingerprints(Split.Test, 3)["image"], Is.Not.EqualTo(before["image"]));
        Assert.That(Open().Fingerprints(Split.Test, 2)["image"], Has.Length.EqualTo(16));
    }

    [Test]
    public void Parts_do_not_depend_on_anything_but_the_fraction()
    {
        WriteAll("", packed: false);
        string[] Ids(double fraction)
        {
            IDataset set = Open(fraction);
            return [.. Enumerable.Range(0, set.Count(Split.Validation)).Select(i => set.Id(Split.Validation, i))];
        }

        string[] first = Ids(0.1);
        Assert.That(Ids(0.1), Is.EqualTo(first));
        Assert.That(Ids(0.3), Has.Length.EqualTo(12));
    }

    [TestCase(TrainImages, null, "train-images-idx3-ubyte: there is no such file, with or without .gz")]
    [TestCase(TestLabels, null, "t10k-labels-idx1-ubyte: there is no such file")]
    [TestCase(TrainImages, "", "begins with ''; expected '00000803'")]
    [TestCase(TrainImages, "00000801", "begins with '00000801'; expected '00000803', an IDX file of bytes with the number of images, rows and columns")]
    [TestCase(TrainImages, "00000D03", "begins with '00000D03'")]
    [TestCase(TrainImages, "000008030000", "has the dimensions ()")]
    [TestCase(TrainImages, "00000803000000280000000600000000", "has the dimensions (40, 6, 0)")]
    [TestCase(TrainImages, "00000803FFFFFFFF0000000600000005", "has the dimensions (-1, 6, 5)")]
    [TestCase(TrainImages, "000008037FFFFFFF7FFFFFFF7FFFFFFF", "no more than")]
    [TestCase(TrainImages, "0000080300000028000000060000000501", "has 1 values; its dimensions (40, 6, 5) want 1,200")]
    [TestCase(TrainLabels, "000008010000000201", "has 1 values; its dimensions (2) want 2")]
    [TestCase(TrainLabels, "00000801000000010102", "has more than 1 values")]
    [TestCase(TrainLabels, "00000801000000020102", "has 2 labels")]
    [TestCase(TestLabels, "000008010000000A0102030405060708090A", "image 9 has class 10; expected 0 to 9")]
    [TestCase(TestImages, "000008030000000A0000000100000001AAAAAAAAAAAAAAAAAAAA", "has images of 1x1 pixels")]
    public void A_wrong_file_is_named(string file, string? content, string expected)
    {
        foreach (bool packed in content is null ? [false] : new[] { false, true })
        {
            WriteAll("", packed: false);
            Delete(file);
            if (content is not null)
            {
                Write("", file, Convert.FromHexString(content), packed);
            }

            Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.StartsWith(Path.Combine(_root, file)).And.Message.Contains(expected).And.Message.Not.Contains('\n'));
            File.Delete(Path.Combine(_root, file + ".gz"));
        }
    }

    [Test]
    public void A_damaged_packed_file_is_named()
    {
        WriteAll("", packed: true);
        string path = Path.Combine(_root, TrainImages + ".gz");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.StartsWith(path));
        bytes[bytes.Length / 2] ^= 0xff;
        File.WriteAllBytes(path, bytes);
        Assert.That(() => Open(), Throws.TypeOf<DataException>().With.Message.StartsWith(path));
        Assert.That(() => DatasetRegistry.Get("MNIST").Open(new DatasetRequest(Path.Combine(_root, "none"))), Throws.TypeOf<DataException>().With.Message.Contains("there is no such folder"));
    }

    [Test]
    public void Too_few_images_are_refused()
    {
        WriteAll("", packed: false);
        Write("", TrainImages, Images(2, 0), packed: false);
        Write("", TrainLabels, Labels(2, 0), packed: false);
        Assert.That(() => Open(), Throws.TypeOf<DataException>());
    }

    [Test]
    public void A_folder_is_recognized_by_its_files_and_name()
    {
        WriteAll("FashionMNIST/raw", packed: true);
        Assert.That(DatasetRegistry.All.Where(format => format.Recognizes(Path.Combine(_root, "FashionMNIST"))).Select(static format => format.Name), Is.EqualTo(new[] { "FashionMNIST" }));
        WriteAll("digits", packed: true);
        Assert.That(DatasetRegistry.All.Where(format => format.Recognizes(Path.Combine(_root, "digits"))).Select(static format => format.Name), Is.EqualTo(new[] { "MNIST" }));
    }

    private IDataset Open(double fraction = 0.1) => DatasetRegistry.Get("FashionMNIST").Open(new DatasetRequest(_root) { ValidationFraction = fraction });

    private void WriteAll(string folder, bool packed)
    {
        Write(folder, TrainImages, Images(Train, 0), packed);
        Write(folder, TrainLabels, Labels(Train, 0), packed);
        Write(folder, TestImages, Images(Test, Train), packed);
        Write(folder, TestLabels, Labels(Test, Train), packed);
    }

    private void Write(string folder, string file, byte[] content, bool packed)
    {
        Directory.CreateDirectory(Path.Combine(_root, folder));
        using FileStream stream = File.Create(Path.Combine(_root, folder, file + (packed ? ".gz" : "")));
        using Stream target = packed ? new GZipStream(stream, CompressionLevel.Optimal) : stream;
        target.Write(content);
    }

    private void Delete(string file) => File.Delete(Path.Combine(_root, file));

    private static byte Pixel(int image, int pixel) => (byte)((image * 31) + (pixel * 7));

    private static byte[] Images(int count, int first) => [.. Head(3, count, Height, Width), .. Enumerable.Range(0, count * Height * Width).Select(i => Pixel(first + (i / (Height * Width)), i % (Height * Width)))];

    private static byte[] Labels(int count, int first) => [.. Head(1, count), .. Enumerable.Range(first, count).Select(static i => (byte)(i % 10))];

    private static byte[] Head(byte dimensions, params int[] sizes)
    {
        var head = new byte[4 + (4 * sizes.Length)];
        (head[2], head[3]) = (8, dimensions);
        for (int i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4 + (4 * i)), sizes[i]);
        }

        return head;
    }
}
