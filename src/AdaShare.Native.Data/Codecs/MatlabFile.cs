using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The arrays of numbers in a MATLAB 5 file (.mat), plain or packed, of either byte order.</summary>
/// <remarks>
/// Cells, structures, text and sparse arrays are passed over, and so are imaginary parts. The format: MathWorks, "MAT-File Format", level 5. MATLAB 7.3 files are HDF5 and another matter.
/// </remarks>
internal sealed class MatlabFile
{
    private const int HeaderBytes = 128;
    private const int TagBytes = 8;

    /// <summary>No list is near it: more is taken for damage before memory is asked for.</summary>
    private const int MaxUnpacked = 1 << 26;

    private readonly Dictionary<string, double[]> _arrays = [];
    private readonly string _name;
    private readonly bool _little;

    private MatlabFile(byte[] file, string name)
    {
        _name = name;
        _little = IsLittle(file, name);
        for (int place = HeaderBytes; place < file.Length;)
        {
            Element element = Next(file, ref place, "the file");
            if (element.Type == ElementType.Compressed)
            {
                byte[] unpacked = Unpack(element.Data);
                int start = 0;
                element = Next(unpacked, ref start, "a packed element");
            }

            if (element.Type == ElementType.Matrix)
            {
                AddMatrix(element.Data.Span);
            }
        }
    }

    private enum ElementType
    {
        Int8 = 1,
        UInt8 = 2,
        Int16 = 3,
        UInt16 = 4,
        Int32 = 5,
        UInt32 = 6,
        Single = 7,
        Double = 9,
        Int64 = 12,
        UInt64 = 13,
        Matrix = 14,
        Compressed = 15,
    }

    /// <summary>Reads a file: each array's numbers by its name, the first index fastest.</summary>
    /// <exception cref="DataException">The file is missing, damaged, or no MATLAB 5 file; the message names it.</exception>
    public static IReadOnlyDictionary<string, double[]> Read(string path) => new MatlabFile(CodecFile.Read(path), path)._arrays;

    private static bool IsLittle(byte[] file, string name)
    {
        string text = Encoding.Latin1.GetString(file, 0, Math.Min(file.Length, 10));
        if (file.Length < HeaderBytes || !text.StartsWith("MATLAB 5.0", StringComparison.Ordinal))
        {
            throw new DataException($"{name}: not a MATLAB 5 file: it begins with '{Shown.Of(text)}'; expected 'MATLAB 5.0' and {HeaderBytes} bytes of header; download it again");
        }

        return (file[126], file[127]) switch
        {
            ((byte)'I', (byte)'M') => true,
            ((byte)'M', (byte)'I') => false,
            _ => throw Bad(name, "its header names no byte order"),
        };
    }

    /// <summary>The element at a place, which is moved behind it: data of up to 4 bytes stand in the tag itself, others are filled up to 8 bytes unless they are packed.</summary>
    private Element Next(ReadOnlyMemory<byte> bytes, ref int place, string where)
    {
        if (bytes.Length - place < TagBytes)
        {
            throw Bad(_name, $"{where} ends within the tag of an element");
        }

        ReadOnlySpan<byte> tag = bytes.Span.Slice(place, TagBytes);
        uint first = UInt32(tag);
        bool small = first >> 16 != 0;
        (uint type, uint size) = small ? (first & 0xFFFF, first >> 16) : (first, UInt32(tag[4..]));
        int start = place + (small ? 4 : TagBytes);
        if (size > (small ? 4 : bytes.Length - start))
        {
            throw Bad(_name, $"an element of {size} bytes in {where} does not fit");
        }

        long end = small ? place + TagBytes : type == (uint)ElementType.Compressed ? start + size : start + ((size + 7L) / 8 * 8);
        place = (int)Math.Min(end, bytes.Length);
        return new((ElementType)type, bytes.Slice(start, (int)size));
    }

