using System.Buffers.Binary;
using System.Text;

namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>The bytes of a pickle, one after another. No length that the file claims is believed before the bytes are seen to be there.</summary>
/// <param name="stream">Where they come from; its position is the reader's.</param>
internal sealed class PickleReader(Stream stream)
{
    private const int LongestLine = 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly long _length = stream.Length;

    /// <summary>Where the next byte lies.</summary>
    public long Position
    {
        get => stream.Position;
        set => stream.Position = value;
    }

    /// <summary>The bytes that are left.</summary>
    public long Remaining => _length - stream.Position;

    /// <summary>The next byte.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public byte Byte()
    {
        int next = stream.ReadByte();
        return next >= 0 ? (byte)next : throw Ended();
    }

    /// <summary>The next two bytes as a number.</summary>
    public int UInt16()
    {
        Span<byte> bytes = stackalloc byte[2];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>The next four bytes as a number with a sign.</summary>
    public int Int32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    /// <summary>The next four bytes as a number without a sign.</summary>
    public long UInt32() => (uint)Int32();

    /// <summary>The next eight bytes as a number with a sign.</summary>
    public long Int64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>The next eight bytes as a number in double precision, the most significant byte first.</summary>
    public double Double()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    /// <summary>The next bytes.</summary>
    /// <param name="count">How many, as the file claims.</param>
    /// <exception cref="FormatException">There are fewer.</exception>
    public byte[] Bytes(long count)
    {
        if (count < 0 || count > Remaining || count > Array.MaxLength)
        {
            throw new FormatException($"{count} bytes should follow byte {Position}, and there are {Remaining}");
        }

        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    /// <summary>The next bytes as text in UTF-8.</summary>
    /// <param name="count">How many bytes, as the file claims.</param>
    /// <exception cref="FormatException">There are fewer, or they are no UTF-8.</exception>
    public string Text(long count)
    {
        byte[] bytes = Bytes(count);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw new FormatException($"the text before byte {Position} is no UTF-8");
        }
    }

    /// <summary>A line of text without its end, as names of classes are written.</summary>
    /// <exception cref="FormatException">It is too long for a name, or has no end.</exception>
    public string Line()
    {
        var text = new StringBuilder();
        for (byte next = Byte(); next != '\n'; next = Byte())
        {
            if (text.Length == LongestLine)
            {
                throw new FormatException($"the line before byte {Position} is longer than any name");
            }

            text.Append(next is >= 0x20 and < 0x7f ? (char)next : '?');
        }

        return text.ToString();
    }

    private void Fill(Span<byte> bytes)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Ended();
        }
    }

    private FormatException Ended() => new($"it ends at byte {_length}, in the middle of a pickle");
}
