using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>Reads the lists of examples, with errors that name the file and the place.</summary>
internal static class NyuV2Json
{
    /// <exception cref="DataException">The file can't be read or is no JSON object.</exception>
    public static JsonDocument Open(string path)
    {
        byte[] file = CodecFile.Read(path);
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        int start = file.AsSpan().StartsWith(mark) ? mark.Length : 0;
        JsonDocument json;
        try
        {
            // Of two modes of one name the second would replace the first.
            json = JsonDocument.Parse(file.AsMemory(start), new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException error)
        {
            throw new DataException($"{path}: not JSON ({error.Message.ReplaceLineEndings(" ")}); restore the file", error);
        }

        if (json.RootElement.ValueKind == JsonValueKind.Object)
        {
            return json;
        }

        string found = $"{json.RootElement.ValueKind}";
        json.Dispose();
        throw new DataException($"{path}: the JSON is of kind {found}; expected an object; restore the file");
    }

    /// <summary>A mode's rows of paths.</summary>
    /// <exception cref="DataException">It is not an array of arrays of so many strings.</exception>
    public static IReadOnlyList<string>[] Rows(JsonProperty mode, int columns, string path)
    {
        if (mode.Value.ValueKind != JsonValueKind.Array)
        {
            throw new DataException($"{path}: mode '{mode.Name}' is of kind {mode.Value.ValueKind}; expected an array of [image, segmentation, normals, depth]");
        }

        var rows = new List<IReadOnlyList<string>>();
        foreach (JsonElement row in mode.Value.EnumerateArray())
        {
            if (!IsArrayOfStrings(row) || row.GetArrayLength() != columns)
            {
                throw new DataException($"{path}: mode '{mode.Name}', entry {rows.Count} is not an array of {columns} paths; expected [image, segmentation, normals, depth]");
            }

            rows.Add([.. row.EnumerateArray().Select(item => item.GetString()!)]);
        }

        return [.. rows];
    }

    /// <summary>A list of strings.</summary>
    /// <exception cref="DataException">It is missing or something else.</exception>
    public static IReadOnlyList<string> Strings(JsonElement parent, string name, string path) =>
        parent.TryGetProperty(name, out JsonElement list) && IsArrayOfStrings(list)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
            : throw new DataException($"{path}: '{name}' is missing or not an array of strings; write the scenes again");

    private static bool IsArrayOfStrings(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && item.GetString()!.Length > 0);
}
