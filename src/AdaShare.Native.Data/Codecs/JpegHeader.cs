using System.Buffers.Binary;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>What a JPEG file (ITU-T T.81) says of itself, read from its markers without unpacking a pixel, and held against bounds.</summary>
/// <param name="Width">Columns as stored.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Components">Values a pixel: 1 (grey), 3 or 4.</param>
/// <param name="Scans">The passes over the picture; progressive files have about ten.</param>
/// <param name="Orientation">How a viewer turns the stored rows, 1 … 8 as EXIF counts; 1 leaves them.</param>
public sealed record JpegHeader(int Width, int Height, int Components, int Scans, int Orientation)
{
    /// <summary>The most scans: each costs time for every pixel, however few bytes it has.</summary>
    public const int MaxScans = 100;

    /// <summary>One bit for each block of 8 x 8 pixels is the least that a file can hold.</summary>
    private const long MostPixelsPerByte = 8 * 64;

    private const byte Mark = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte Application1 = 0xE1;

    /// <summary>Whether a file is a JPEG, by its first three bytes.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[Mark, StartOfImage, Mark]);

    /// <summary>Reads the markers up to the end of the picture; what cameras put behind it is nothing to us.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">The name for messages.</param>
    /// <exception cref="DataException">The file is no JPEG, is cut off, of a kind that is not read, or beyond the bounds; the message names it.</exception>
    public static JpegHeader Parse(ReadOnlySpan<byte> file, string name)
    {
        if (!Recognizes(file))
        {
            throw new DataException($"{name}: not a JPEG: it begins with {Convert.ToHexString(file[..Math.Min(3, file.Length)])} instead of FFD8FF; give a JPEG file");
        }

        JpegHeader? frame = null;
        (int scans, int orientation) = (0, 1);
        int place = 2;
        while (true)
        {
            byte code = NextMarker(file, ref place, name);
            if (code == EndOfImage)
            {
                break;
            }

            ReadOnlySpan<byte> segment = Segment(file, ref place, name);
            if (code is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                frame = frame is null ? Frame(code, segment, name) : throw Damaged(name, "it has two frames");
            }
            else if (code == StartOfScan)
            {
                scans++;
                place = SkipScan(file, place);
            }
            else if (code == Application1 && orientation == 1)
            {
                orientation = ExifOrientation(segment);
            }
        }

        return frame is null || scans == 0
            ? throw Damaged(name, "it has no picture in it")
            : (frame with { Scans = scans, Orientation = orientation }).Bounded(file.Length, name);
    }

    private JpegHeader Bounded(int fileLength, string name)
    {
        if ((long)Width * Height > PngHeader.MaxPixels)
        {
            throw new DataException($"{name}: JPEG of {Width} x {Height} pixels; expected at most {PngHeader.MaxPixels}; make it smaller");
        }

        if ((long)Width * Height > fileLength * MostPixelsPerByte)
        {
            throw new DataException($"{name}: truncated JPEG: {fileLength} bytes can't hold {Width} x {Height} pixels; copy or download it again");
        }

        return Scans <= MaxScans ? this : throw Damaged(name, $"it has {Scans} scans; expected at most {MaxScans}");
    }

    /// <summary>The code of the next marker; bytes FF may stand before it.</summary>
    private static byte NextMarker(ReadOnlySpan<byte> file, ref int place, string name)
    {
        if (place < file.Length && file[place] != Mark)
        {
            throw Damaged(name, $"byte {place} is {file[place]:X2} in place of a marker");
        }

        while (place < file.Length && file[place] == Mark)
        {
            place++;
        }

        return place < file.Length ? file[place++] : throw Truncated(name, file.Length);
    }

    private static ReadOnlySpan<byte> Segment(ReadOnlySpan<byte> file, ref int place, string name)
    {
        int length = place + 2 <= file.Length ? BinaryPrimitives.ReadUInt16BigEndian(file[place..]) : throw Truncated(name, file.Length);
        if (length < 2)
        {
            throw Damaged(name, $"the segment at byte {place} has a length of {length}");
        }

        if (place + length > file.Length)
        {
            throw Truncated(name, file.Length);
        }

        ReadOnlySpan<byte> segment = file.Slice(place + 2, length - 2);
        place += length;
        return segment;
    }

    private static JpegHeader Frame(byte code, ReadOnlySpan<byte> segment, string name)
    {
        if (code > 0xC2)
        {
            throw Damaged(name, $"frames of kind {code:X2} (lossless, hierarchical or arithmetic) are not read");
        }

        if (segment.Length < 6 || segment[0] != 8 || segment[5] is not (1 or 3 or 4))
        {
            throw Damaged(name, "the frame is not of 8 bits and 1, 3 or 4 components");
        }

        (int height, int width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        return height > 0 && width > 0 ? new(width, height, segment[5], 0, 1) : throw Damaged(name, $"the frame has {width} x {height} pixels");
    }

    /// <summary>The marker behind the packed pixels of a scan: FF00 is a byte of theirs, FFD0 to FFD7 count restarts.</summary>
    private static int SkipScan(ReadOnlySpan<byte> file, int place)
    {
        while (true)
        {
            int next = file[place..].IndexOf(Mark);
            if (next < 0 || place + next + 1 >= file.Length)
            {
                return file.Length;
            }

            place += next;
            if (file[place + 1] is not (0 or (>= 0xD0 and <= 0xD7)))
            {
                return place;
            }

            place += 2;
        }
    }

    /// <summary>Tag 0x0112 of the first directory of an EXIF segment, 1 where there is none or it is no orientation: a damaged comment spoils no picture.</summary>
    private static int ExifOrientation(ReadOnlySpan<byte> segment)
    {
        const int Entry = 12;
        if (!segment.StartsWith("Exif\0\0"u8) || segment.Length < 14)
        {
            return 1;
        }

        ReadOnlySpan<byte> tiff = segment[6..];
        bool little = tiff[0] == (byte)'I';
        uint directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
        {
            return 1;
        }

        ReadOnlySpan<byte> entries = tiff[(int)directory..];
        int count = Short(entries, little);
        for (entries = entries[2..]; count > 0 && entries.Length >= Entry; count--, entries = entries[Entry..])
        {
            if (Short(entries, little) == 0x0112)
            {
                int value = Short(entries[8..], little);
                return value is >= 1 and <= 8 ? value : 1;
            }
        }

        return 1;
    }

    private static int Short(ReadOnlySpan<byte> bytes, bool little) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static DataException Damaged(string name, string cause) => new($"{name}: corrupt JPEG: {cause}; save the picture again as a common JPEG or PNG");

    private static DataException Truncated(string name, int length) => new($"{name}: truncated JPEG: the file ends after {length} bytes, before its end marker; copy or download it again");
}
