using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>How the numbers of a tensor lie in a file of weights: little-endian, one of the types that checkpoints have.</summary>
public sealed class NumberFormat
{
    private delegate double Reader(ReadOnlySpan<byte> bytes);

    private readonly Reader _reader;

    private NumberFormat(string name, int size, Reader reader) => (Name, Size, _reader) = (name, size, reader);

    /// <summary>IEEE double precision.</summary>
    public static NumberFormat Float64 { get; } = new("F64", 8, BinaryPrimitives.ReadDoubleLittleEndian);

    /// <summary>IEEE single precision.</summary>
    public static NumberFormat Float32 { get; } = new("F32", 4, static b => BinaryPrimitives.ReadSingleLittleEndian(b));

    /// <summary>IEEE half precision.</summary>
    public static NumberFormat Float16 { get; } = new("F16", 2, static b => (double)BinaryPrimitives.ReadHalfLittleEndian(b));

    /// <summary>The upper half of a number in single precision.</summary>
    public static NumberFormat BFloat16 { get; } = new("BF16", 2, static b => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(b) << 16));

    /// <summary>Whole numbers of 64 bits.</summary>
    public static NumberFormat Int64 { get; } = new("I64", 8, static b => BinaryPrimitives.ReadInt64LittleEndian(b));

    /// <summary>Whole numbers of 32 bits.</summary>
    public static NumberFormat Int32 { get; } = new("I32", 4, static b => BinaryPrimitives.ReadInt32LittleEndian(b));

    /// <summary>Whole numbers of 16 bits.</summary>
    public static NumberFormat Int16 { get; } = new("I16", 2, static b => BinaryPrimitives.ReadInt16LittleEndian(b));

    /// <summary>Whole numbers of 8 bits.</summary>
    public static NumberFormat Int8 { get; } = new("I8", 1, static b => (sbyte)b[0]);

    /// <summary>Whole numbers of 8 bits, none negative.</summary>
    public static NumberFormat UInt8 { get; } = new("U8", 1, static b => b[0]);

    /// <summary>One byte each, 0 for false.</summary>
    public static NumberFormat Bool { get; } = new("BOOL", 1, static b => b[0] == 0 ? 0 : 1);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<NumberFormat> All { get; } = [Float64, Float32, Float16, BFloat16, Int64, Int32, Int16, Int8, UInt8, Bool];

    /// <summary>The name, as safetensors spells it: F32, I64, BOOL …</summary>
    public string Name { get; }

    /// <summary>Bytes a number.</summary>
    public int Size { get; }

    /// <summary>The format of a name, or null where it is not read here.</summary>
    public static NumberFormat? Find(string name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>Reads one number.</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes.</param>
    public double Read(ReadOnlySpan<byte> bytes) => _reader(bytes);

    /// <summary>Reads numbers, one behind another. Whole numbers beyond 2^53 are rounded.</summary>
    /// <param name="bytes">Their bytes, a multiple of <see cref="Size"/>.</param>
    /// <returns>The numbers.</returns>
    public double[] ReadAll(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var values = new double[bytes.Length / Size];
        if (this == Float32 && BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<float> singles = MemoryMarshal.Cast<byte, float>(bytes);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = singles[i];
            }

            return values;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _reader(bytes.AsSpan(i * Size));
        }

        return values;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
