using System.Text.Json;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Den;

/// <summary>A deep elastic network in a run: the network at random levels, then the selector and the network in turns.</summary>
/// <param name="session">The run.</param>
internal sealed class DenRun(TrainingSession session) : IMethodRun
{
    public const string WarmUpKey = "warm_up";
    public const string SelectKey = "select";
    public const string AdaptKey = "adapt";
    public const string TrainKey = "train";
    public const string WarmUp = "warmup";
    public const string Selected = "selector";
    public const string Adapted = "adapted";
    public const string Final = "final";

    // A level whose probability rounds to 0 would have no logarithm.
    private const double LeastExploration = 1e-6;

    private readonly DenOptions _options = session.Config.Options<DenOptions>();
    private readonly DenSchedule _schedule = DenSchedule.Of(session.Config);
    private readonly DenNetwork _network = (DenNetwork)session.Model;
    private readonly WarmUpResults _state = WarmUpResults.Of(session);

    public string FirstPhase => WarmUpKey;

    public TrainingSession Session => session;

    public void Restart()
    {
        string? before = session.State.Phase switch
        {
            WarmUpKey => null,
            SelectKey => session.State.Index == 0 ? WarmUp : Adapted,
            _ => Selected,
        };
        session.Initialize(session.Seed);
        if (before is not null)
        {
            CheckpointStore.LoadModel(session, before, CheckpointStore.RepeatRemedy(session, "the network of the phase before, from which this one starts"));
        }
    }

    public Phase Create()
    {
        int round = session.State.Index;
        _network.WholeShare = _options.WholeShare;
        _network.Source = session.State.Phase switch
        {
            WarmUpKey => LevelSource.Random,
            SelectKey => LevelSource.Drawn,
            _ => LevelSource.Likeliest,
        };
        string Of(string title) => _options.Rounds > 1 ? $"{title} {round + 1} of {_options.Rounds}" : title;
        return session.State.Phase switch
        {
            WarmUpKey => new WeightsPhase(session, new PhaseInfo(WarmUpKey, 0, "warm-up", _schedule.WarmUp), WarmUpPlan()),
            SelectKey => new PolicyPhase(session, new PhaseInfo(SelectKey, round, Of("selector"), _schedule.Selector), SelectPlan(round)),
            AdaptKey => new WeightsPhase(session, new PhaseInfo(AdaptKey, round, Of("network"), _schedule.Estimator), Plan($"{AdaptKey}/{round}", Adapted, _ => (SelectKey, round + 1))),
            TrainKey => new WeightsPhase(session, PhaseInfo.Final(session.Config, TrainKey, 0, "training"), TrainPlan()),
            _ => throw new CheckpointException($"{session.Folder.Latest}: {session.Config.Method} has no phase {session.State.Phase}; the checkpoint is of another run"),
        };
    }

    public JsonElement? Save() => _state.Save();

    public RunOutcome Finish() =>
        new(_state.Result ?? throw new CheckpointException($"{session.Folder.Latest}: says that the run is done, but has no result; start the run again"), GateTable.Decided)
        {
            Others = _state.WarmUp is { } warmUp ? [new NamedResult { Name = WarmUp, Title = "warm-up, every block whole", Steps = _schedule.WarmUp, Test = warmUp }] : [],
        };

    private WeightsPlan WarmUpPlan()
    {
        WeightsPlan plan = Plan(WarmUpKey, WarmUp, result =>
        {
            _state.WarmUp = result;
            return (SelectKey, 0);
        });
        return plan with { EvaluationGates = GateTable.Shared };
    }

    private WeightsPlan TrainPlan()
    {
        WeightsPlan plan = Plan(TrainKey, Final, result =>
        {
            _state.Result = result;
            return (RunState.Done, 0);
        });
        return plan with { KeepsBest = session.Config.Test.WhichIter != "latest" };
    }

    private WeightsPlan Plan(string order, string checkpoint, Func<TestResult, (string Phase, int Index)> finish) => new()
    {
        Seed = session.Seed,
        Order = order,
        Checkpoint = checkpoint,
        Gates = static _ => GateTable.Decided,
        EvaluationGates = GateTable.Decided,
        KeepsBest = false,
        Finish = finish,
    };

    private PolicyPlan SelectPlan(int round)
    {
        var reward = new DenReward(_network, _options.Rho);
        return new PolicyPlan
        {
            Seed = session.Seed,
            Order = $"{SelectKey}/{round}",
            Checkpoint = Selected,
            Rate = _options.SelectorLr,
            Prepare = (plan, done) =>
            {
                _network.Exploration = Exploration(done);
                return plan with { Training = false, Gates = static _ => GateTable.Decided, Rewards = reward.Losses };
            },
            Details = done => [new StepDetail("exploration", Exploration(done))],
            Finish = () => round + 1 < _options.Rounds ? (AdaptKey, round) : (TrainKey, 0),
        };
    }

    private double Exploration(long done) => Math.Max(LeastExploration, Math.Pow(_options.ExplorationDecay, done));
}
