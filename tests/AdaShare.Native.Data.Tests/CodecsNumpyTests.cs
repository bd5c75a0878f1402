using System.Buffers.Binary;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>The .npy files, against files that the tests make byte by byte.</summary>
public sealed class CodecsNumpyTests
{
    [TestCase("f4", -1.5, 3.25)]
    [TestCase("f8", -1.5, 3.25)]
    [TestCase("u1", 0, 255)]
    [TestCase("i1", -128, 127)]
    [TestCase("u2", 258, 65535)]
    [TestCase("i2", -32768, 513)]
    [TestCase("i4", -70000, 66051)]
    [TestCase("u4", 66051, 4294967295)]
    [TestCase("i8", -70000, 8589934592)]
    public void Every_type_is_read_in_both_byte_orders(string type, double first, double second)
    {
        foreach (char order in type[1] == '1' ? "|<>" : "<>")
        {
            byte[] data = [.. Number(type, first, order == '>'), .. Number(type, second, order == '>')];

            NumpyArray array = Read(Made($"{{'descr': '{order}{type}', 'fortran_order': False, 'shape': (2,), }}", data));

            Assert.That(array.Shape, Is.EqualTo([2]));
            Assert.That(array.Values, Is.EqualTo([(float)first, (float)second]), $"{order}{type}");
        }
    }

    [TestCase(new int[0])]
    [TestCase(new[] { 5 })]
    [TestCase(new[] { 2, 3 })]
    [TestCase(new[] { 4, 1, 3 })]
    [TestCase(new[] { 2, 3, 4, 5 })]
    [TestCase(new[] { 3, 2, 2, 1, 4 })]
    [TestCase(new[] { 2, 0, 3 })]
    public void Fortran_order_becomes_C_order(int[] shape)
    {
        int count = shape.Aggregate(1, (product, size) => product * size);
        float[] ordered = [.. Enumerable.Range(0, count).Select(i => (float)i)];
        var stored = new float[count];
        for (int i = 0; i < count; i++)
        {
            // The index of element i in C order, and where Fortran order puts it.
            int rest = i;
            int place = 0;
            int stride = count;
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                stride /= shape[axis];
                place += rest % shape[axis] * stride;
                rest /= shape[axis];
            }

            stored[place] = ordered[i];
        }

        string sizes = string.Concat(shape.Select(size => $"{size}, "));
        NumpyArray array = Read(Made($"{{'descr': '<f4', 'fortran_order': True, 'shape': ({sizes}), }}", Bytes(stored)));

