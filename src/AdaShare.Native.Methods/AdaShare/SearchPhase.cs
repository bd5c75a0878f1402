using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>
/// Policy search: SGD moves the weights on one part of the training set, Adam moves the logits on the other, in turns, with soft gates, curriculum and a falling
/// temperature.
/// </summary>
internal sealed class SearchPhase : Phase
{
    private const string Policy = "policy";

    private readonly SharedNetwork _network;
    private readonly AdaShareOptions _options;
    private readonly ISearchState _state;
    private readonly ISearchPolicy _policy;
    private readonly TrainingLoader _weightLoader;
    private readonly TrainingLoader _policyLoader;
    private readonly Sgd _weights;
    private readonly Adam _moves;
    private readonly StepSchedule? _decay;
    private readonly SearchSchedule _schedule;
    private readonly WeightingRun? _weighting;

    public SearchPhase(TrainingSession session, ISearchState state, ISearchPolicy policy)
        : base(session, new PhaseInfo(Key, 0, "search", Math.Max(0, session.Config.Train.TotalIters - session.Config.Options<AdaShareOptions>().WarmUpIters)))
    {
        _network = (SharedNetwork)session.Model;
        _options = session.Config.Options<AdaShareOptions>();
        (_state, _policy) = (state, policy);
        TrainConfig train = session.Config.Train;
        _weights = new Sgd(_network.Store, WeightOptimizers.Groups(_network, train), [policy.Parameters], _options.Momentum, train.WeightDecay);
        _moves = new Adam(
            _network.Store, [new OptimizerGroup(policy.Parameters, _options.PolicyLr)], [.. _network.WeightGroups.Select(static group => group.Parameters)],
            _options.PolicyBeta1, _options.PolicyBeta2, weightDecay: _options.PolicyWeightDecay);
        _decay = _options is { PolicyDecayLrFreq: { } period, PolicyDecayLrRate: { } rate } ? new StepSchedule(_weights, period, rate) : null;
        _weightLoader = session.Loader(Split.TrainWeights, session.Seed, "search/weights", 0);
        _policyLoader = session.Loader(Split.TrainPolicy, session.Seed, "search/policy", 0);
        _schedule = new SearchSchedule(
            _options.WeightIterAlternate ?? _weightLoader.StepsPerEpoch, _options.AlphaIterAlternate ?? _policyLoader.StepsPerEpoch, _options,
            _options.IsCurriculum ? _options.CurriculumSpeed : null, policy.Decisions);
        _weightLoader.Seek(_schedule.WeightBatch(session.State.Step));
        _policyLoader.Seek(_schedule.PolicyBatch(session.State.Step));
        _weighting = BeginWeighting(session.Seed, _weightLoader.StepsPerEpoch);
        Optimizers = new Dictionary<string, Optimizer> { ["weights"] = _weights, ["logits"] = _moves };
        Publish(session.State.Step);
    }

    /// <summary>The phase's name in files.</summary>
    public const string Key = "search";

    public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    public override StepRecord Run(long done)
    {
        bool updatesPolicy = _schedule.UpdatesPolicy(done);
        double temperature = _schedule.Temperature(done);
        int open = _schedule.OpenBlocks(done);
        Free(updatesPolicy);
        StepPlan plan = updatesPolicy
            ? new StepPlan($"search/policy/{open}", _moves, Session.Seed, done)
            : new StepPlan($"search/weights/{open}", _weights, Session.Seed, done) { Schedule = _decay, Weighting = _weighting };
        plan = _policy.Prepare(plan, new SearchPoint(done, temperature, open, updatesPolicy));
        StepRecord record = Train(done, updatesPolicy ? _policyLoader : _weightLoader, plan, updatesPolicy ? Policy : StepRecord.Weights);
        Publish(done + 1);
        return record with
        {
            Details = [new("temperature", temperature), new("open_blocks", open), .. record.Details],
            Probability = IsLogged(done) ? _policy.Probability(open) : null,
        };
    }

    public override void AfterStep(long done, CancellationToken stop)
    {
        if (!Session.HasValidation)
        {
            return;
        }

        // Only a finished cycle with every block open can be the best; the last step counts in any case, so that there is a policy.
        bool cycleEnds = done % _schedule.CycleLength == 0 && _schedule.OpenBlocks(done - 1) == _policy.Decisions;
        if (done == Info.Steps || (cycleEnds && done - _state.LastValidation >= Session.Config.Train.ValFreq))
        {
            int open = _schedule.OpenBlocks(done - 1);
            MetricTable metrics = Session.Validate(Info, _policy.Likeliest(open), stop, _policy.Probability(open));
            _state.LastValidation = done;
            KeepBest(metrics, done, AdaShareRun.BestPolicy);
        }
    }

    public override void Finish(CancellationToken stop)
    {
        CheckpointStore.SaveModel(Session, AdaShareRun.LatestPolicy);
        if (_options.PolicyIter == "best" && Best is not null)
        {
            CheckpointStore.LoadModel(Session, AdaShareRun.BestPolicy, CheckpointStore.RestartRemedy(Session, "the best policy of the search"));
        }

        MoveTo(_policy.Learnt(Open()));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weightLoader.Dispose();
            _policyLoader.Dispose();
            _weights.Dispose();
            _moves.Dispose();
        }
    }

    /// <summary>How many decisions the search has opened.</summary>
    private int Open()
    {
        int decisions = _policy.Decisions;
        int open = Info.Steps == 0 ? 0 : _schedule.OpenBlocks(Info.Steps - 1);
        if (open < decisions)
        {
            Session.Observer.Notice(
                $"the search ended with {open} of {decisions} decisions open: the blocks before run for every task; lengthen the search (train.total_iters) or lower adashare.curriculum_speed");
        }

        return open;
    }

    private void Free(bool policy)
    {
        WeightOptimizers.Train(_network, weights: !policy);
        if (!policy && _options.FixBatchNorm)
        {
            foreach (BatchNormLayer norm in _network.Backbone.NormsOfBlocksAndStem)
            {
                norm.Gamma.Trainable = false;
                norm.Beta.Trainable = false;
            }
        }
    }

    private void Publish(long done)
    {
        _state.Temperature = _schedule.Temperature(done);
        _state.OpenBlocks = _schedule.OpenBlocks(done);
    }
}
