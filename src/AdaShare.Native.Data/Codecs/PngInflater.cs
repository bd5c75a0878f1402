using System.Buffers.Binary;
using System.IO.Compression;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Inflates the packed pixels of a PNG a block at a time, and holds the zlib stream (RFC 1950) against what it must be.</summary>
/// <remarks>
/// The frame of the stream is checked here and not by the library: its reader takes a stream without its check value for whole, and a preset dictionary
/// for a fault of its own.
/// </remarks>
internal sealed class PngInflater : IDisposable
{
    private const int FrameStart = 2;
    private const int CheckValue = sizeof(uint);
    private const int Block = 1 << 16;

    /// <summary>Deflate can't pack tighter: at best two bits, a length and a distance, stand for 258 bytes.</summary>
    private const long BestRatio = 1032;

    private readonly string _name;
    private readonly uint _stated;
    private readonly DeflateStream _deflate;
    private readonly byte[] _block;
    private Adler32 _sum = new();
    private int _start;
    private int _end;

    /// <summary>Begins to inflate.</summary>
    /// <param name="packed">The data of the IDAT chunks.</param>
    /// <param name="expected">The bytes that the header asks for.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="DataException">The stream is no zlib stream, or far too short for the picture.</exception>
    public PngInflater(PngData packed, long expected, string name)
    {
        _name = name;
        if (packed.Length < FrameStart + 1 + CheckValue)
        {
            throw Damaged($"the packed pixels are damaged: {packed.Length} bytes are no zlib stream");
        }

        (int method, int flags) = (packed.At(0), packed.At(1));
        if ((method & 15) != 8 || method >> 4 > 7 || ((method << 8) | flags) % 31 != 0)
        {
            throw Damaged($"the packed pixels are damaged: they begin with {method:X2}{flags:X2}, as no zlib stream does");
        }

        if ((flags & 0x20) != 0)
        {
            throw Damaged("the packed pixels ask for a preset dictionary, which PNG does not have");
        }

        if (packed.Length * BestRatio < expected)
        {
            throw new DataException(
                $"{name}: truncated PNG: the picture has {expected} bytes, and {packed.Length} packed bytes can't hold more than {packed.Length * BestRatio}; copy or download it again");
        }

        Span<byte> stated = stackalloc byte[CheckValue];
        for (int i = 0; i < CheckValue; i++)
        {
            stated[i] = packed.At(packed.Length - CheckValue + i);
        }

        _stated = BinaryPrimitives.ReadUInt32BigEndian(stated);
        _block = new byte[(int)Math.Min(Block, expected)];
        _deflate = new DeflateStream(packed.Open(FrameStart, packed.Length - FrameStart - CheckValue), CompressionMode.Decompress);
    }

    /// <summary>Fills a span as far as there are bytes.</summary>
    /// <returns>The number of bytes.</returns>
    /// <exception cref="DataException">The stream is damaged.</exception>
    public int Read(Span<byte> target)
    {
        int filled = 0;
        while (filled < target.Length)
        {
            if (_start == _end && !Refill())
            {
                break;
            }

            int taken = Math.Min(_end - _start, target.Length - filled);
            _block.AsSpan(_start, taken).CopyTo(target[filled..]);
            _start += taken;
            filled += taken;
        }

        return filled;
    }

    /// <summary>Requires that the stream ends here, with the right check value.</summary>
    /// <exception cref="DataException">It does not.</exception>
    public void RequireEnd()
    {
        if (_start < _end || Refill())
        {
            throw Damaged("there are more pixels than the header says");
        }

        if (_sum.Value != _stated)
        {
            throw Damaged($"the packed pixels are damaged: their check value is {_sum.Value:X8}, the file says {_stated:X8}");
        }
    }

    public void Dispose() => _deflate.Dispose();

    private bool Refill()
    {
        try
        {
            (_start, _end) = (0, _deflate.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false));
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new DataException($"{_name}: corrupt PNG: the packed pixels are damaged ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); copy or download it again", error);
        }

        _sum.Append(_block.AsSpan(0, _end));
        return _end > 0;
    }

    private DataException Damaged(string cause) => new($"{_name}: corrupt PNG: {cause}; copy or download it again");
}