        Assert.That(array.Shape, Is.EqualTo(shape));
        Assert.That(array.Values, Is.EqualTo(ordered));
    }

    [TestCase(new int[0])]
    [TestCase(new[] { 3 })]
    [TestCase(new[] { 2, 3 })]
    [TestCase(new[] { 2, 3, 1, 2, 2 })]
    [TestCase(new[] { 0 })]
    public void What_is_written_is_read(int[] shape)
    {
        float[] values = [.. Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size)).Select(i => (i * 0.37f) - 1)];

        byte[] file = NumpyArray.Encode(shape, values);
        NumpyArray array = Read(file);

        Assert.That(array.Shape, Is.EqualTo(shape));
        Assert.That(array.Values, Is.EqualTo(values));
        Assert.That((file.Length - (4 * values.Length)) % 64, Is.Zero);
    }

    [Test]
    public void Whole_numbers_of_a_byte_are_written_as_such()
    {
        byte[] file = NumpyArray.EncodeBytes([2, 3], [0, 1, 2, 253, 254, 255]);
        Assert.That(Encoding.ASCII.GetString(file, 10, 60), Is.EqualTo("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }".PadRight(60)));
        Assert.That(file, Has.Length.EqualTo(128 + 6));
        NumpyArray array = Read(file);
        Assert.That(array.Shape, Is.EqualTo(new[] { 2, 3 }));
        Assert.That(array.Values, Is.EqualTo(new float[] { 0, 1, 2, 253, 254, 255 }));
        Assert.That(() => NumpyArray.EncodeBytes([2, 2], [1]), Throws.ArgumentException.With.Message.Contains("(2, 2) with 1 values"));
    }

    [Test]
    public void The_header_is_what_numpy_writes()
    {
        byte[] file = NumpyArray.Encode([3], [1, 2, 3]);

        Assert.That(Encoding.ASCII.GetString(file, 10, 118), Is.EqualTo("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".PadRight(117) + "\n"));
        Assert.That(file[..10], Is.EqualTo(new byte[] { 0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0 }));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Every_version_is_read(int version)
    {
        // Another order of entries, double quotes, no last comma, Python 2's long numbers: all of it is in files out there.
        byte[] file = Made("{\"shape\": (1L,2), \"descr\":\"<f4\",\n 'fortran_order' : False}", Bytes([4, 5]), version);

        NumpyArray array = Read(file);

        Assert.That(array.Shape, Is.EqualTo([1, 2]));
        Assert.That(array.Values, Is.EqualTo([4f, 5f]));
    }

    [Test]
    public void A_file_that_ends_anywhere_is_refused_in_one_line()
    {
        byte[] file = NumpyArray.Encode([2, 2], [1, 2, 3, 4]);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.That(Refused(file[..length]), Does.StartWith("bad.npy: ").And.Not.Contain("\n"), $"cut at {length}");
        }
    }

    [TestCase("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "Python objects")]
    [TestCase("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "'<c8'")]
    [TestCase("{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }", "'|f4'")]
    [TestCase("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", "records")]
    [TestCase("{'descr': '<f4', 'fortran_order': 1, 'shape': (1,), }", "instead of True or False")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "shape (-1)")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", "shape (99999999999)")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536), }", "fewer than 2^31")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1), }", "6 dimensions")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': 1 }", "no '('")]
    [TestCase("{'descr': '<f4', 'fortran_order': False}", "missing")]
    [TestCase("{'descr': '<f4, 'fortran_order': False}", "corrupt .npy header")]
    [TestCase("{'what': '<f4'}", "unknown entry 'what'")]
    [TestCase("hello", "no '{'")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "needs 8 bytes, 4 are there")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", "needs 0 bytes, 4 are there")]
    public void Headers_that_do_not_fit_are_refused(string header, string cause) =>
        Assert.That(Refused(Made(header, Bytes([1]))), Does.StartWith("bad.npy: ").And.Contain(cause).And.Not.Contain("\n"));

    [Test]
    public void Other_files_and_versions_are_refused()
    {
        byte[] future = NumpyArray.Encode([1], [1]);
        future[6] = 4;

        Assert.That(Refused(Encoding.ASCII.GetBytes("PK some zip file")), Does.Contain("not a .npy file"));
        Assert.That(Refused(future), Does.Contain("version 4"));
    }

    [Test]
    public void A_shape_that_does_not_fit_its_values_is_refused()
    {
        Assert.Throws<ArgumentException>(() => NumpyArray.Encode([2, 2], [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => NumpyArray.Encode([1, 1, 1, 1, 1, 1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => NumpyArray.Encode([-1], []));
    }

    private static NumpyArray Read(byte[] file) => NumpyArray.Read(new MemoryStream(file), "test.npy");

    private static string Refused(byte[] file) => Assert.Throws<DataException>(() => NumpyArray.Read(new MemoryStream(file), "bad.npy"))!.Message;

    private static byte[] Made(string header, byte[] data, int version = 1)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        var length = new byte[version == 1 ? 2 : 4];
        length[0] = (byte)text.Length;
        return [0x93, .. Encoding.ASCII.GetBytes("NUMPY"), (byte)version, 0, .. length, .. text, .. data];
    }

    private static byte[] Bytes(float[] values) => [.. values.SelectMany(value => Number("f4", value, big: false))];

    private static byte[] Number(string type, double value, bool big)
    {
        var bytes = new byte[8];
        switch (type)
        {
            case "f4":
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
                break;
            case "f8":
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)value);
                break;
        }

        byte[] number = bytes[..(type[1] - '0')];
        return big ? [.. number.AsEnumerable().Reverse()] : number;
    }
}
