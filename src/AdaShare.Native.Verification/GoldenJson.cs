using System.Text.Json;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Verification;

/// <summary>Members of a golden file's JSON; what is missing is named.</summary>
internal static class GoldenJson
{
    /// <summary>A member.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member's name.</param>
    /// <exception cref="FormatException">There is no object, or no such member in it.</exception>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind != JsonValueKind.Object ? throw new FormatException($"{Kind(element)} stands where an object with {name} belongs")
        : element.TryGetProperty(name, out JsonElement member) ? member
        : throw new FormatException($"it has no {name}");

    /// <summary>All members.</summary>
    /// <exception cref="FormatException">There is no object.</exception>
    public static JsonElement.ObjectEnumerator Members(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : throw new FormatException($"{Kind(element)} stands where an object belongs");

    /// <summary>An element of a list.</summary>
    /// <exception cref="FormatException">There is no list, or it is shorter.</exception>
    public static JsonElement Item(this JsonElement element, int index) =>
        element.ValueKind != JsonValueKind.Array ? throw new FormatException($"{Kind(element)} stands where a list belongs")
        : index < element.GetArrayLength() ? element[index]
        : throw new FormatException($"a list has {element.GetArrayLength()} elements where more than {index} belong");

    /// <summary>Runs what reads a golden file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="DataException">Something is missing in it, or of another kind.</exception>
    public static T Explain<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw new DataException($"{path}: is no golden file ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); it needs config, float64 and float32 as a recorded run of the official code has them", error);
        }
    }

    /// <summary>A number.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static double Number(this JsonElement element) => element.ValueKind == JsonValueKind.Number ? element.GetDouble() : throw new FormatException($"{Kind(element)} stands where a number belongs");

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
