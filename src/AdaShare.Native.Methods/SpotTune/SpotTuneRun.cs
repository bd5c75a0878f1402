using System.Text.Json;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.SpotTune;

/// <summary>SpotTune in a run: hard sharing where no weights are given, then the copies, the heads and the policy network together.</summary>
/// <param name="session">The run.</param>
internal sealed class SpotTuneRun(TrainingSession session) : IMethodRun
{
    public const string WarmUpKey = "warm_up";
    public const string TuneKey = "tune";
    public const string WarmUp = "warmup";
    public const string Final = "final";

    private readonly SpotTuneOptions _options = session.Config.Options<SpotTuneOptions>();
    private readonly SpotTuneNetwork _network = (SpotTuneNetwork)session.Model;
    private readonly WarmUpResults _state = WarmUpResults.Of(session);

    public string FirstPhase => _options.StartFrom is null ? WarmUpKey : TuneKey;

    public TrainingSession Session => session;

    public void Restart()
    {
        session.Initialize(session.Seed);
        if (session.State.Phase == TuneKey && _options.StartFrom is null)
        {
            CheckpointStore.LoadModel(session, WarmUp, CheckpointStore.RepeatRemedy(session, "the network of the warm-up, whose blocks are frozen and tuned"));
        }
    }

    public Phase Create()
    {
        _network.TrainsGiven = session.State.Phase == WarmUpKey;
        (_network.PolicyRate, _network.Temperature) = (_options.RateFactor, _options.Temperature);
        return session.State.Phase switch
        {
            WarmUpKey => new WeightsPhase(session, new PhaseInfo(WarmUpKey, 0, "warm-up", WarmUpSteps), WarmUpPlan()),
            TuneKey => new WeightsPhase(session, PhaseInfo.Final(session.Config, TuneKey, 0, "tuning"), TunePlan()),
            _ => throw new CheckpointException($"{session.Folder.Latest}: {session.Config.Method} has no phase {session.State.Phase}; the checkpoint is of another run"),
        };
    }

    public JsonElement? Save() => _state.Save();

    public RunOutcome Finish() =>
        new(_state.Result ?? throw new CheckpointException($"{session.Folder.Latest}: says that the run is done, but has no result; start the run again"), GateTable.Decided)
        {
            Others = _state.WarmUp is { } warmUp ? [new NamedResult { Name = WarmUp, Title = "warm-up", Steps = WarmUpSteps, Test = warmUp }] : [],
        };

    private int WarmUpSteps => _options.WarmUpIters ?? session.Config.Train.TotalIters;

    private WeightsPlan WarmUpPlan() => new()
    {
        Seed = session.Seed,
        Order = WarmUpKey,
        Checkpoint = WarmUp,
        KeepsBest = false,
        Finish = result =>
        {
            _state.WarmUp = result;
            return (TuneKey, 0);
        },
    };

    private WeightsPlan TunePlan() => new()
    {
        Seed = session.Seed,
        Order = TuneKey,
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
        if (_options.StartFrom is { } path)
        {
            new GivenWeights(SpotTuneMethod.StartFromKey, path).Load(_network, session.Dataset);
        }
        else
        {
            _network.CopyGiven();
        }
    }
}
