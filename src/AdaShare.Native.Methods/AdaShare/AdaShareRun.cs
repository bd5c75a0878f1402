using System.Text.Json;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.HardSharing;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>AdaShare in a run: warm-up with hard sharing, policy search, a retraining of each chosen policy from fresh weights, and where it is asked for hard sharing to compare.</summary>
/// <param name="session">The run.</param>
/// <param name="policy">What the search learns, and how.</param>
internal sealed class AdaShareRun(TrainingSession session, Func<AdaShareOptions, AdaShareState, ISearchPolicy> policy) : IMethodRun
{
    public const string WarmUpKey = "warm_up";
    public const string RetrainKey = "retrain";
    public const string WarmUp = "warmup";
    public const string HardSharing = HardSharingMethod.MethodName;
    public const string BestPolicy = "policy_best";
    public const string LatestPolicy = "policy_latest";

    private readonly AdaShareOptions _options = session.Config.Options<AdaShareOptions>();
    private readonly AdaShareState _state = AdaShareState.Of(session);

    public string FirstPhase => WarmUpKey;

    public TrainingSession Session => session;

    public void Restart()
    {
        if (session.State.Phase == SearchPhase.Key)
        {
            _state.LastValidation = 0;
            CheckpointStore.LoadModel(session, WarmUp, CheckpointStore.RepeatRemedy(session, "the network of the warm-up, from which the search starts"));
        }
        else
        {
            session.Initialize(session.Seed);
        }
    }

    public Phase Create() => session.State.Phase switch
    {
        WarmUpKey => new WeightsPhase(session, new PhaseInfo(WarmUpKey, 0, "warm-up", _options.WarmUpIters), WarmUpPlan()),
        SearchPhase.Key => new SearchPhase(session, _state, policy(_options, _state)),
        RetrainKey => new WeightsPhase(session, RetrainInfo(session.State.Index), RetrainPlan(session.State.Index)),
        NamedResult.ArgMaxPolicy => new WeightsPhase(session, PhaseInfo.Final(session.Config, NamedResult.ArgMaxPolicy, 0, "retrain arg-max"), ArgMaxPlan()),
        HardSharing => new WeightsPhase(session, PhaseInfo.Final(session.Config, HardSharing, 0, "hard sharing"), HardSharingPlan()),
        _ => throw new CheckpointException($"{session.Folder.Latest}: AdaShare has no phase {session.State.Phase}; the checkpoint is of another run"),
    };

    public JsonElement? Save() => _state.Save();

    public RunOutcome Finish()
    {
        int selected = 0;
        for (int i = 1; i < _state.Retrained.Count; i++)
        {
            if (_state.Retrained[i].Score > _state.Retrained[selected].Score)
            {
                selected = i;
            }
        }

        _state.Write(session, selected);
        var policy = new BlockPolicy(_state.Policies[selected]);
        return new RunOutcome(_state.Retrained[selected], policy.ToGates())
        {
            Others =
            [
                .. Other(WarmUp, "warm-up", _options.WarmUpIters, _state.WarmUp), .. Other(HardSharing, "hard sharing", session.Config.Train.FinalSteps, _state.HardSharing, isComparison: true),
                .. Other(NamedResult.ArgMaxPolicy, "arg-max policy", session.Config.Train.FinalSteps, _state.Likeliest, isComparison: true),
            ],
            Candidates = [.. _state.Retrained.Select((result, i) => Candidate(result, i, i == selected))],
            Policy = Summary(policy, selected),
        };
    }

    /// <summary>The name of the checkpoint that has the network of the search from which a retraining starts.</summary>
    public static string LearntPolicy(TrainingSession session) =>
        session.Config.Options<AdaShareOptions>().PolicyIter == "best" && session.HasValidation ? BestPolicy : LatestPolicy;

    /// <summary>The name of a retrained policy's checkpoint.</summary>
    public static string Retrained(int policy) => $"retrain_{policy}";

    private static IEnumerable<NamedResult> Other(string name, string title, long steps, TestResult? result, bool isComparison = false) =>
        result is null ? [] : [new NamedResult { Name = name, Title = title, Steps = steps, Test = result, IsComparison = isComparison }];

    private NamedResult Candidate(TestResult result, int policy, bool selected) => new()
    {
        Name = Retrained(policy),
        Title = $"policy {policy + 1}",
        Steps = session.Config.Train.FinalSteps,
        Selected = selected,
        Test = result,
        Policy = Summary(new BlockPolicy(_state.Policies[policy]), policy),
    };

    private PolicySummary Summary(BlockPolicy policy, int index) => new() { Selected = index, Skipped = policy.SkippedByTask(session.Config.Tasks) };

    private WeightsPlan WarmUpPlan() => new()
    {
        Seed = session.Seed,
        Order = WarmUpKey,
        Checkpoint = WarmUp,
        KeepsBest = false,
        Finish = result =>
        {
            _state.WarmUp = result;
            return (SearchPhase.Key, 0);
        },
    };

    private PhaseInfo RetrainInfo(int policy) =>
        PhaseInfo.Final(session.Config, RetrainKey, policy, _state.Policies.Length > 1 ? $"retrain {policy + 1} of {_state.Policies.Length}" : "retrain");

    private WeightsPlan RetrainPlan(int policy) => Plan(new BlockPolicy(_state.Policies[policy]), session.SeedOf(policy), $"retrain/{policy}", Retrained(policy), result =>
    {
        _state.Take(policy, result);
        return policy + 1 < _state.Policies.Length ? (RetrainKey, policy + 1) : (_options.CompareArgMax ? NamedResult.ArgMaxPolicy : AfterPolicies, 0);
    });

    private WeightsPlan ArgMaxPlan() => Plan(_state.ArgMax, session.Seed, NamedResult.ArgMaxPolicy, NamedResult.ArgMaxPolicy, result =>
    {
        _state.Likeliest = result;
        return (AfterPolicies, 0);
    });

    // What follows the retrainings.
    private string AfterPolicies => _options.CompareHardSharing ? HardSharing : RunState.Done;

    private WeightsPlan Plan(BlockPolicy runs, ulong seed, string order, string checkpoint, Func<TestResult, (string Phase, int Index)> finish)
    {
        GateTable gates = runs.ToGates(LossMode.ComputesDroppedBlocks(session.Config) ? GateKind.Silent : GateKind.Off);
        return new WeightsPlan
        {
            Seed = seed,
            Order = order,
            Checkpoint = checkpoint,
            Gates = _ => gates,
            EvaluationGates = runs.ToGates(),
            KeepsBest = session.Config.Test.WhichIter != "latest",
            Start = () => StartRetraining(seed),
            Finish = finish,
        };
    }

    private WeightsPlan HardSharingPlan() => new()
    {
        Seed = session.Seed,
        Order = HardSharing,
        Checkpoint = HardSharing,
        KeepsBest = session.Config.Test.WhichIter != "latest",
        Start = () => session.Initialize(session.Seed),
        Finish = result =>
        {
            _state.HardSharing = result;
            return (RunState.Done, 0);
        },
    };

    private void StartRetraining(ulong seed)
    {
        if (_options.RetrainFromPl)
        {
            CheckpointStore.LoadModel(session, LearntPolicy(session), CheckpointStore.RepeatRemedy(session, "the network of the search, from which the retraining starts"));
        }
        else
        {
            session.Initialize(seed);
        }
    }
}