    private byte[] Unpack(ReadOnlyMemory<byte> packed)
    {
        try
        {
            using var source = new MemoryStream(packed.ToArray());
            using var inflate = new ZLibStream(source, CompressionMode.Decompress);
            var unpacked = new byte[MaxUnpacked < 64L * packed.Length ? MaxUnpacked + 1 : (64 * packed.Length) + 1];
            int filled = 0, got;
            while ((got = inflate.Read(unpacked.AsSpan(filled))) > 0)
            {
                filled += got;
                if (filled == unpacked.Length)
                {
                    if (filled > MaxUnpacked)
                    {
                        throw Bad(_name, $"an element unpacks to more than {MaxUnpacked} bytes");
                    }

                    Array.Resize(ref unpacked, (int)Math.Min(MaxUnpacked + 1L, 2L * filled));
                }
            }

            return unpacked[..filled];
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new DataException($"{_name}: corrupt MATLAB 5 file: an element can't be unpacked ({error.Message.TrimEnd('.')}); download it again", error);
        }
    }

    private void AddMatrix(ReadOnlySpan<byte> matrix)
    {
        const string Where = "an array";
        const int FirstNumericClass = 6, LastNumericClass = 15;
        byte[] bytes = matrix.ToArray();
        int place = 0;
        Element flags = Next(bytes, ref place, Where), sizes = Next(bytes, ref place, Where), name = Next(bytes, ref place, Where);
        if (flags.Data.Length < TagBytes || sizes.Type != ElementType.Int32 || name.Type != ElementType.Int8)
        {
            throw Bad(_name, "an array does not begin with its flags, sizes and name");
        }

        if ((UInt32(flags.Data.Span) & 0xFF) is < FirstNumericClass or > LastNumericClass)
        {
            return;
        }

        Element real = Next(bytes, ref place, Where);
        double[] values = Numbers(real);
        string title = Encoding.Latin1.GetString(name.Data.Span);
        long count = 1;
        foreach (double size in Numbers(sizes))
        {
            count = size >= 0 && size * count <= Array.MaxLength ? count * (long)size : throw Bad(_name, $"array '{Shown.Of(title)}' has a side of {size}");
        }

        if (count != values.Length || !_arrays.TryAdd(title, values))
        {
            throw Bad(_name, $"array '{Shown.Of(title)}' has {values.Length} numbers for {count} places, or is there twice");
        }
    }

    private double[] Numbers(Element element)
    {
        (int size, Func<ReadOnlyMemory<byte>, double> read) = element.Type switch
        {
            ElementType.Int8 => (1, new Func<ReadOnlyMemory<byte>, double>(static b => (sbyte)b.Span[0])),
            ElementType.UInt8 => (1, static b => b.Span[0]),
            ElementType.Int16 => (2, b => (short)UInt16(b.Span)),
            ElementType.UInt16 => (2, b => UInt16(b.Span)),
            ElementType.Int32 => (4, b => (int)UInt32(b.Span)),
            ElementType.UInt32 => (4, b => UInt32(b.Span)),
            ElementType.Single => (4, b => BitConverter.UInt32BitsToSingle(UInt32(b.Span))),
            ElementType.Double => (8, b => BitConverter.UInt64BitsToDouble(UInt64(b.Span))),
            ElementType.Int64 => (8, b => (long)UInt64(b.Span)),
            ElementType.UInt64 => (8, b => UInt64(b.Span)),
            _ => throw Bad(_name, $"numbers of the unknown type {(int)element.Type}"),
        };
        if (element.Data.Length % size != 0)
        {
            throw Bad(_name, $"{element.Data.Length} bytes of numbers of {size}");
        }

        var values = new double[element.Data.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = read(element.Data.Slice(i * size, size));
        }

        return values;
    }

    private ushort UInt16(ReadOnlySpan<byte> bytes) => _little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private uint UInt32(ReadOnlySpan<byte> bytes) => _little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private ulong UInt64(ReadOnlySpan<byte> bytes) => _little ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes);

    private static DataException Bad(string name, string cause) => new($"{name}: corrupt MATLAB 5 file: {cause}; download it again");

    private readonly record struct Element(ElementType Type, ReadOnlyMemory<byte> Data);
}
