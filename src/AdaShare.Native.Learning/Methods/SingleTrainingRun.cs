using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>How a method trains that trains once.</summary>
public sealed record SingleTraining
{
    /// <summary>The name of the data order; other names give other orders.</summary>
    public string Order { get; init; } = SingleTrainingRun.Key;

    /// <summary>The gates of the training step after so many steps, see <see cref="WeightsPlan.Gates"/>; shared by all tasks if null.</summary>
    public Func<long, GateTable>? Gates { get; init; }

    /// <summary>Losses of the predictions, see <see cref="WeightsPlan.Rewards"/>; none if null.</summary>
    public Func<long, Func<Engine.Autograd.Step, GroupPass, IReadOnlyList<WeightedLoss>>>? Rewards { get; init; }

    /// <summary>The gates of validation, test and prediction.</summary>
    public GateTable EvaluationGates { get; init; } = GateTable.Shared;

    /// <summary>The policy behind the gates, for the files; null where every task runs every block.</summary>
    public BlockPolicy? Policy { get; init; }

    /// <summary>Parts of the model that are chosen by themselves; the whole model at once if empty.</summary>
    public IReadOnlyList<KeptPart> Parts { get; init; } = [];

    /// <summary>Sets weights behind the initialisation from the seed; null to leave them.</summary>
    public Action? Start { get; init; }
}

/// <summary>A run of one phase: weights are trained under fixed gates or none, and the best network on the validation part is the result.</summary>
/// <param name="session">The run.</param>
/// <param name="training">How it trains.</param>
public sealed class SingleTrainingRun(TrainingSession session, SingleTraining training) : IMethodRun
{
    internal const string Key = "train";
    internal const string Checkpoint = "final";

    private readonly SingleTrainingState _state = SingleTrainingState.Of(session);

    /// <inheritdoc/>
    public string FirstPhase => Key;

    /// <inheritdoc/>
    public TrainingSession Session => session;

    /// <inheritdoc/>
    public Phase Create() => session.State.Phase == Key
        ? new WeightsPhase(session, PhaseInfo.Final(session.Config, Key, 0, "training"), Plan())
        : throw new CheckpointException($"{session.Folder.Latest}: {session.Config.Method} has no phase {session.State.Phase}; the checkpoint is of another run");

    /// <inheritdoc/>
    public JsonElement? Save() => _state.Save();

    /// <inheritdoc/>
    public RunOutcome Finish()
    {
        PolicySummary? summary = null;
        if (training.Policy is { } policy)
        {
            session.SetPolicy(PolicyFile.Of(session.Config.Tasks, policy, isTrained: true));
            summary = new PolicySummary { Skipped = policy.SkippedByTask(session.Config.Tasks) };
        }

        return new RunOutcome(_state.Result ?? throw new CheckpointException($"{session.Folder.Latest}: says that the run is done, but has no result; start the run again"), training.EvaluationGates)
        {
            Policy = summary,
        };
    }

    /// <summary>The networks that a run folder of such a method has.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="title">The network's name for people.</param>
    /// <param name="gates">Its gates.</param>
    public static IReadOnlyList<StoredNetwork> Networks(RunFolder folder, string title, GateTable gates)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = folder.Checkpoint(Checkpoint);
        return File.Exists(path) ? [new StoredNetwork(title, path, gates, IsFinal: File.Exists(folder.Metrics))] : [];
    }

    private WeightsPlan Plan() => new()
    {
        Seed = session.Seed,
        Order = training.Order,
        Checkpoint = Checkpoint,
        Gates = training.Gates,
        Rewards = training.Rewards,
        EvaluationGates = training.EvaluationGates,
        KeepsBest = session.Config.Test.WhichIter != "latest",
        Parts = training.Parts,
        Start = training.Start,
        Finish = result =>
        {
            _state.Result = result;
            return (RunState.Done, 0);
        },
    };
}

/// <summary>What a run of one phase has found.</summary>
internal sealed class SingleTrainingState
{
    /// <summary>The network on the test part, when it is trained.</summary>
    public TestResult? Result { get; set; }

    public static SingleTrainingState Of(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.ReadMethodState(MethodJson.Default.SingleTrainingState) ?? new SingleTrainingState();
    }

    public JsonElement Save() => JsonSerializer.SerializeToElement(this, MethodJson.Default.SingleTrainingState);
}

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SingleTrainingState))]
internal sealed partial class MethodJson : JsonSerializerContext;
