using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>MATLAB 5 files, written byte by byte as the format says.</summary>
public sealed class MatlabFileTests
{
    private const int Int8 = 1, UInt8 = 2, Int16 = 3, UInt16 = 4, Int32 = 5, UInt32 = 6, Single = 7, Double = 9, Int64 = 12, UInt64 = 13, Matrix = 14, Packed = 15;

    private DenseFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public void Numbers_are_read_in_either_byte_order_packed_or_not(bool big, bool packed)
    {
        byte[] array = Array(big, "trainNdxs", [3, 1], Element(big, Double, Doubles(big, 3, 4.5, -1440)));
        byte[] second = Array(big, "n", [1, 2], Small(big, UInt16, big ? [1, 2, 0, 9] : [2, 1, 9, 0]));

        IReadOnlyDictionary<string, double[]> read = Read(big, packed ? [.. Pack(big, array), .. Pack(big, second)] : [.. array, .. second]);

        Assert.That(read["trainNdxs"], Is.EqualTo([3, 4.5, -1440]));
        Assert.That(read["n"], Is.EqualTo([258.0, 9]));
    }

    [TestCase(Int8, new byte[] { 0xFF }, -1)]
    [TestCase(UInt8, new byte[] { 0xFF }, 255)]
    [TestCase(Int16, new byte[] { 0xFE, 0xFF }, -2)]
    [TestCase(Int32, new byte[] { 0xFD, 0xFF, 0xFF, 0xFF }, -3)]
    [TestCase(UInt32, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, 4294967295.0)]
    [TestCase(Single, new byte[] { 0, 0, 0x20, 0x40 }, 2.5)]
    [TestCase(Int64, new byte[] { 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, -4)]
    [TestCase(UInt64, new byte[] { 7, 0, 0, 0, 0, 0, 0, 0 }, 7)]
    public void Every_type_of_number_is_read(int type, byte[] bytes, double value) =>
        Assert.That(Read(false, Array(false, "a", [1, 1], Element(false, type, bytes)))["a"], Is.EqualTo([value]));

    [Test]
    public void Text_is_passed_over()
    {
        byte[] text = Array(false, "note", [1, 2], Element(false, UInt16, [65, 0, 66, 0]), matlabClass: 4);
        Assert.That(Read(false, [.. text, .. Array(false, "a", [1, 1], Element(false, Double, Doubles(false, 1)))]).Keys, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void A_damaged_file_is_named_in_one_sentence()
    {
        byte[] array = Array(false, "a", [2, 1], Element(false, Double, Doubles(false, 1, 2)));
        byte[] packed = Pack(false, array);
        (byte[] Content, string Words)[] damaged =
        [
            ([.. "too short"u8], "not a MATLAB 5 file"),
            ([.. Encoding.ASCII.GetBytes("MATLAB 7.3 MAT-file".PadRight(128))], "begins with 'MATLAB 7.3'"),
            ([.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file".PadRight(128))], "names no byte order"),
            (File(false, [1, 2, 3]), "ends within the tag"),
            (File(false, array[..^8]), "does not fit"),
            (File(false, [.. array, .. array]), "is there twice"),
            (File(false, Array(false, "a", [3, 1], Element(false, Double, Doubles(false, 1, 2)))), "2 numbers for 3 places"),
            (File(false, Array(false, "a", [-1, 1], Element(false, Double, Doubles(false, 1)))), "has a side of -1"),
            (File(false, Array(false, "a", [1, 1], Element(false, 8, Doubles(false, 1)))), "unknown type 8"),
            (File(false, Array(false, "a", [1, 1], Element(false, Double, [1, 2, 3]))), "3 bytes of numbers of 8"),
            (File(false, Element(false, Matrix, Element(false, Double, Doubles(false, 1)))), "ends within the tag"),
            (File(false, [.. packed[..8], .. packed[8..].Select(static b => (byte)~b)]), "can't be unpacked"),
            (File(false, [.. packed[..8], 0x78, 0xBB, .. packed[10..]]), "can't be unpacked"),
        ];
        foreach ((byte[] content, string words) in damaged)
        {
            _folder.Write("a.mat", content);
            string message = Assert.Throws<DataException>(() => MatlabFile.Read(_folder["a.mat"]), words)!.Message;
            Assert.That(message, Does.StartWith(_folder["a.mat"] + ":").And.Contain(words).And.Not.Contain("\n"));
        }
    }

    /// <summary>What unpacks to more than any list is refused before it fills the memory.</summary>
    [Test]
    public void A_bomb_is_refused()
    {
        _folder.Write("a.mat", File(false, Pack(false, new byte[(1 << 26) + 100])));
        Assert.That(Assert.Throws<DataException>(() => MatlabFile.Read(_folder["a.mat"]))!.Message, Does.Contain("unpacks to more than"));
    }

    private IReadOnlyDictionary<string, double[]> Read(bool big, byte[] elements)
    {
        _folder.Write("a.mat", File(big, elements));
        return MatlabFile.Read(_folder["a.mat"]);
    }

    private static byte[] File(bool big, byte[] elements) =>
        [.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, by a test".PadRight(124)), .. big ? [1, 0] : new byte[] { 0, 1 }, .. big ? "MI"u8 : "IM"u8, .. elements];

    private static byte[] Array(bool big, string name, int[] sizes, byte[] numbers, int matlabClass = 6) => Element(big, Matrix,
    [
        .. Element(big, UInt32, [.. Word(big, matlabClass), .. Word(big, 0)]),
        .. Element(big, Int32, [.. sizes.SelectMany(size => Word(big, size))]),
        .. name.Length <= 4 ? Small(big, Int8, Encoding.ASCII.GetBytes(name)) : Element(big, Int8, Encoding.ASCII.GetBytes(name)),
        .. numbers,
    ]);

    private static byte[] Element(bool big, int type, byte[] data) => [.. Word(big, type), .. Word(big, data.Length), .. data, .. new byte[(8 - (data.Length % 8)) % 8]];

    /// <summary>An element of up to 4 bytes, within its tag.</summary>
    private static byte[] Small(bool big, int type, byte[] data) => [.. Word(big, (data.Length << 16) | type), .. data, .. new byte[4 - data.Length]];

    private static byte[] Pack(bool big, byte[] element)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(element);
        }

        return [.. Word(big, Packed), .. Word(big, (int)packed.Length), .. packed.ToArray()];
    }

    private static byte[] Word(bool big, int value)
    {
        var bytes = new byte[4];
        if (big)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        }

        return bytes;
    }

    private static byte[] Doubles(bool big, params double[] values) => [.. values.SelectMany(value =>
    {
        var bytes = new byte[8];
        if (big)
        {
            BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        }

        return bytes;
    })];
}
