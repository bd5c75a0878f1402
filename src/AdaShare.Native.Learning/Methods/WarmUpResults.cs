using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>What a run has found so far whose method warms a network up and then trains another out of it: the state of methods that need no more.</summary>
public sealed class WarmUpResults
{
    /// <summary>The warm-up network on the test part; null while there is none, or where its weights were given.</summary>
    public TestResult? WarmUp { get; set; }

    /// <summary>The final network on the test part.</summary>
    public TestResult? Result { get; set; }

    /// <summary>The state of a checkpoint, or a new one.</summary>
    /// <exception cref="CheckpointException">It is no state of such a method.</exception>
    public static WarmUpResults Of(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.ReadMethodState(WarmUpJson.Default.WarmUpResults) ?? new WarmUpResults();
    }

    /// <summary>The state for a checkpoint.</summary>
    public JsonElement Save() => JsonSerializer.SerializeToElement(this, WarmUpJson.Default.WarmUpResults);
}

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(WarmUpResults))]
internal sealed partial class WarmUpJson : JsonSerializerContext;
