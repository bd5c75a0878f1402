using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.AdaShareInstance;

/// <summary>The run: warm-up with hard sharing, search of weights and policy network in turns, then weights from the seed under the likelier decisions of the policy network, which stays as it is.</summary>
/// <param name="session">The run.</param>
internal sealed class AdaShareInstanceRun(TrainingSession session) : IMethodRun
{
    /// <summary>The final network's checkpoint.</summary>
    public const string Final = "final";

    private const string PolicyPrefix = "policy.";

    private readonly AdaShareOptions _options = session.Config.Options<AdaShareOptions>();
    private readonly InstanceState _state = InstanceState.Of(session);

    public string FirstPhase => AdaShareRun.WarmUpKey;

    public TrainingSession Session => session;

    public void Restart()
    {
        if (session.State.Phase == SearchPhase.Key)
        {
            _state.LastValidation = 0;
            CheckpointStore.LoadModel(session, AdaShareRun.WarmUp, CheckpointStore.RepeatRemedy(session, "the network of the warm-up, from which the search starts"));
        }
        else
        {
            session.Initialize(session.Seed);
        }
    }

    public Phase Create() => session.State.Phase switch
    {
        AdaShareRun.WarmUpKey => new WeightsPhase(session, new PhaseInfo(AdaShareRun.WarmUpKey, 0, "warm-up", _options.WarmUpIters), WarmUpPlan()),
        SearchPhase.Key => new SearchPhase(session, _state, new InstancePolicy(session, _options)),
        AdaShareRun.RetrainKey => new WeightsPhase(session, PhaseInfo.Final(session.Config, AdaShareRun.RetrainKey, 0, "retrain"), RetrainPlan()),
        _ => throw new CheckpointException($"{session.Folder.Latest}: {session.Config.Method} has no phase {session.State.Phase}; the checkpoint is of another run"),
    };

    public JsonElement? Save() => JsonSerializer.SerializeToElement(_state, InstanceJson.Default.InstanceState);

    public RunOutcome Finish() =>
        new(_state.Result ?? throw new CheckpointException($"{session.Folder.Latest}: says that the run is done, but has no result; start the run again"), GateTable.Decided)
        {
            Others = _state.WarmUp is { } warmUp ? [new NamedResult { Name = AdaShareRun.WarmUp, Title = "warm-up", Steps = _options.WarmUpIters, Test = warmUp }] : [],
        };

    private WeightsPlan WarmUpPlan() => new()
    {
        Seed = session.Seed,
        Order = AdaShareRun.WarmUpKey,
        Checkpoint = AdaShareRun.WarmUp,
        KeepsBest = false,
        Finish = result =>
        {
            _state.WarmUp = result;
            return (SearchPhase.Key, 0);
        },
    };

    private WeightsPlan RetrainPlan() => new()
    {
        Seed = session.Seed,
        Order = "retrain/0",
        Checkpoint = Final,
        Gates = static _ => GateTable.Decided,
        EvaluationGates = GateTable.Decided,
        KeepsBest = session.Config.Test.WhichIter != "latest",
        Start = Start,
        Finish = result =>
        {
            _state.Result = result;
            return (RunState.Done, 0);
        },
    };

    private void Start()
    {
        string learnt = AdaShareRun.LearntPolicy(session);
        string remedy = CheckpointStore.RepeatRemedy(session, "the network of the search, from which the retraining starts");
        if (_options.RetrainFromPl)
        {
            CheckpointStore.LoadModel(session, learnt, remedy);
            return;
        }

        session.Initialize(session.Seed);
        CheckpointStore.LoadModel(session, learnt, remedy, static name => name.StartsWith(PolicyPrefix, StringComparison.Ordinal));
    }
}

/// <summary>What such a run has found so far.</summary>
internal sealed class InstanceState : ISearchState
{
    /// <inheritdoc/>
    public double Temperature { get; set; }

    /// <inheritdoc/>
    public int OpenBlocks { get; set; }

    /// <inheritdoc/>
    public long LastValidation { get; set; }

    /// <summary>The warm-up network on the test part.</summary>
    public TestResult? WarmUp { get; set; }

    /// <summary>The final network on the test part.</summary>
    public TestResult? Result { get; set; }

    /// <summary>The state of a checkpoint, or a new one.</summary>
    /// <exception cref="CheckpointException">It is no state of this method.</exception>
    public static InstanceState Of(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.ReadMethodState(InstanceJson.Default.InstanceState) ?? new InstanceState();
    }
}

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InstanceState))]
internal sealed partial class InstanceJson : JsonSerializerContext;
