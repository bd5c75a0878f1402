using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The kind of number that a .npy file holds.</summary>
internal sealed class NumpyType
{
    private delegate float Reader(ReadOnlySpan<byte> bytes);

    private static readonly Dictionary<string, (int Size, Reader Little, Reader Big)> Known = new()
    {
        ["f4"] = (4, BinaryPrimitives.ReadSingleLittleEndian, BinaryPrimitives.ReadSingleBigEndian),
        ["f8"] = (8, static b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b), static b => (float)BinaryPrimitives.ReadDoubleBigEndian(b)),
        ["u1"] = (1, static b => b[0], static b => b[0]),
        ["i1"] = (1, static b => (sbyte)b[0], static b => (sbyte)b[0]),
        ["u2"] = (2, static b => BinaryPrimitives.ReadUInt16LittleEndian(b), static b => BinaryPrimitives.ReadUInt16BigEndian(b)),
        ["i2"] = (2, static b => BinaryPrimitives.ReadInt16LittleEndian(b), static b => BinaryPrimitives.ReadInt16BigEndian(b)),
        ["u4"] = (4, static b => BinaryPrimitives.ReadUInt32LittleEndian(b), static b => BinaryPrimitives.ReadUInt32BigEndian(b)),
        ["i4"] = (4, static b => BinaryPrimitives.ReadInt32LittleEndian(b), static b => BinaryPrimitives.ReadInt32BigEndian(b)),
        ["i8"] = (8, static b => BinaryPrimitives.ReadInt64LittleEndian(b), static b => BinaryPrimitives.ReadInt64BigEndian(b)),
    };

    private readonly Reader _reader;

    private NumpyType(string name, int size, Reader reader)
    {
        Name = name;
        Size = size;
        _reader = reader;
    }

    /// <summary>The type string of the file, for example <c>&lt;f4</c>.</summary>
    public string Name { get; }

    /// <summary>The bytes of a number.</summary>
    public int Size { get; }

    /// <summary>Whether the bytes of a file are those of numbers in memory.</summary>
    public bool IsPlain => Name is "<f4" && BitConverter.IsLittleEndian;

    /// <exception cref="DataException">Numbers of this type are not read.</exception>
    public static NumpyType Parse(string descr, string file)
    {
        if (descr.Length == 3 && Known.TryGetValue(descr[1..], out (int Size, Reader Little, Reader Big) type)
            && (descr[0] is '<' or '>' or '=' || (descr[0] == '|' && type.Size == 1)))
        {
            bool little = descr[0] == '<' || (descr[0] != '>' && BitConverter.IsLittleEndian);
            return new(descr, type.Size, little ? type.Little : type.Big);
        }

        string found = descr.Contains('O', StringComparison.Ordinal) ? $"'{Shown.Of(descr)}' (Python objects)" : $"'{Shown.Of(descr)}'";
        throw new DataException($"{file}: .npy of type {found}; expected one of {string.Join(", ", Known.Keys)}; save the array with astype('float32')");
    }

    public float[] Convert(ReadOnlySpan<byte> data, int count)
    {
        var values = new float[count];
        if (IsPlain)
        {
            MemoryMarshal.Cast<byte, float>(data).CopyTo(values);
            return values;
        }

        for (int i = 0; i < count; i++)
        {
            values[i] = _reader(data[(i * Size)..]);
        }

        return values;
    }
}
