using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace AdaShare.Native.Reports.Protobuf;

/// <summary>
/// Writes one protobuf message into a buffer that grows: tag, then content, in the order of the calls. Nothing is left out because it is zero; a caller that wants proto3's omission of defaults leaves the
/// call out.
/// </summary>
/// <remarks>Wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes, all little endian (protobuf.dev, "Encoding").</remarks>
internal sealed class ProtoWriter
{
    private const int VarintType = 0;
    private const int EightBytes = 1;
    private const int Delimited = 2;
    private const int FourBytes = 5;

    // A 64-bit number in groups of seven bits.
    private const int LongestVarint = 10;

    private byte[] _buffer = new byte[256];

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written; valid until the next call that writes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Forgets what is written and keeps the buffer.</summary>
    public void Clear() => Length = 0;

    /// <summary>A field of type uint64, uint32 or bool.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="value">Its value.</param>
    public void Varint(int field, ulong value)
    {
        Tag(field, VarintType);
        Raw(value);
    }

    /// <summary>A field of type int64, int32 or an enumeration: a negative number takes ten bytes.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="value">Its value.</param>
    public void Varint(int field, long value) => Varint(field, unchecked((ulong)value));

    /// <summary>A field of type float.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="value">Its value.</param>
    public void Fixed32(int field, float value)
    {
        Tag(field, FourBytes);
        BinaryPrimitives.WriteSingleLittleEndian(Take(sizeof(float)), value);
    }

    /// <summary>A field of type double.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="value">Its value.</param>
    public void Fixed64(int field, double value)
    {
        Tag(field, EightBytes);
        BinaryPrimitives.WriteDoubleLittleEndian(Take(sizeof(double)), value);
    }

    /// <summary>A field of type string, as UTF-8.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="value">Its value.</param>
    public void Text(int field, string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Head(field, length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>A field of type bytes.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="value">Its value, copied.</param>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Head(field, value.Length);
        value.CopyTo(Take(value.Length));
    }

    /// <summary>A field that is a message.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="content">Writes the fields of that message with this writer.</param>
    public void Message(int field, Action<ProtoWriter> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Tag(field, Delimited);
        int start = Length;
        content(this);

        // The length stands before the content and is known behind it: the content moves up by as many bytes as the length takes.
        int length = Length - start;
        int prefix = SizeOf((ulong)length);
        Take(prefix);
        _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + prefix));
        Length = start;
        Raw((ulong)length);
        Length += length;
    }

    /// <summary>A repeated field of type int64, packed.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="values">Its values.</param>
    public void Packed(int field, ReadOnlySpan<long> values)
    {
        long length = 0;
        foreach (long value in values)
        {
            length += SizeOf(unchecked((ulong)value));
        }

        Head(field, length);
        foreach (long value in values)
        {
            Raw(unchecked((ulong)value));
        }
    }

    /// <summary>A repeated field of type float, packed.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="values">Its values.</param>
    public void Packed(int field, ReadOnlySpan<float> values)
    {
        Head(field, (long)values.Length * sizeof(float));
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(Take(values.Length * sizeof(float)));
            return;
        }

        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(Take(sizeof(float)), value);
        }
    }

    /// <summary>A repeated field of type double, packed.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="values">Its values.</param>
    public void Packed(int field, ReadOnlySpan<double> values)
    {
        Head(field, (long)values.Length * sizeof(double));
        foreach (double value in values)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(Take(sizeof(double)), value);
        }
    }

    /// <summary>Tag and length of a field whose content, a string, bytes or a message, the caller puts behind it himself, for example large weights straight into the file.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="length">How many bytes the content has.</param>
    public void Head(int field, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Tag(field, Delimited);
        Raw((ulong)length);
    }

    private static int SizeOf(ulong value)
    {
        int size = 1;
        while ((value >>= 7) != 0)
        {
            size++;
        }

        return size;
    }

    private void Tag(int field, int type) => Raw(((ulong)field << 3) | (uint)type);

    private void Raw(ulong value)
    {
        Span<byte> bytes = stackalloc byte[LongestVarint];
        int count = 0;
        for (; value >= 0x80; value >>= 7)
        {
            bytes[count++] = (byte)(value | 0x80);
        }

        bytes[count++] = (byte)value;
        bytes[..count].CopyTo(Take(count));
    }

    private Span<byte> Take(int count)
    {
        int end = checked(Length + count);
        if (end > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(end, 2L * _buffer.Length)));
        }

        Span<byte> taken = _buffer.AsSpan(Length, count);
        Length = end;
        return taken;
    }
}
