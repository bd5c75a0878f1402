using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>What an AdaShare run has found so far: the method's part of the run state.</summary>
public sealed class AdaShareState : ISearchState
{
    /// <summary>The Gumbel temperature of the next search step, for readers of the checkpoint.</summary>
    public double Temperature { get; set; }

    /// <summary>The open blocks of the next search step, for readers of the checkpoint.</summary>
    public int OpenBlocks { get; set; }

    /// <summary>The step of the last validation of the search.</summary>
    public long LastValidation { get; set; }

    /// <summary>The warm-up network on the test part.</summary>
    public TestResult? WarmUp { get; set; }

    /// <summary>The probabilities from which policies were sampled [task][block].</summary>
    public double[][] Distribution { get; set; } = [];

    /// <summary>The policies that are trained [policy][task][block]: whether the block runs.</summary>
    public bool[][][] Policies { get; set; } = [];

    /// <summary>The results of the policies that have been retrained.</summary>
    public List<TestResult> Retrained { get; set; } = [];

    /// <summary>The network under the likelier decisions, to compare; null where none was retrained, or not yet.</summary>
    public TestResult? Likeliest { get; set; }

    /// <summary>The network that was trained with hard sharing, to compare; null where none was, or not yet.</summary>
    public TestResult? HardSharing { get; set; }

    /// <summary>The likelier decision of every block [task][block].</summary>
    internal BlockPolicy ArgMax => new PolicyDistribution(Distribution).ArgMax();

    /// <summary>Takes over what a search has learnt, and chooses the policies that are retrained.</summary>
    internal void Learnt(PolicyDistribution distribution, TrainingSession session, AdaShareOptions options)
    {
        Distribution = distribution.ToArray();
        Policies = options.PoliciesFrom == AdaShareOptions.ArgMax
            ? [distribution.ArgMax().ToArray()]
            : [.. Enumerable.Range(0, options.Policies).Select(i => distribution.Sample(RandomStream.For(session.SeedOf(i), "policy", i)).ToArray())];
        Write(session, selected: null);
    }

    /// <summary>Takes the result of a policy's retraining, which stands in the place of an earlier one where the retraining has gone on.</summary>
    internal void Take(int policy, TestResult result)
    {
        if (policy < Retrained.Count)
        {
            Retrained[policy] = result;
        }
        else
        {
            Retrained.Add(result);
        }
    }

    /// <summary>Makes what was learnt the run's policy, and writes policy.json.</summary>
    internal void Write(TrainingSession session, int? selected) => session.SetPolicy(new PolicyFile
    {
        Tasks = [.. session.Tasks.Select(static task => task.Name)],
        Probability = Distribution,
        ArgMax = ArgMax.ToArray(),
        Sampled = Policies,
        Selected = selected,
    });

    /// <summary>The state of a checkpoint, or a new one.</summary>
    /// <exception cref="CheckpointException">It is no state of this method.</exception>
    internal static AdaShareState Of(TrainingSession session)
    {
        try
        {
            AdaShareState state = session.State.Method?.Deserialize(AdaShareJson.Default.AdaShareState) ?? new AdaShareState();
            return state.Fault(session) is { } fault ? throw new JsonException(fault) : state;
        }
        catch (JsonException error)
        {
            throw new CheckpointException($"{session.Folder.Latest}: what its run state says of AdaShare is damaged ({error.Message}); restore the file from a copy", error);
        }
    }

    /// <summary>What can't be in a state that a run has written; null where nothing is.</summary>
    private string? Fault(TrainingSession session)
    {
        int tasks = session.Tasks.Count, blocks = ((AdaShareNetwork)session.Model).Spec.Backbone.BlockCount;
        bool Fits<T>(T[][]? table) => table is not null && table.Length == tasks && Array.TrueForAll(table, row => row is not null && row.Length == blocks);
        return Distribution.Length > 0 && (!Fits(Distribution) || Distribution.Any(static row => Array.Exists(row, static p => !(p is >= 0 and <= 1)))) ? "distribution has not a probability for each task and block"
            : !Array.TrueForAll(Policies, Fits) ? "a policy has not a decision for each task and block"
            : Retrained.Count > Policies.Length ? $"{Retrained.Count} of {Policies.Length} policies are retrained"
            : session.State.Phase == AdaShareRun.RetrainKey && session.State.Index >= Policies.Length ? $"policy {session.State.Index} is retrained, and there are {Policies.Length}"
            : null;
    }

    /// <summary>The state for a checkpoint.</summary>
    internal JsonElement Save() => JsonSerializer.SerializeToElement(this, AdaShareJson.Default.AdaShareState);
}

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AdaShareState))]
internal sealed partial class AdaShareJson : JsonSerializerContext;
