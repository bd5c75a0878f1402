using System.Buffers.Binary;

namespace AdaShare.Native.Engine.Checkpoints.Onnx;

/// <summary>The fields of a message in protocol buffers' wire form, one after another.</summary>
/// <remarks>Source: protobuf.dev, "Encoding". Groups, which no schema since 2008 has, are refused.</remarks>
internal struct ProtoReader
{
    private const int MostVarintBytes = 10;

    private readonly ReadOnlyMemory<byte> _message;
    private int _at;
    private ulong _number;

    /// <summary>Begins at the start of a message.</summary>
    public ProtoReader(ReadOnlyMemory<byte> message) => _message = message;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its content where it is a text, bytes, a message or packed numbers; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Content { get; private set; }

    /// <summary>Whether it has <see cref="Content"/>.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Its value where it is a whole number.</summary>
    public readonly long Number => (long)_number;

    /// <summary>Its value where it is a number in single precision.</summary>
    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)_number);

    /// <summary>Its value where it is a text, as Latin letters where it is no UTF-8.</summary>
    public readonly string Text => System.Text.Encoding.UTF8.GetString(Content.Span);

    /// <summary>Reads the next field.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="FormatException">The message is damaged.</exception>
    public bool Next()
    {
        if (_at == _message.Length)
        {
            return false;
        }

        ulong key = Varint();
        (Field, Content, HasContent, _number) = ((int)Math.Min(key >> 3, int.MaxValue), default, false, 0);
        switch (key & 7)
        {
            case 0:
                _number = Varint();
                break;
            case 1:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);
                break;
            case 2:
                ulong length = Varint();
                (Content, HasContent) = (Take(length > int.MaxValue ? int.MaxValue : (int)length), true);
                break;
            case 5:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);
                break;
            default:
                throw new FormatException($"field {Field} is of the wire type {key & 7}");
        }

        return true;
    }

    /// <summary>The whole numbers of the field that was read last, be it one of them or packed.</summary>
    public readonly IEnumerable<long> Numbers()
    {
        if (!HasContent)
        {
            return [Number];
        }

        var numbers = new List<long>();
        var packed = new ProtoReader(Content);
        while (packed._at < packed._message.Length)
        {
            numbers.Add((long)packed.Varint());
        }

        return numbers;
    }

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (count > _message.Length - _at)
        {
            throw new FormatException($"{count} bytes should follow, and there are {_message.Length - _at}");
        }

        ReadOnlyMemory<byte> taken = _message.Slice(_at, count);
        _at += count;
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0; i < MostVarintBytes; i++)
        {
            byte next = Take(1).Span[0];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number has more than ten bytes");
    }
}
