using System.Globalization;
using System.Text.Json.Serialization;

namespace AdaShare.Native.Learning.Weights;

/// <summary>What was taken from a file of weights: for the console, and for the record of the run.</summary>
public sealed class WeightRecord
{
    private const int Shown = 8;

    /// <summary>The file.</summary>
    public string File { get; set; } = "";

    /// <summary>A sign of its content, see <see cref="Engine.Checkpoints.FileFingerprint"/>.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>Its format.</summary>
    public string Format { get; set; } = "";

    /// <summary>The images that it was trained with: <c>torchvision</c>, in which case the first convolution was turned to the run's, <c>bgr</c>, or <c>own</c>.</summary>
    public string Input { get; set; } = "";

    /// <summary>Whether the first convolution was turned to another input than the usual one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFolded { get; set; }

    /// <summary>The backbones that were filled.</summary>
    public int Backbones { get; set; }

    /// <summary>The parameters and statistics that were filled, counters left out.</summary>
    public int Loaded { get; set; }

    /// <summary>The tensors of the file that nothing was filled from; those of one beginning together, as <c>fc.*</c>.</summary>
    public List<string> Left { get; set; } = [];

    /// <summary>The parameters and statistics of the backbones that the file has not, in the same form.</summary>
    public List<string> Missing { get; set; } = [];

    /// <summary>The folder of the run whose network it is; null where the file is of no run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Run { get; set; }

    /// <summary>The name of that network for people.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Network { get; set; }

    /// <summary>The method of that run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Method { get; set; }

    /// <summary>Optimiser steps of all phases of that run, and of those that it started from in turn, which come before this run's own; null where nobody knows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Steps { get; set; }

    /// <summary>The tasks whose heads were filled from that run; null where the file is of no run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Heads { get; set; }

    /// <summary>The tasks whose heads were not, each with why; null where the file is of no run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? FreshHeads { get; set; }

    /// <summary>What a run's figures must be read with that started from another run's weights, as a sentence without its full stop; null where it did not.</summary>
    [JsonIgnore]
    public string? Origin => Run is null ? null : $"started from {Run} ({Method}: {Network}; {(Steps is { } steps ? $"{steps.ToString("N0", CultureInfo.InvariantCulture)} step{(steps == 1 ? "" : "s")}" : "nobody knows how many steps")} before this run's own)";

    /// <summary>The record in one line.</summary>
    public string Describe() => Run is null ? DescribeFile()
        : $"init: {Origin}: loaded {Loaded} tensors into {(Backbones == 1 ? "the backbone" : $"{Backbones} backbones")} and the heads of {List(Heads ?? [])}{(IsFolded ? ", turned to this run's dataload.input" : "")}; heads from the seed: {List(FreshHeads ?? [])}; left: {List(Left)}; missing: {List(Missing)}";

    private string DescribeFile() =>
        $"init: loaded {Loaded} tensors from {File} ({Format}) into {(Backbones == 1 ? "the backbone" : $"{Backbones} backbones")}{(IsFolded ? $", turned from {(Input == "torchvision" ? "RGB / 255" : "BGR minus mean")} to the run's dataload.input" : Input == "torchvision" ? ", turned from RGB / 255 to our images" : "")}; left: {List(Left)}; missing: {List(Missing)}";

    /// <summary>Names in groups of one beginning.</summary>
    internal static List<string> Grouped(IEnumerable<string> names) =>
        [.. names.GroupBy(static name => name.Split('.')[0]).Select(static group => group.Count() == 1 ? group.First() : group.Key + ".*").Order(StringComparer.Ordinal)];

    /// <summary>The first of some names.</summary>
    internal static string List(IReadOnlyCollection<string> names) => names.Count == 0 ? "none" : string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
}
