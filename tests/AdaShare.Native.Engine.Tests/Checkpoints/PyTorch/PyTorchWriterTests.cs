using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Engine.Tests.Checkpoints.PyTorch;

/// <summary>Files that we write, read by ourselves and by PyTorch.</summary>
[TestFixture]
public sealed class PyTorchWriterTests
{
    private static readonly SafeTensorEntry[] Entries =
    [
        Entry("a.weight", "F32", [2, 3], 0.5f, 1, 1.5f, 2, 2.5f, -3), Entry("double", "F64", [2], 1.0 / 3, -2.0), Entry("count", "I64", [], 1L << 40), Entry("small", "I32", [3], 1, -2, 3),
        Entry("bytes", "U8", [2], (byte)0, (byte)255), Entry<float>("empty", "F32", [0, 3]), Entry("Größe", "F32", [1, 1, 1, 1], 7f),
    ];

    private string _path = null!;

    [SetUp]
    public void SetUp() => _path = Path.Combine(Directory.CreateTempSubdirectory("writer").FullName, "model.pth");

    [TearDown]
    public void TearDown() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Test]
    public void What_was_written_comes_back_and_equal_content_makes_equal_files()
    {
        PyTorchWriter.Write(_path, Entries, overwrite: false);
        byte[] first = File.ReadAllBytes(_path);
        Assert.Throws<DataException>(() => PyTorchWriter.Write(_path, Entries, overwrite: false));
        PyTorchWriter.Write(_path, Entries, overwrite: true);
        Assert.That(File.ReadAllBytes(_path), Is.EqualTo(first));
        using var file = PyTorchFile.Open(_path);
        Assert.That(file.Tensors.Select(static tensor => (tensor.Name, tensor.Format.Name)), Is.EqualTo(Entries.Select(static entry => (entry.Name, entry.Type))));
        Assert.That(file.Tensors.Select(static tensor => tensor.Shape), Is.EqualTo(Entries.Select(static entry => entry.Shape.Select(static size => (long)size))));
        Assert.That(file.Tensors[0].Read(), Is.EqualTo(new[] { 0.5, 1, 1.5, 2, 2.5, -3 }));
        Assert.That(file.Tensors[2].Read(), Is.EqualTo(new[] { (double)(1L << 40) }));
        Assert.That(file.Tensors[4].Read(), Is.EqualTo(new double[] { 0, 255 }));
    }

    [Test]
    public void PyTorch_loads_it()
    {
        DebianPython.RequireTorch();
        PyTorchWriter.Write(_path, Entries, overwrite: false);
        string printed = DebianPython.Run(
            "import sys, torch\nfor name, value in torch.load(sys.argv[1]).items(): print(name.encode('ascii', 'replace').decode(), str(value.dtype)[6:], list(value.shape), value.reshape(-1).tolist(), value.is_contiguous())",
            Path.GetDirectoryName(_path)!, _path);
        Assert.That(printed.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[]
        {
            "a.weight float32 [2, 3] [0.5, 1.0, 1.5, 2.0, 2.5, -3.0] True", "double float64 [2] [0.3333333333333333, -2.0] True", "count int64 [] [1099511627776] True", "small int32 [3] [1, -2, 3] True",
            "bytes uint8 [2] [0, 255] True", "empty float32 [0, 3] [] True", "Gr??e float32 [1, 1, 1, 1] [7.0] True",
        }));
    }

    private static SafeTensorEntry Entry<T>(string name, string type, int[] shape, params T[] values) where T : unmanaged => new(name, type, shape, bytes => MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(bytes));
}
