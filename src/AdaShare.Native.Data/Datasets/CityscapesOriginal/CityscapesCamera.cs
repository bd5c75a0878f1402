using System.Text.Json;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.CityscapesOriginal;

/// <summary>What a camera file says of the pair of cameras.</summary>
/// <param name="Baseline">Metres between the cameras.</param>
/// <param name="FocalLength">The horizontal focal length in pixels of the full picture.</param>
internal sealed record CityscapesCamera(double Baseline, double FocalLength)
{
    /// <summary>Reads <c>extrinsic.baseline</c> and <c>intrinsic.fx</c>.</summary>
    /// <exception cref="DataException">The file is missing or damaged, or a value is missing or not above 0.</exception>
    public static CityscapesCamera Read(string path)
    {
        using JsonDocument json = ListedJson.Open(path);
        return new(Positive(json.RootElement, "extrinsic", "baseline", path), Positive(json.RootElement, "intrinsic", "fx", path));
    }

    private static double Positive(JsonElement root, string section, string name, string path)
    {
        bool found = root.TryGetProperty(section, out JsonElement values) && values.ValueKind == JsonValueKind.Object && values.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number > 0 && double.IsFinite(number);
        return found
            ? root.GetProperty(section).GetProperty(name).GetDouble()
            : throw new DataException($"{path}: {section}.{name} is missing or no number above 0; expected the camera file of CityScapes: restore it");
    }
}
