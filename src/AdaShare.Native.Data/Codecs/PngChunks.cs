using System.Buffers.Binary;
using System.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The chunks of a PNG file that matter for its pixels, all CRCs verified.</summary>
internal sealed class PngChunks
{
    /// <summary>Length, type and CRC.</summary>
    private const int Frame = 12;

    private readonly byte[] _file;
    private readonly List<(int Start, int Length)> _data = [];

    private PngChunks(byte[] file, string name)
    {
        _file = file;
        Name = name;
    }

    /// <summary>The file's first eight bytes.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The file's name for messages.</summary>
    public string Name { get; }

    public PngHeader Header { get; private set; } = new(0, 0, 0, PngColor.Grey, false);

    /// <summary>R, G, B of each palette entry; empty without a palette.</summary>
    public byte[] Palette { get; private set; } = [];

    /// <summary>The packed pixels: the data of the IDAT chunks in a row.</summary>
    public PngData Data => new(_file, _data);

    /// <exception cref="DataException">The file is not a PNG, is cut off or damaged.</exception>
    public static PngChunks Parse(byte[] file, string name)
    {
        if (file.Length == 0)
        {
            throw new DataException($"{name}: is empty, a file of 0 bytes; copy or download it again");
        }

        ReadOnlySpan<byte> head = file.AsSpan(0, Math.Min(file.Length, Signature.Length));
        if (!Signature.StartsWith(head))
        {
            throw new DataException($"{name}: not a PNG: it begins with {Convert.ToHexString(head)} instead of {Convert.ToHexString(Signature)}; give a PNG file");
        }

        var chunks = new PngChunks(file, name);
        int place = Signature.Length;
        for (int number = 0; ; number++)
        {
            (string type, int start, int length) = chunks.Next(place);
            chunks.Take(type, start, length, number);
            if (type == "IEND")
            {
                return chunks;
            }

            place = start + length + 4;
        }
    }

    private (string Type, int Start, int Length) Next(int place)
    {
        int rest = Math.Max(0, _file.Length - place);
        if (rest < Frame)
        {
            throw new DataException($"{Name}: truncated PNG: the file ends after {_file.Length} bytes, before chunk IEND; copy or download it again");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(place));
        string type = TypeName(_file.AsSpan(place + 4, 4), place);
        if (length > (uint)(rest - Frame))
        {
            throw new DataException(
                $"{Name}: truncated PNG: chunk {type} at byte {place} says {length} bytes, {rest - Frame} are there; copy or download it again");
        }

        uint expected = BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(place + 8 + (int)length));
        uint found = PngCrc.Compute(_file.AsSpan(place + 4, (int)length + 4));
        if (expected != found)
        {
            throw new DataException(
                $"{Name}: corrupt PNG: chunk {type} at byte {place} has CRC {found:X8}, the file says {expected:X8}; copy or download it again");
        }

        return (type, place + 8, (int)length);
    }

    private string TypeName(ReadOnlySpan<byte> type, int place)
    {
        foreach (byte letter in type)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw Damaged($"no chunk type at byte {place + 4} (found {Convert.ToHexString(type)})");
            }
        }

        return Encoding.ASCII.GetString(type);
    }

    private void Take(string type, int start, int length, int number)
    {
        if ((number == 0) != (type == "IHDR"))
        {
            throw Damaged(number == 0 ? $"the first chunk is {type} instead of IHDR" : "a second chunk IHDR");
        }

        switch (type)
        {
            case "IHDR":
                Header = PngHeader.Parse(_file.AsSpan(start, length), Name);
                break;
            case "PLTE":
                TakePalette(start, length);
                break;
            case "IDAT":
                TakeData(start, length);
                break;
            case "IEND":
                RequireComplete();
                break;
            default:
                // A capital first letter marks what a reader must understand (PNG 5.4).
                if (char.IsUpper(type[0]))
                {
                    throw Damaged($"unknown chunk {type}, which a reader must understand");
                }

                break;
        }
    }

    private void TakePalette(int start, int length)
    {
        if (length == 0 || length % 3 != 0 || length > 3 * 256 || Palette.Length > 0 || _data.Count > 0)
        {
            throw Damaged($"chunk PLTE of {length} bytes; expected one, before the pixels, of 1 to 256 colours of 3 bytes");
        }

        Palette = _file.AsSpan(start, length).ToArray();
    }

    private void TakeData(int start, int length)
    {
        if (_data.Count > 0 && _data[^1].Start + _data[^1].Length + Frame != start)
        {
            throw Damaged("chunks IDAT do not follow each other");
        }

        _data.Add((start, length));
    }

    private void RequireComplete()
    {
        if (_data.Count == 0)
        {
            throw Damaged("no chunk IDAT, so no pixels");
        }

        if (Header.Color == PngColor.Palette && Palette.Length == 0)
        {
            throw Damaged("no chunk PLTE, so no colours for the palette indices");
        }
    }

    private DataException Damaged(string cause) => new($"{Name}: corrupt PNG: {cause}; copy or download the file again");
}
