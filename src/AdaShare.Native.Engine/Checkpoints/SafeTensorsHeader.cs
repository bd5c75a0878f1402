using System.Text;
using System.Text.Json;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>Where a tensor lies in its file.</summary>
/// <param name="Type">The element type as the format spells it.</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="Start">Its first byte, counted from the header's end.</param>
/// <param name="End">The byte behind its last.</param>
internal sealed record SafeTensorPlace(string Type, IReadOnlyList<long> Shape, long Start, long End);

/// <summary>The header of a safetensors file, held against the format: tensors that fill the file without gaps, overlaps or a rest.</summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The longest header that the format allows.</summary>
    public const long Largest = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private SafeTensorsHeader()
    {
    }

    /// <summary>The tensors in the header's order.</summary>
    public Dictionary<string, SafeTensorPlace> Tensors { get; } = [];

    /// <summary>The header's texts.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Reads a header.</summary>
    /// <param name="header">Its bytes.</param>
    /// <param name="dataLength">The bytes behind it.</param>
    /// <exception cref="FormatException">It breaks a rule of the format; the message says which.</exception>
    public static SafeTensorsHeader Parse(byte[] header, long dataLength)
    {
        var parsed = new SafeTensorsHeader();
        try
        {
            if (header[0] != '{')
            {
                throw new FormatException("its header does not begin with '{'");
            }

            using JsonDocument document = JsonDocument.Parse(header, Strict);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(SafeTensors.MetadataKey))
                {
                    parsed.TakeMetadata(property.Value);
                }
                else if (!parsed.Tensors.TryAdd(property.Name, Place(property.Name, property.Value)))
                {
                    throw new FormatException($"it has two tensors of the name {property.Name}");
                }
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"its header is no valid JSON ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')})", error);
        }

        parsed.RequireContiguous(dataLength);
        return parsed;
    }

    /// <summary>The place in a header of the check value's digits, or null where it has none.</summary>
    /// <param name="header">A header that is valid JSON.</param>
    /// <exception cref="FormatException">There is a check value of another form.</exception>
    public static int? DigestPlace(ReadOnlySpan<byte> header)
    {
        var reader = new Utf8JsonReader(header);
        while (reader.Read())
        {
            bool inMetadata = reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(SafeTensors.MetadataKey);
            if (!inMetadata)
            {
                continue;
            }

            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool found = reader.ValueTextEquals(SafeTensors.DigestKey);
                reader.Read();
                if (found)
                {
                    return reader.ValueSpan.Length == SafeTensors.BlankDigest.Length
                        ? (int)reader.TokenStartIndex + 1
                        : throw new FormatException($"its check value {SafeTensors.DigestKey} is '{Encoding.UTF8.GetString(reader.ValueSpan)}' instead of {SafeTensors.BlankDigest.Length} hex digits");
                }
            }
        }

        return null;
    }

    private static SafeTensorPlace Place(string name, JsonElement element)
    {
        long[] offsets = Whole(element.GetProperty("data_offsets"));
        long[] shape = Whole(element.GetProperty("shape"));
        string type = element.GetProperty("dtype").GetString() ?? "null";
        if (offsets.Length != 2 || shape.Any(static size => size < 0))
        {
            throw new FormatException($"{name} has offsets [{string.Join(", ", offsets)}] and shape [{string.Join(", ", shape)}]; expected two offsets and sizes of 0 or more");
        }

        UInt128 bits = Bits(type) ?? throw new FormatException($"{name} is of type {type}, which the format does not know");
        foreach (long size in shape)
        {
            bits *= (ulong)size;
            if (bits > long.MaxValue)
            {
                throw new FormatException($"{name} has the impossible shape [{string.Join(", ", shape)}]");
            }
        }

        // In 128 bits: the offsets of a damaged file can be any numbers.
        Int128 length = (Int128)offsets[1] - offsets[0];
        return bits == (UInt128)(length * 8) && length >= 0
            ? new(type, shape, offsets[0], offsets[1])
            : throw new FormatException($"{name} should lie at bytes {offsets[0]} to {offsets[1]}, but {type} [{string.Join(", ", shape)}] has {bits / 8} bytes");
    }

    private static long[] Whole(JsonElement list) => [.. list.EnumerateArray().Select(static number => number.TryGetInt64(out long value)
        ? value
        : throw new FormatException($"its header has {number} in place of a whole number"))];

    /// <summary>Bits an element of every type of the format; only some of them are read here.</summary>
    private static uint? Bits(string type) => type switch
    {
        "F64" or "I64" or "U64" or "C64" => 64,
        "F32" or "I32" or "U32" => 32,
        "F16" or "BF16" or "I16" or "U16" => 16,
        "BOOL" or "I8" or "U8" or "F8_E5M2" or "F8_E4M3" or "F8_E8M0" => 8,
        "F6_E2M3" or "F6_E3M2" => 6,
        "F4" => 4,
        _ => null,
    };

    private void TakeMetadata(JsonElement texts)
    {
        foreach (JsonProperty text in texts.EnumerateObject())
        {
            string value = text.Value.GetString() ?? throw new FormatException($"its text {text.Name} is null");
            if (!Metadata.TryAdd(text.Name, value))
            {
                throw new FormatException($"it has two texts of the name {text.Name}");
            }
        }

        if (Metadata.ContainsKey(SafeTensors.FormatKey) && !Metadata.ContainsKey(SafeTensors.DigestKey))
        {
            throw new FormatException($"it has lost its check value {SafeTensors.DigestKey}");
        }
    }

    private void RequireContiguous(long dataLength)
    {
        long end = 0;
        foreach ((string name, SafeTensorPlace place) in Tensors.OrderBy(static tensor => tensor.Value.Start).ThenBy(static tensor => tensor.Value.End))
        {
            if (place.Start != end)
            {
                throw new FormatException($"{name} should lie at bytes {place.Start} to {place.End}, but the tensor before it ends at {end}");
            }

            end = place.End;
        }

        if (end != dataLength)
        {
            throw new FormatException($"its tensors should end at byte {end} of the elements, but there are {dataLength} bytes");
        }
    }
}
