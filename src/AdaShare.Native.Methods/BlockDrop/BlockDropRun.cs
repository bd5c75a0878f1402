using System.Text.Json;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.BlockDrop;

/// <summary>BlockDrop in a run: hard sharing, the policy alone with a curriculum, weights and policy together.</summary>
/// <param name="session">The run.</param>
internal sealed class BlockDropRun(TrainingSession session) : IMethodRun
{
    public const string WarmUpKey = "warm_up";
    public const string PolicyKey = "policy";
    public const string JointKey = "joint";
    public const string WarmUp = "warmup";
    public const string Policy = "policy";
    public const string Final = "final";

    // Together with the weights nothing is bounded; a logarithm must be finite nevertheless.
    private const double JointAlpha = 1 - 1e-6;

    private readonly BlockDropOptions _options = session.Config.Options<BlockDropOptions>();
    private readonly BlockDropSchedule _schedule = BlockDropSchedule.Of(session.Config);
    private readonly BlockDropNetwork _network = (BlockDropNetwork)session.Model;
    private readonly WarmUpResults _state = WarmUpResults.Of(session);

    public string FirstPhase => WarmUpKey;

    public TrainingSession Session => session;

    public void Restart()
    {
        if (session.State.Phase == WarmUpKey)
        {
            session.Initialize(session.Seed);
        }
        else
        {
            CheckpointStore.LoadModel(session, session.State.Phase == PolicyKey ? WarmUp : Policy, CheckpointStore.RepeatRemedy(session, "the network of the phase before, from which this one starts"));
        }
    }

    public Phase Create()
    {
        _network.PolicyRate = session.State.Phase == JointKey ? _options.RateFactor : null;
        _network.Alpha = null;
        return session.State.Phase switch
        {
            WarmUpKey => new WeightsPhase(session, new PhaseInfo(WarmUpKey, 0, "warm-up", _schedule.WarmUp), WarmUpPlan()),
            PolicyKey => new PolicyPhase(session, new PhaseInfo(PolicyKey, 0, "policy", _schedule.Policy), PolicyPlan()),
            JointKey => new WeightsPhase(session, PhaseInfo.Final(session.Config, JointKey, 0, "joint training"), JointPlan()),
            _ => throw new CheckpointException($"{session.Folder.Latest}: {session.Config.Method} has no phase {session.State.Phase}; the checkpoint is of another run"),
        };
    }

    public JsonElement? Save() => _state.Save();

    public RunOutcome Finish() =>
        new(_state.Result ?? throw new CheckpointException($"{session.Folder.Latest}: says that the run is done, but has no result; start the run again"), GateTable.Decided)
        {
            Others = _state.WarmUp is { } warmUp ? [new NamedResult { Name = WarmUp, Title = "warm-up", Steps = _schedule.WarmUp, Test = warmUp }] : [],
        };

    private WeightsPlan WarmUpPlan() => new()
    {
        Seed = session.Seed,
        Order = WarmUpKey,
        Checkpoint = WarmUp,
        KeepsBest = false,
        Finish = result =>
        {
            _state.WarmUp = result;
            return (PolicyKey, 0);
        },
    };

    private PolicyPlan PolicyPlan()
    {
        var reward = new BlockDropReward(_network, _options.Tolerance, _options.Penalty, _options.Entropy);
        return new PolicyPlan
        {
            Seed = session.Seed,
            Order = PolicyKey,
            Checkpoint = Policy,
            Rate = _options.PolicyLr,
            Prepare = (plan, done) =>
            {
                _network.Alpha = _options.Alpha;
                _network.OpenBlocks = _schedule.OpenBlocks(done);
                return plan with { Training = false, Gates = static _ => GateTable.Decided, Rewards = (step, pass) => reward.Losses(step, pass, _options.Alpha), RewardPasses = 1 };
            },
            Details = done => [new StepDetail("open_blocks", _schedule.OpenBlocks(done))],
            Finish = FinishPolicy,
        };
    }

    private (string Phase, int Index) FinishPolicy()
    {
        int open = _schedule.Policy == 0 ? 0 : _schedule.OpenBlocks(_schedule.Policy - 1), blocks = _schedule.Blocks;
        _network.OpenBlocks = open;
        if (open < blocks)
        {
            session.Observer.Notice(
                $"the policy's training ended with {open} of {blocks} decisions open: the blocks before run for every image; lengthen it (train.total_iters) or lower blockdrop.open_iters");
        }

        return (JointKey, 0);
    }

    private WeightsPlan JointPlan()
    {
        var reward = new BlockDropReward(_network, _options.Tolerance, _options.JointPenalty, entropy: 0);
        return new WeightsPlan
        {
            Seed = session.Seed,
            Order = JointKey,
            Checkpoint = Final,
            Gates = _ =>
            {
                _network.Alpha = JointAlpha;
                return GateTable.Decided;
            },
            Rewards = _ => (step, pass) => reward.Losses(step, pass, JointAlpha),
            RewardPasses = 3,
            EvaluationGates = GateTable.Decided,
            KeepsBest = session.Config.Test.WhichIter != "latest",
            Finish = result =>
            {
                _state.Result = result;
                return (RunState.Done, 0);
            },
        };
    }
}
