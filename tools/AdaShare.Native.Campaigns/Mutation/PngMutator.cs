using System.Buffers.Binary;
using System.IO.Compression;

namespace AdaShare.Native.Campaigns.Mutation;

/// <summary>
/// Changes pictures by chunks: fields of the header, rows behind the compression, order, number and lengths of chunks. The check values are mostly set right, as otherwise nearly every
/// change ends at them.
/// </summary>
public sealed class PngMutator : IMutator
{
    private const int Signature = 8;
    private const int LargestRows = 1 << 20;

    private static readonly ByteMutator Bytes = new();
    private static readonly string[] Types = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "tEXt", "zzZz", "ABCD"];

    /// <inheritdoc/>
    public byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(random);
        List<Chunk> chunks = Split(input), others = Split(other);
        if (chunks.Count == 0 || others.Count == 0)
        {
            return Bytes.Mutate(random, input, other);
        }

        int at = random.Next(chunks.Count), picture = chunks.FindIndex(static chunk => chunk.Type == "IDAT");
        Chunk chosen = chunks[at], foreign = others[random.Next(others.Count)];
        switch (random.Next(10))
        {
            case 0 or 1:
                chunks[0] = chunks[0] with { Data = Header(random, chunks[0].Data) };
                break;
            case 2 or 3 when picture >= 0:
                chunks[picture] = chunks[picture] with { Data = Rows(random, chunks[picture].Data, foreign.Data) };
                break;
            case 4:
                chunks.RemoveAt(at);
                break;
            case 5:
                chunks.Insert(random.Next(chunks.Count + 1), foreign);
                break;
            case 6:
                chunks[at] = chosen with { Type = Types[random.Next(Types.Length)] };
                break;
            case 7:
                chunks[at] = chosen with { Length = (uint)random.NextInt64(random.Next(2) == 0 ? 1 << 20 : uint.MaxValue) };
                break;
            case 8 when chosen.Data.Length > 1:
                int cut = random.Next(chosen.Data.Length);
                chunks[at] = new Chunk(chosen.Type, chosen.Data[..cut], null);
                chunks.Insert(at + 1, new Chunk(chosen.Type, chosen.Data[cut..], null));
                break;
            default:
                chunks[at] = chosen with { Data = Bytes.Mutate(random, chosen.Data, foreign.Data) };
                break;
        }

        return Join(random, input[..Signature], chunks);
    }

    private static byte[] Header(Random random, byte[] data)
    {
        byte[] changed = [.. data];
        if (changed.Length < 13)
        {
            return Bytes.Mutate(random, changed, data);
        }

        if (random.Next(2) == 0)
        {
            uint side = random.Next(3) switch { 0 => (uint)random.Next(16), 1 => 1u << random.Next(32), _ => (uint)random.Next(100_000) };
            BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(4 * random.Next(2)), side);
        }
        else
        {
            // Depth, colour type, compression, filter, interlacing: small numbers, some of which mean something.
            changed[8 + random.Next(5)] = (byte)random.Next(18);
        }

        return changed;
    }

    /// <summary>Changes what lies behind the compression, so that it decompresses well.</summary>
    private static byte[] Rows(Random random, byte[] data, byte[] other)
    {
        byte[] rows;
        try
        {
            using var inflated = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
            rows = new byte[LargestRows];
            rows = rows[..inflated.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            // A stream that wants a preset dictionary is the library's ZLibException, an IOException.
            return Bytes.Mutate(random, data, other);
        }

        byte[] changed = random.Next(16) == 0 ? new byte[1 << random.Next(10, 21)] : Bytes.Mutate(random, rows, other);
        var packed = new MemoryStream();
        using (var deflated = new ZLibStream(packed, random.Next(2) == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression, leaveOpen: true))
        {
            deflated.Write(changed);
        }

        return packed.ToArray();
    }

    private static List<Chunk> Split(byte[] file)
    {
        var chunks = new List<Chunk>();
        for (int at = Signature; file.Length - at >= 12;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
            {
                break;
            }

            chunks.Add(new Chunk(System.Text.Encoding.Latin1.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + (int)length)], null));
            at += 12 + (int)length;
        }

        return chunks;
    }

    private static byte[] Join(Random random, byte[] signature, List<Chunk> chunks)
    {
        var file = new MemoryStream();
        file.Write(signature);
        var number = new byte[sizeof(uint)];
        foreach (Chunk chunk in chunks)
        {
            byte[] checkedPart = [.. System.Text.Encoding.Latin1.GetBytes(chunk.Type), .. chunk.Data];
            BinaryPrimitives.WriteUInt32BigEndian(number, chunk.Length ?? (uint)chunk.Data.Length);
            file.Write(number);
            file.Write(checkedPart);
            BinaryPrimitives.WriteUInt32BigEndian(number, random.Next(50) == 0 ? (uint)random.Next() : Crc(checkedPart));
            file.Write(number);
        }

        return file.ToArray();
    }

    /// <summary>CRC-32 as PNG and zip define it.</summary>
    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }

    /// <summary>A chunk; its length is that of its data unless it lies.</summary>
    private sealed record Chunk(string Type, byte[] Data, uint? Length);
}
