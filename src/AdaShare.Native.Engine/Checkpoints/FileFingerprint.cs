using System.Buffers.Binary;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>A cheap sign of a file's content: its length, and what stands at its beginning, middle and end.</summary>
/// <remarks>A file that was replaced or saved again differs in it; one that was changed in a few bytes, with its length kept, may not.</remarks>
public static class FileFingerprint
{
    /// <summary>The bytes that are read at each of three places; a file of no more than three times as many is read whole.</summary>
    public const int Part = 4096;

    /// <summary>16 hex digits: XXH64 of the length and the parts.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <exception cref="IOException">It is missing, no file, or can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static string Of(string path)
    {
        using FileStream file = RegularFile.Open(path);
        var hash = new XxHash64();
        Span<byte> bytes = stackalloc byte[3 * Part];
        long length = file.Length;
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        hash.Append(bytes[..sizeof(long)]);
        if (length <= bytes.Length)
        {
            Take(bytes[..(int)length], 0);
        }
        else
        {
            Take(bytes[..Part], 0);
            Take(bytes[Part..(2 * Part)], (length - Part) / 2);
            Take(bytes[(2 * Part)..], length - Part);
        }

        return hash.Value().ToString("x16");

        void Take(Span<byte> part, long place)
        {
            file.Position = place;
            int got = file.ReadAtLeast(part, part.Length, throwOnEndOfStream: false);
            hash.Append(part[..got]);
        }
    }
}
