using System.Buffers.Binary;
using System.Text;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Tests.Checkpoints;

[TestFixture]
public sealed class SafeTensorsTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    private string _folder = null!;
    private string _path = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, "safetensors-" + TestContext.CurrentContext.Test.ID);
        Directory.CreateDirectory(_folder);
        _path = Path.Combine(_folder, "model.safetensors");
    }

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_bytes_are_those_of_the_format()
    {
        // safetensors.torch.save({"a": torch.tensor([[1, 2]], dtype=torch.uint8)}), the header padded with spaces to a multiple of eight, and our check value.
        SafeTensors.Write(_path, [new SafeTensorEntry("a", "U8", [1, 2], bytes => new byte[] { 1, 2 }.CopyTo(bytes))], NoMetadata);
        byte[] file = File.ReadAllBytes(_path);
        long header = BinaryPrimitives.ReadInt64LittleEndian(file);
        Assert.Multiple(() =>
        {
            Assert.That(header % 8, Is.Zero);
            Assert.That(
                Encoding.UTF8.GetString(file, 8, (int)header).TrimEnd(' '),
                Does.Match("""^{"__metadata__":{"adashare.xxh64":"[0-9a-f]{16}","adashare.format":"1"},"a":{"dtype":"U8","shape":\[1,2\],"data_offsets":\[0,2\]}}$"""));
            Assert.That(file[(8 + (int)header)..], Is.EqualTo(new byte[] { 1, 2 }));
        });
    }

    [Test]
    public void What_was_written_comes_back()
    {
        SafeTensors.Write(
            _path,
            [Doubles("x", 1.5, double.NegativeInfinity), new SafeTensorEntry("empty", "F32", [0, 3], static _ => { }), new SafeTensorEntry("Größe", "I64", [], bytes => BinaryPrimitives.WriteInt64LittleEndian(bytes, -7))],
            new Dictionary<string, string> { ["phase"] = "policy \"2\"\n" });
        using var file = SafeTensorsFile.Open(_path);
        var x = new byte[16];
        var number = new byte[8];
        file.Read("x", "F64", [2], x);
        file.Read("Größe", "I64", [], number);
        file.Read("empty", "F32", [0, 3], []);
        Assert.Multiple(() =>
        {
            Assert.That(BitConverter.ToDouble(x, 8), Is.EqualTo(double.NegativeInfinity));
            Assert.That(BitConverter.ToInt64(number), Is.EqualTo(-7));
            Assert.That(file.Names, Is.EqualTo(new[] { "x", "empty", "Größe" }));
            Assert.That(file.Contains("y"), Is.False);
            Assert.That(file.Metadata["phase"], Is.EqualTo("policy \"2\"\n"));
        });
    }

    [Test]
    public void Reading_another_tensor_than_is_there_names_both()
    {
        SafeTensors.Write(_path, [Doubles("x", 1, 2)], NoMetadata);
        using var file = SafeTensorsFile.Open(_path);
        var target = new byte[16];
        Assert.Multiple(() =>
        {
            Assert.That(() => file.Read("y", "F64", [2], target), Throws.TypeOf<CheckpointException>().With.Message.Contains(_path).And.Message.Contains("no tensor y"));
            Assert.That(() => file.Read("x", "F64", [1, 2], target), Throws.TypeOf<CheckpointException>().With.Message.Contains("F64 [2], expected F64 [1, 2]"));
            Assert.That(() => file.Read("x", "F32", [4], target), Throws.TypeOf<CheckpointException>().With.Message.Contains("expected F32 [4]"));
        });
    }

    [Test]
    public void A_missing_file_is_named() =>
        Assert.That(() => SafeTensorsFile.Open(_path), Throws.TypeOf<CheckpointException>().With.Message.Contains(_path).And.Message.Contains("could not be read"));

    [TestCase("")]
    [TestCase("1234567")]
    [TestCase("\u0001\0\0\0\0\0\0\0 ")]
    [TestCase("\u0009\0\0\0\0\0\0\0{}")]
    [TestCase("\u0004\0\0\0\0\0\0\0{]  ")]
    [TestCase("\u0004\0\0\0\0\0\0\0[]  ")]
    public void A_file_without_a_whole_header_is_damaged(string content)
    {
        File.WriteAllBytes(_path, Encoding.Latin1.GetBytes(content));
        Assert.That(() => SafeTensorsFile.Open(_path), Throws.TypeOf<CheckpointException>().With.Message.Contains(_path).And.Message.Contains("no whole safetensors file"));
    }

    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,1]}}""")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}""")]
    [TestCase("""{"a":{"dtype":"U8","data_offsets":[0,1]}}""")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""")]
    [TestCase("""{"a":7}""")]
    public void A_header_that_does_not_fit_the_file_is_damaged(string header)
    {
        WriteWithHeader(header, [1, 2, 3]);
        Assert.That(() => SafeTensorsFile.Open(_path), Throws.TypeOf<CheckpointException>().With.Message.Contains(_path).And.Message.Contains("no whole safetensors file"));
    }

    [Test]
    public void A_truncated_file_is_damaged()
    {
        SafeTensors.Write(_path, [Doubles("x", 1, 2, 3)], NoMetadata);
        byte[] whole = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, whole[..^1]);
        Assert.That(() => SafeTensorsFile.Open(_path), Throws.TypeOf<CheckpointException>());
    }

    [Test]
    public void A_write_that_fails_leaves_the_old_file_whole()
    {
        SafeTensors.Write(_path, [Doubles("x", 1)], NoMetadata);
        byte[] before = File.ReadAllBytes(_path);
        SafeTensorEntry broken = new("x", "F64", [1], static _ => throw new IOException("disk full"));
        Assert.That(() => SafeTensors.Write(_path, [Doubles("w", 5), broken], NoMetadata), Throws.TypeOf<CheckpointException>().With.Message.Contains("disk full").And.Message.Contains("intact"));
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllBytes(_path), Is.EqualTo(before));
            Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { _path }));
        });
    }

    [Test]
    public void Writing_makes_the_folder()
    {
        string path = Path.Combine(_folder, "deep", "er", "model.safetensors");
        SafeTensors.Write(path, [Doubles("x", 1)], NoMetadata);
        Assert.That(File.Exists(path), Is.True);
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), string.Empty);
        string path = Path.Combine(_folder, "file", "model.safetensors");
        Assert.That(() => SafeTensors.Write(path, [Doubles("x", 1)], NoMetadata), Throws.TypeOf<CheckpointException>().With.Message.Contains(path));
    }

    private static SafeTensorEntry Doubles(string name, params double[] values) => new(name, "F64", [values.Length], bytes =>
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[(8 * i)..], values[i]);
        }
    });

    private void WriteWithHeader(string header, byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        using FileStream stream = File.Create(_path);
        stream.Write(BitConverter.GetBytes((long)text.Length));
        stream.Write(text);
        stream.Write(data);
    }
}
