using System.Text;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Engine.Tests.Checkpoints;

/// <summary>Files that break a rule of the format, and files whose content is not what was written.</summary>
[TestFixture]
public sealed class SafeTensorsFormatTests
{
    private string _folder = null!;
    private string _path = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("safetensors-").FullName;
        _path = Path.Combine(_folder, "model.safetensors");
    }

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [TestCase("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "'a'")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"shape":[4],"data_offsets":[0,4]}}""", "'shape'")]
    [TestCase("""{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "'k'")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "b should lie at bytes 1 to 4, but the tensor before it ends at 2")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "ends at 1")]
    [TestCase("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "ends at 0")]
    [TestCase("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "end at byte 3 of the elements, but there are 4 bytes")]
    [TestCase("""{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", "end at byte 5 of the elements, but there are 4 bytes")]
    [TestCase("{}", "but there are 4 bytes")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,4]}}""", "has 2 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "has 8 bytes")]
    [TestCase("""{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", "type F31")]
    [TestCase("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", "shape [-4]")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}""", "impossible shape")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}}""", "two offsets")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[-9223372036854775808,9223372036854775807]}}""", "should lie at bytes")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,99999999999999999999]}}""", "in place of a whole number")]
    [TestCase("""{"a\nb":{"dtype":"U9","shape":[4],"data_offsets":[0,4]}}""", "a b is of type U9")]
    [TestCase(""" {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "does not begin with '{'")]
    [TestCase("""{"__metadata__":{"k":1},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "no valid JSON")]
    [TestCase("""{"__metadata__":{"adashare.xxh64":"12"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "'12' instead of 16 hex digits")]
    public void A_header_that_breaks_a_rule_is_refused(string header, string cause)
    {
        WriteWithHeader(header, [1, 2, 3, 4]);

        string message = Refused();

        Assert.That(message, Does.StartWith(_path).And.Contain(cause).And.Not.Contain("\n"));
    }

    [TestCase("""{"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]},"none":{"dtype":"F64","shape":[0,7],"data_offsets":[2,2]},"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}""")]
    [TestCase("""{"a":{"dtype":"F4","shape":[2,4],"data_offsets":[0,4]}}   """)]
    public void Files_of_others_load_without_a_check_value(string header)
    {
        WriteWithHeader(header, [1, 2, 3, 4]);

        using var file = SafeTensorsFile.Open(_path);

        Assert.That(file.Contains("a"), Is.True);
    }

    [Test]
    public void Every_flipped_bit_and_every_zeroed_tail_is_refused_by_name()
    {
        byte[] whole = Written();
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(_path, damaged);
            Assert.That(Refused(), Does.StartWith(_path).And.Contain("no whole safetensors file").And.Not.Contain("\n"), $"byte {i}");
        }

        for (int length = 1; length <= 64; length *= 2)
        {
            byte[] zeroed = [.. whole];
            zeroed.AsSpan(zeroed.Length - length).Clear();
            File.WriteAllBytes(_path, zeroed);
            Assert.That(Refused(), Does.StartWith(_path).And.Contain("check value"), $"{length} bytes");
        }
    }

    [Test]
    public void Bytes_behind_the_last_tensor_are_refused()
    {
        File.WriteAllBytes(_path, [.. Written(), 0]);

        Assert.That(Refused(), Does.Contain("of the elements, but there are"));
    }

    [Test]
    public void A_check_value_that_was_read_is_not_written_on()
    {
        _ = Written();
        IReadOnlyDictionary<string, string> metadata;
        using (var file = SafeTensorsFile.Open(_path))
        {
            metadata = file.Metadata;
        }

        SafeTensors.Write(_path, [new SafeTensorEntry("b", "U8", [1], static bytes => bytes[0] = 9)], metadata);

        using var again = SafeTensorsFile.Open(_path);
        Assert.That(again.Metadata["phase"], Is.EqualTo("policy"));
        Assert.That(again.Metadata[SafeTensors.DigestKey], Is.Not.EqualTo(metadata[SafeTensors.DigestKey]));
    }

    [Test]
    public void Two_tensors_of_one_name_are_not_written()
    {
        SafeTensorEntry entry = new("a", "U8", [1], static _ => { });

        Assert.That(() => SafeTensors.Write(_path, [entry, entry], new Dictionary<string, string>()), Throws.TypeOf<CheckpointException>().With.Message.Contains("name a"));
        Assert.That(File.Exists(_path), Is.False);
    }

    [Test]
    public void The_check_value_is_XXH64()
    {
        // The test vectors of the reference implementation: no bytes, "a", "abc", and a text longer than a stripe.
        (string Text, ulong Hash)[] known =
        [
            ("", 0xEF46DB3751D8E999), ("a", 0xD24EC4F1A98C6E5B), ("abc", 0x44BC2CF5AD770999), ("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),
        ];
        foreach ((string text, ulong expected) in known)
        {
            byte[] bytes = Encoding.ASCII.GetBytes(text);
            for (int cut = 0; cut <= bytes.Length; cut++)
            {
                var hash = new XxHash64();
                hash.Append(bytes.AsSpan(0, cut));
                hash.Append(bytes.AsSpan(cut));
                Assert.That(hash.Value(), Is.EqualTo(expected), $"'{text}' cut at {cut}");
            }
        }
    }

    /// <summary>Mutants of a written and of a foreign file: read or refused with a <see cref="CheckpointException"/>, never anything else, never much memory.</summary>
    [Test]
    public void Mutated_files_are_read_or_refused()
    {
        byte[][] corpus = [Written(), Foreign("""{"a":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}}""", [1, 2, 3, 4])];
        RandomStream random = RandomStream.For(1, "safetensors fuzz");
        ulong word = 0;
        int Draw(int bound) => random.Integer(word++, bound);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 3000; round++)
        {
            byte[] mutant = [.. corpus[round % corpus.Length]];
            for (int change = Draw(4); change >= 0; change--)
            {
                int place = Draw(Math.Min(mutant.Length, 200));
                mutant[place] = Draw(3) switch { 0 => (byte)Draw(256), 1 => (byte)"0123456789{}[],:\"-"[Draw(18)], _ => (byte)(mutant[place] ^ (1 << Draw(8))) };
            }

            File.WriteAllBytes(_path, Draw(8) == 0 ? mutant[..Draw(mutant.Length)] : mutant);
            try
            {
                using var file = SafeTensorsFile.Open(_path);
            }
            catch (CheckpointException error)
            {
                Assert.That(error.Message, Does.StartWith(_path).And.Not.Contain("\n"));
            }
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(500_000_000), "bytes for 3000 files of some hundred bytes");
    }

    [Test]
    public void A_pipe_or_a_device_is_refused_before_it_is_opened()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("the names of devices are those of Linux");
        }

        Assert.That(() => SafeTensorsFile.Open("/dev/zero"), Throws.TypeOf<CheckpointException>().With.Message.Contains("a device"));
        Assert.That(() => SafeTensorsFile.Open(_folder), Throws.TypeOf<CheckpointException>().With.Message.Contains("a folder"));
    }

    private byte[] Written()
    {
        SafeTensorEntry entry = new("a", "F32", [5, 4], static bytes => RandomStream.For(3, "elements").Permutation(bytes.Length).Select(static i => (byte)(i + 1)).ToArray().CopyTo(bytes));
        SafeTensors.Write(_path, [entry], new Dictionary<string, string> { ["phase"] = "policy" });
        return File.ReadAllBytes(_path);
    }

    private string Refused() => Assert.Throws<CheckpointException>(() => SafeTensorsFile.Open(_path).Dispose())!.Message;

    private void WriteWithHeader(string header, byte[] data) => File.WriteAllBytes(_path, Foreign(header, data));

    private static byte[] Foreign(string header, byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. data];
    }
}
