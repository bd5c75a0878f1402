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

/// <summary>The safetensors format: eight bytes of header length, a JSON header, the elements. PyTorch reads it with <c>safetensors.torch.load_file</c>.</summary>
public static class SafeTensors
{
    private const int Alignment = 8;

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
    /// <exception cref="CheckpointException">The file could not be written; an older one is intact.</exception>
    public static void Write(string path, IReadOnlyList<SafeTensorEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        byte[] header = Header(entries, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            byte[] buffer = [];
            foreach (SafeTensorEntry entry in entries)
            {
                int size = checked((int)entry.ByteLength);
                if (buffer.Length < size)
                {
                    buffer = new byte[size];
                }

                entry.Fill(buffer.AsSpan(0, size));
                stream.Write(buffer, 0, size);
            }
        });
    }

    private static byte[] Header(IReadOnlyList<SafeTensorEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata)
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

/// <summary>A safetensors file that is open for reading.</summary>
public sealed class SafeTensorsFile : IDisposable
{
    private const long LargestHeader = 100_000_000;

    private readonly FileStream _stream;
    private readonly long _dataStart;
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafeTensorsFile(string path, FileStream stream)
    {
        Path = path;
        _stream = stream;
        Span<byte> prefix = stackalloc byte[8];
        ReadExactly(prefix);
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 2 || length > LargestHeader || length > stream.Length - 8)
        {
            throw Damaged($"its header claims {length} bytes, the file has {stream.Length}");
        }

        var header = new byte[length];
        ReadExactly(header);
        _dataStart = 8 + length;
        Parse(header);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>The header's texts.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Opens a file and checks its header against its length.</summary>
    /// <exception cref="CheckpointException">The file is missing or damaged; the message names it.</exception>
    public static SafeTensorsFile Open(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give the path of a safetensors file", error);
        }

        try
        {
            return new SafeTensorsFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file has a tensor of a name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Reads a tensor's elements and checks their type and shape.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="type">The type that is expected.</param>
    /// <param name="shape">The shape that is expected.</param>
    /// <param name="target">Receives the bytes.</param>
    /// <exception cref="CheckpointException">The tensor is missing or another one than expected.</exception>
    public void Read(string name, string type, IReadOnlyList<int> shape, Span<byte> target)
    {
        if (!_entries.TryGetValue(name, out Entry? entry))
        {
            throw new CheckpointException($"{Path}: has no tensor {name}; it was written for another network or another kind of run");
        }

        if (entry.Type != type || !entry.Shape.SequenceEqual(shape) || entry.End - entry.Start != target.Length)
        {
            throw new CheckpointException($"{Path}: {name} is {entry.Type} [{string.Join(", ", entry.Shape)}], expected {type} [{string.Join(", ", shape)}]; it was written for another network");
        }

        _stream.Position = _dataStart + entry.Start;
        ReadExactly(target);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Parse(byte[] header)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(header);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                {
                    foreach (JsonProperty text in property.Value.EnumerateObject())
                    {
                        _metadata[text.Name] = text.Value.GetString() ?? string.Empty;
                    }

                    continue;
                }

                Entry entry = ReadEntry(property.Value);
                if (entry.Start < 0 || entry.End < entry.Start || entry.End > _stream.Length - _dataStart)
                {
                    throw Damaged($"{property.Name} should lie at bytes {entry.Start} to {entry.End} of {_stream.Length - _dataStart}");
                }

                _entries[property.Name] = entry;
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw Damaged($"its header is no valid JSON ({error.Message.TrimEnd('.')})");
        }
    }

    private static Entry ReadEntry(JsonElement element)
    {
        int[] shape = [.. element.GetProperty("shape").EnumerateArray().Select(static d => d.GetInt32())];
        JsonElement offsets = element.GetProperty("data_offsets");
        return new Entry(element.GetProperty("dtype").GetString() ?? string.Empty, shape, offsets[0].GetInt64(), offsets[1].GetInt64());
    }

    private void ReadExactly(Span<byte> target)
    {
        try
        {
            _stream.ReadExactly(target);
        }
        catch (EndOfStreamException)
        {
            throw Damaged($"it ends at byte {_stream.Length}, too early");
        }
    }

    private CheckpointException Damaged(string what) => new($"{Path}: is no whole safetensors file: {what}; copy it again or use an earlier checkpoint");

    private sealed record Entry(string Type, int[] Shape, long Start, long End);
}
