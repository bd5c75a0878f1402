using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Methods;
using AdaShare.Native.Methods.Costs;

namespace AdaShare.Native.Host.Console;

/// <summary>What <c>adashare methods</c> found, as JSON with names in snake case.</summary>
internal sealed class MethodsFile
{
    /// <summary>The methods in the order of their registry.</summary>
    public IReadOnlyList<MethodRow> Methods { get; init; } = [.. MethodRegistry.All.Select(MethodRow.Of)];

    /// <summary>The backbone of the costs; absent where none were counted.</summary>
    public string? Backbone { get; init; }

    /// <summary>Rows of the image that multiply-adds were counted for; absent where none were.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the image.</summary>
    public int? Width { get; init; }

    /// <summary>The costs; absent where none were counted.</summary>
    public IReadOnlyList<MethodCostRow>? Costs { get; init; }

    /// <summary>The text of the file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, MethodsJson.Default.MethodsFile);

    /// <summary>Writes the file; one that is there is replaced whole.</summary>
    /// <exception cref="ConfigurationException">It can't be written there.</exception>
    public void Write(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, MethodsJson.Default.MethodsFile));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"--json {path}: can't be written ({error.Message.TrimEnd('.')}); name a file elsewhere, or - for standard output");
        }
    }
}

/// <summary>A method.</summary>
/// <param name="Name">Its name in configurations.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Summary">What it does.</param>
internal sealed record MethodRow(string Name, string Title, string Summary)
{
    public static MethodRow Of(IMethod method) => new(method.Name, method.Title, method.Summary);
}

/// <summary>What a method's network costs for a number of tasks, heads left out.</summary>
/// <param name="Method">The method.</param>
/// <param name="Tasks">The number of tasks.</param>
/// <param name="Parameters">Parameters.</param>
/// <param name="StateEntries">Parameters and running statistics.</param>
/// <param name="Backbones">State entries in multiples of those of one backbone.</param>
/// <param name="PublishedBackbones">What is published of that.</param>
/// <param name="BackbonesDifference">By how much the count exceeds it.</param>
/// <param name="ExecutedMultiplyAdds">Multiply-adds as executed.</param>
/// <param name="PassesMultiplyAdds">Multiply-adds of one pass for each task.</param>
/// <param name="PublishedGigaMultiplyAdds">What is published of them, in thousand millions.</param>
/// <param name="PublishedCountsSharedOnce">Whether the published ones are to be compared with those as executed; otherwise with those of passes.</param>
/// <param name="GigaMultiplyAddsDifference">By how much the count exceeds them.</param>
/// <param name="CountsOtherwise">What the published figures count otherwise; absent where they count the same.</param>
internal sealed record MethodCostRow(
    string Method, int Tasks, long Parameters, long StateEntries, double Backbones, double? PublishedBackbones, double? BackbonesDifference, long ExecutedMultiplyAdds, long PassesMultiplyAdds,
    double? PublishedGigaMultiplyAdds, bool? PublishedCountsSharedOnce, double? GigaMultiplyAddsDifference, string? CountsOtherwise)
{
    public static MethodCostRow Of(MethodCost cost) => new(
        cost.Method, cost.Tasks, cost.Parameters, cost.StateEntries, cost.Backbones, cost.Published?.Backbones, cost.BackbonesDifference, cost.ExecutedMultiplyAdds, cost.PassesMultiplyAdds,
        cost.Published?.GigaMultiplyAdds, cost.Published?.GigaMultiplyAdds is null ? null : cost.Published.CountsSharedOnce, cost.GigaMultiplyAddsDifference, cost.Published?.CountsOtherwise);
}

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MethodsFile))]
internal sealed partial class MethodsJson : JsonSerializerContext;
