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

    /// <summary>The record in one line.</summary>
    public string Describe() =>
        $"init: loaded {Loaded} tensors from {File} ({Format}) into {(Backbones == 1 ? "the backbone" : $"{Backbones} backbones")}{(IsFolded ? $", turned from {(Input == "torchvision" ? "RGB / 255" : "BGR minus mean")} to the run's dataload.input" : Input == "torchvision" ? ", turned from RGB / 255 to our images" : "")}; left: {List(Left)}; missing: {List(Missing)}";

    /// <summary>Names in groups of one beginning.</summary>
    internal static List<string> Grouped(IEnumerable<string> names) =>
        [.. names.GroupBy(static name => name.Split('.')[0]).Select(static group => group.Count() == 1 ? group.First() : group.Key + ".*").Order(StringComparer.Ordinal)];

    /// <summary>The first of some names.</summary>
    internal static string List(IReadOnlyCollection<string> names) => names.Count == 0 ? "none" : string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
}
