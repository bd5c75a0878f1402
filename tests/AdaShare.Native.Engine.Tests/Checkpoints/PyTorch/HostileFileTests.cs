using System.Diagnostics;
using System.IO.Compression;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Engine.Tests.Checkpoints.PyTorch;

/// <summary>Files that nobody should trust: each is refused in one sentence that names what it asks for.</summary>
[TestFixture]
public sealed class HostileFileTests
{
    private string _path = null!;

    [SetUp]
    public void SetUp() => _path = Path.Combine(Directory.CreateTempSubdirectory("hostile").FullName, "model.pth");

    [TearDown]
    public void TearDown() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Test]
    public void A_class_is_refused_by_its_name_and_never_run()
    {
        string witness = Path.Combine(Path.GetDirectoryName(_path)!, "witness");
        byte[] attack = new PickleText().Global("posix", "system").Op("(").Text("touch " + witness).Op("tR.").ToArray();
        Assert.That(Refusal(attack), Does.Contain("posix.system").And.Contain("nothing is run"));
        Assert.That(Refusal(new PickleText(4).Text("builtins").Text("eval").Raw(0x93).Op(".").ToArray()), Does.Contain("builtins.eval"));
        Assert.That(Refusal(Zip(attack)), Does.Contain("posix.system"));
        Assert.That(File.Exists(witness), Is.False);
    }

    [TestCase("torch", "load")]
    [TestCase("torch.nn.modules.conv", "Conv2d")]
    [TestCase("torch._utils", "_rebuild_qtensor")]
    [TestCase("numpy.core.multiarray", "fromfile")]
    [TestCase("collections", "defaultdict")]
    public void Classes_beside_the_known_ones_are_refused(string module, string name) =>
        Assert.That(Refusal(new PickleText().Global(module, name).Op(".").ToArray()), Does.Contain($"{module}.{name}").And.Contain("torch.save(model.state_dict(), FILE)"));

    [TestCase((byte)'i', "INST")]
    [TestCase((byte)'o', "OBJ")]
    [TestCase((byte)0x81, "NEWOBJ")]
    [TestCase((byte)0x92, "NEWOBJ_EX")]
    [TestCase((byte)0x82, "EXT1")]
    [TestCase((byte)0x8f, "EMPTY_SET")]
    [TestCase((byte)'P', "PERSID")]
    [TestCase((byte)0xff, "0xff")]
    public void Instructions_beside_the_known_ones_are_refused(byte opcode, string name) => Assert.That(Refusal(new PickleText().Raw(opcode).ToArray()), Does.Contain(name));

    [Test]
    public void A_known_class_is_called_in_no_other_way()
    {
        Assert.That(Refusal(new PickleText().Global("numpy", "ndarray").Op(")R.").ToArray()), Does.Contain("numpy.ndarray"));
        Assert.That(Refusal(new PickleText().Global("torch", "FloatStorage").Op(")R.").ToArray()), Does.Contain("torch.FloatStorage"));
        Assert.That(Refusal(new PickleText().Global("_codecs", "encode").Op("(").Text("a").Text("punycode").Op("tR.").ToArray()), Does.Contain("latin1"));
        Assert.That(Refusal(new PickleText().Text("a").Op(")R.").ToArray()), Does.Contain("a text is called"));
        Assert.That(Refusal(new PickleText().Op("]}b.").ToArray()), Does.Contain("sets the state of a list"));
    }

    [Test]
    public void Tensors_stay_in_their_storage_and_off_themselves()
    {
        Assert.Multiple(() =>
        {
            Assert.That(OfTensor(4, 0, [2, 2], [2, 1]), Is.Null, "a whole one is read");
            Assert.That(OfTensor(4, 1, [2, 2], [2, 1]), Does.Contain("beyond its end"));
            Assert.That(OfTensor(4, -1, [2], [1]), Does.Contain("begins at element -1"));
            Assert.That(OfTensor(4, 0, [2, 2], [1, 1]), Does.Contain("lie upon one another"));
            Assert.That(OfTensor(4, 0, [1 << 20], [0]), Does.Contain("lie upon one another"));
            Assert.That(OfTensor(4, 0, [2, 2], [-2, 1]), Does.Contain("lie upon one another"));
            Assert.That(OfTensor(4, 0, [int.MaxValue, int.MaxValue, int.MaxValue], [1, 1, 1]), Does.Contain("more elements than its storage"));
            Assert.That(OfTensor(4, 0, [-1], [1]), Does.Contain("more elements than its storage"));
            Assert.That(OfTensor(4, 0, [2, 2], [int.MaxValue, 1]), Does.Contain("beyond its end"));
            Assert.That(OfTensor(4, 0, [2], [1, 1]), Does.Contain("2 strides"));
            Assert.That(OfTensor(5, 0, [2], [1]), Does.Contain("should have 20 bytes, and has 16"));
            Assert.That(OfTensor(int.MaxValue, 0, [2], [1]), Does.Contain("storage 0 has"));
        });
    }

    [Test]
    public void Lengths_that_are_not_there_cost_no_memory()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(Refusal(new PickleText().Op("X").Raw(0xff, 0xff, 0xff, 0x7f).ToArray()), Does.Contain("bytes should follow"));
        Assert.That(Refusal(new PickleText(4).Raw(0x8d).Raw(BitConverter.GetBytes(long.MaxValue)).ToArray()), Does.Contain("bytes should follow"));
        Assert.That(Refusal(new PickleText().Raw(0x8b).Raw(BitConverter.GetBytes(int.MaxValue)).ToArray()), Does.Contain("whole number"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4 << 20));
    }

    [Test]
    public void Depth_costs_no_stack_and_copies_have_an_end()
    {
        byte[] deep = [.. new PickleText().ToArray(), .. Enumerable.Repeat((byte)']', 1_000_000), .. Enumerable.Repeat((byte)'a', 999_999), (byte)'.'];
        Assert.That(Refusal(deep), Is.Null, "a list in a list, a million deep, has no tensors and is read");

        // A list of 200,000 pairs, of which OrderedDict is asked for again and again.
        PickleText copies = new PickleText().Op("](");
        for (int i = 0; i < 200_000; i++)
        {
            copies.Number(i).Op("N").Raw(0x86);
        }

        copies.Op("e").Raw((byte)'q', 0).Op("0(");
        for (int i = 0; i < 1000; i++)
        {
            copies.Global("collections", "OrderedDict").Raw((byte)'h', 0).Raw(0x85).Op("R");
        }

        var watch = Stopwatch.StartNew();
        Assert.That(Refusal(copies.Op("l.").ToArray()), Does.Contain("instructions to read"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public void A_zip_entry_that_unpacks_to_more_than_it_can_is_refused()
    {
        byte[] pickle = new PickleText().Op("}").Text("a").Tensor("0", 1 << 24, 0, [1 << 24], [1]).Op("s.").ToArray();
        using (var archive = new ZipArchive(File.Create(_path), ZipArchiveMode.Create))
        {
            Write(archive, "m/data.pkl", pickle, CompressionLevel.NoCompression);
            Write(archive, "m/data/0", new byte[1 << 26], CompressionLevel.SmallestSize);
        }

        byte[] packed = File.ReadAllBytes(_path);
        Assert.That(Refusal(packed), Is.Null, "deflate makes a thousand of one, and such a file is read");

        // The size in the central directory, and in the pickle with it, is made larger than the packed bytes can give.
        byte[] lie = [.. packed];
        byte[] claimed = BitConverter.GetBytes(1 << 26), larger = BitConverter.GetBytes(1 << 28);
        for (int at = 0; at + 4 <= lie.Length; at++)
        {
            if (lie.AsSpan(at, 4).SequenceEqual(claimed))
            {
                larger.CopyTo(lie, at);
            }
        }

        Assert.That(Refusal(lie), Does.Contain("storage 0 should have"));
    }

    [Test]
    public void Damaged_content_differs_from_its_check_value()
    {
        byte[] file = File.ReadAllBytes(TestData.File("pytorch", "state.pth"));
        int at = file.AsSpan().IndexOf(BitConverter.GetBytes(2.5f));
        file[at] ^= 1;
        Assert.That(Refusal(file), Does.Contain("check value"));
    }

    [Test]
    public void Files_of_other_kinds_are_named()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Refusal([]), Is.Not.Null);
            Assert.That(Refusal("PK\x05\x06"u8.ToArray()), Is.Not.Null);
            Assert.That(Refusal(new PickleText().Text("nothing").Op(".").ToArray()), Does.Contain("holds a text"));
            Assert.That(Refusal(new PickleText().Op("}.").ToArray()), Does.Contain("dictionary without tensors"));
            Assert.That(Assert.Throws<DataException>(() => PyTorchFile.Open(_path + ".none"))!.Message, Does.Contain("there is no such file").Or.Contain("could not be read"));
        });
    }

    [Test]
    public void Mutated_files_are_read_or_refused_in_a_sentence()
    {
        string[] files = [.. Directory.GetFiles(Path.GetDirectoryName(TestData.File("pytorch", "state.pth"))!).Where(static file => !file.EndsWith(".py", StringComparison.Ordinal)).Order()];
        var random = new System.Random(1);
        int read = 0, refused = 0;
        long most = 0;
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 2500; i++)
        {
            byte[] file = File.ReadAllBytes(files[i % files.Length]);
            for (int changes = 1 + random.Next(3); changes > 0; changes--)
            {
                int at = random.Next(file.Length);
                file = random.Next(8) switch
                {
                    0 => [.. file[..at], .. file[Math.Min(file.Length, at + 1 + random.Next(8))..]],
                    1 => [.. file[..at], .. file[random.Next(file.Length)..]],
                    _ => [.. file[..at], (byte)(random.Next(2) == 0 ? random.Next(256) : file[at] ^ (1 << random.Next(8))), .. file[(at + 1)..]],
                };
                file = file.Length == 0 ? [0] : file;
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            string? refusal = Refusal(file);
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
            (read, refused) = refusal is null ? (read + 1, refused) : (read, refused + 1);
            Assert.That(refusal, Is.Null.Or.Not.Contains("\n"));
        }

        TestContext.Out.WriteLine($"{read} read, {refused} refused, at most {most} bytes, {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.That(read, Is.GreaterThan(100));
        Assert.That(refused, Is.GreaterThan(500));
        Assert.That(most, Is.LessThan(16 << 20));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromMinutes(2)));
    }

    /// <summary>The sentence with which a file is refused, its tensors included; null where it is read. Any other exception fails the test.</summary>
    private string? Refusal(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        try
        {
            using var file = PyTorchFile.Open(_path);
            foreach (WeightTensor tensor in file.Tensors)
            {
                tensor.Read();
            }

            return null;
        }
        catch (DataException error)
        {
            Assert.That(error.Message, Does.StartWith(_path + ": "));
            return error.Message;
        }
    }

    private string? OfTensor(int count, int offset, int[] shape, int[] strides)
    {
        byte[] pickle = new PickleText().Op("}").Text("a").Tensor("0", count, offset, shape, strides).Op("s.").ToArray();
        return Refusal(Zip(pickle, new byte[16]));
    }

    private static byte[] Zip(byte[] pickle, byte[]? storage = null)
    {
        var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(archive, "m/data.pkl", pickle, CompressionLevel.NoCompression);
            if (storage is not null)
            {
                Write(archive, "m/data/0", storage, CompressionLevel.NoCompression);
            }
        }

        return memory.ToArray();
    }

    private static void Write(ZipArchive archive, string name, byte[] content, CompressionLevel level)
    {
        using Stream stream = archive.CreateEntry(name, level).Open();
        stream.Write(content);
    }
}
