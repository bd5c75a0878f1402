using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>One entry of a safetensors file that is about to be written.</summary>
/// <param name="Name">A name that no other entry has.</param>
/// <param name="Type">The element type as the format spells it: F32, F64, I32, I64, U8.</param>
/// <param name="Shape">The dimensions; empty for a scalar.</param>
/// <param name="Fill">Writes the elements, little-endian and row-major, into a span of exactly their size.</param>
public sealed record SafeTensorEntry(string Name, string Type, IReadOnlyList<int> Shape, SafeTensorFill Fill)
{
    /// <summary>The size of the elements in bytes.</summary>
    public long ByteLength => Shape.Aggregate((long)SafeTensors.ElementSize(Type), static (n, d) => n * d);
}

/// <summary>Writes the elements of an entry.</summary>
/// <param name="bytes">Exactly the entry's size.</param>
public delegate void SafeTensorFill(Span<byte> bytes);

/// <summary>
/// The safetensors format: eight bytes of header length, a JSON header, the elements. PyTorch reads it with <c>safetensors.torch.load_file</c>. The header's
/// <c>__metadata__</c> carries a check value of the whole content under <see cref="DigestKey"/>, so that damage behind a sound header is seen on reading.
/// </summary>
public static class SafeTensors
{
    /// <summary>
    /// The name in <c>__metadata__</c> of the check value: XXH64 (seed 0) of the header and the elements, as 16 lower-case hex digits that count as zeros
    /// themselves. Files without it are read too; nothing but their structure is checked.
    /// </summary>
    public const string DigestKey = "adashare.xxh64";

    /// <summary>A second text beside the check value, always "1": where one of the two is missing, its name was damaged, and the file is refused.</summary>
    internal const string FormatKey = "adashare.format";

    internal const string MetadataKey = "__metadata__";
    private const int Alignment = 8;

    /// <summary>The check value's place before it is known.</summary>
    internal static readonly string BlankDigest = new('0', 2 * sizeof(ulong));

    /// <summary>Bytes an element of a type.</summary>
    public static int ElementSize(string type) => type switch
    {
        "F64" or "I64" => 8,
        "F32" or "I32" => 4,
        "U8" => 1,
        _ => throw new CheckpointException($"safetensors: element type {type} is not known here; F32, F64, I32, I64 and U8 are"),
    };

    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="entries">The tensors, in the order of the file.</param>
    /// <param name="metadata">Texts by name, for the header's <c>__metadata__</c>.</param>
    /// <exception cref="CheckpointException">Two entries have one name, or the file could not be written; an older one is intact.</exception>
    public static void Write(string path, IReadOnlyList<SafeTensorEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        RequireNames(path, entries);
        byte[] header = Header(entries, metadata);
        AtomicFile.Write(path, stream =>
        {
            var hash = new XxHash64();
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            Put(header);
            byte[] buffer = [];
            foreach (SafeTensorEntry entry in entries)
            {
                int size = checked((int)entry.ByteLength);
                if (buffer.Length < size)
                {
                    buffer = new byte[size];
                }

                entry.Fill(buffer.AsSpan(0, size));
                Put(buffer.AsSpan(0, size));
            }

            // The elements come from a device and are asked for once: their check value is known only behind them.
            stream.Position = length.Length + SafeTensorsHeader.DigestPlace(header)!.Value;
            stream.Write(Encoding.ASCII.GetBytes(DigestText(hash)));

            void Put(ReadOnlySpan<byte> bytes)
            {
                hash.Append(bytes);
                stream.Write(bytes);
            }
        });
    }

    /// <summary>A check value as the header spells it.</summary>
    internal static string DigestText(XxHash64 hash) => hash.Value().ToString("x16");

    private static void RequireNames(string path, IReadOnlyList<SafeTensorEntry> entries)
    {
        var names = new HashSet<string> { MetadataKey };
        foreach (SafeTensorEntry entry in entries)
        {
            if (!names.Add(entry.Name))
            {
                throw new CheckpointException($"{path}: can't hold two tensors of the name {entry.Name}; give each parameter a name of its own");
            }
        }
    }

    private static byte[] Header(IReadOnlyList<SafeTensorEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            json.WriteString(DigestKey, BlankDigest);
            json.WriteString(FormatKey, "1");
            foreach ((string key, string value) in metadata.Where(static text => text.Key is not (DigestKey or FormatKey)))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long offset = 0;
            foreach (SafeTensorEntry entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type);
                json.WriteStartArray("shape");
                foreach (int size in entry.Shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += entry.ByteLength;
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // The format pads the header with spaces so that the elements are aligned.
        while (memory.Length % Alignment != 0)
        {
            memory.WriteByte((byte)' ');
        }

        return memory.ToArray();
    }
}
