using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
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

    private readonly AdaShareNetwork _network;
    private readonly AdaShareOptions _options;
    private readonly AdaShareState _state;
    private readonly LossRules _rules;
    private readonly TrainingLoader _weightLoader;
    private readonly TrainingLoader _policyLoader;
    private readonly Sgd _weights;
    private readonly Adam _logits;
    private readonly StepSchedule? _decay;
    private readonly SearchSchedule _schedule;
    private readonly WeightingRun? _weighting;

    public SearchPhase(TrainingSession session, AdaShareState state)
        : base(session, new PhaseInfo(Key, 0, "search", Math.Max(0, session.Config.Train.TotalIters - session.Config.Options<AdaShareOptions>().WarmUpIters)))
    {
        _network = (AdaShareNetwork)session.Model;
        _options = session.Config.Options<AdaShareOptions>();
        _state = state;
        _rules = LossRules.Of(session.Config);
        TrainConfig train = session.Config.Train;
        _weights = new Sgd(_network.Store, WeightOptimizers.Groups(_network, train), [_network.LogitGroup], _options.Momentum, train.WeightDecay);
        _logits = new Adam(
            _network.Store, [new OptimizerGroup(_network.LogitGroup, _options.PolicyLr)], [.. _network.WeightGroups.Select(static group => group.Parameters)],
            _options.PolicyBeta1, _options.PolicyBeta2, weightDecay: _options.PolicyWeightDecay);
        _decay = _options is { PolicyDecayLrFreq: { } period, PolicyDecayLrRate: { } rate } ? new StepSchedule(_weights, period, rate) : null;
        _weightLoader = session.Loader(Split.TrainWeights, session.Seed, "search/weights", 0);
        _policyLoader = session.Loader(Split.TrainPolicy, session.Seed, "search/policy", 0);
        _schedule = new SearchSchedule(
            _options.WeightIterAlternate ?? _weightLoader.StepsPerEpoch, _options.AlphaIterAlternate ?? _policyLoader.StepsPerEpoch, _options,
            _options.IsCurriculum ? _options.CurriculumSpeed : null, _network.DecisionCount);
        _weightLoader.Seek(_schedule.WeightBatch(session.State.Step));
        _policyLoader.Seek(_schedule.PolicyBatch(session.State.Step));
        _weighting = BeginWeighting(session.Seed, _weightLoader.StepsPerEpoch);
        Optimizers = new Dictionary<string, Optimizer> { ["weights"] = _weights, ["logits"] = _logits };
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
            ? new StepPlan($"search/policy/{open}", _logits, Session.Seed, done) { Gates = Gates, Regularizers = step => Regularizers(step, open) }
            : new StepPlan($"search/weights/{open}", _weights, Session.Seed, done) { Gates = Gates, Schedule = _decay, Weighting = _weighting };
        StepRecord record = Train(done, updatesPolicy ? _policyLoader : _weightLoader, plan, updatesPolicy ? Policy : StepRecord.Weights);
        Publish(done + 1);
        return record with { Details = [new("temperature", temperature), new("open_blocks", open), .. record.Details] };

        GateTable Gates(Step step) => SoftPolicy.Sample(step, _network, temperature, open, GumbelSource.Of(Session.Seed, done), _options.HardSampling);
    }

    public override void AfterStep(long done, CancellationToken stop)
    {
        // Only a finished cycle with every block open can be the best; the last step counts in any case, so that there is a policy.
        bool cycleEnds = done % _schedule.CycleLength == 0 && _schedule.OpenBlocks(done - 1) == _network.DecisionCount;
        if (done == Info.Steps || (cycleEnds && done - _state.LastValidation >= Session.Config.Train.ValFreq))
        {
            MetricTable metrics = Session.Validate(Info, Distribution(_schedule.OpenBlocks(done - 1)).ArgMax().ToGates(), stop);
            _state.LastValidation = done;
            KeepBest(metrics, done, AdaShareRun.BestPolicy);
        }
    }

    public override void Finish(CancellationToken stop)
    {
        CheckpointStore.SaveModel(Session, AdaShareRun.LatestPolicy);
        if (_options.PolicyIter == "best" && Best is not null)
        {
            CheckpointStore.LoadModel(Session, AdaShareRun.BestPolicy);
        }

        _state.Learnt(Learnt(), Session, _options);
        MoveTo(AdaShareRun.RetrainKey);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weightLoader.Dispose();
            _policyLoader.Dispose();
            _weights.Dispose();
            _logits.Dispose();
        }
    }

    /// <summary>What the search has learnt. A block that it never opened has an untouched logit, which is no decision: it runs.</summary>
    private PolicyDistribution Learnt()
    {
        int decisions = _network.DecisionCount;
        int open = Info.Steps == 0 ? 0 : _schedule.OpenBlocks(Info.Steps - 1);
        if (open < decisions)
        {
            Session.Observer.Notice(
                $"the search ended with {open} of {decisions} decisions open: the blocks before run for every task; lengthen the search (train.total_iters) or lower adashare.curriculum_speed");
        }

        return Distribution(open);
    }

    private PolicyDistribution Distribution(int open)
    {
        double[][] alpha = PolicyDistribution.Of(_network).ToArray();
        foreach (double[] row in alpha)
        {
            Array.Fill(row, 1, 0, row.Length - open);
        }

        return new PolicyDistribution(alpha);
    }

    private List<WeightedLoss> Regularizers(Step step, int open)
    {
        var losses = new List<WeightedLoss>();
        if (_options.IsSharing)
        {
            losses.Add(new WeightedLoss("sharing", _options.RegWHamming, PolicyRegularizer.Sharing(step, _network, _rules)));
        }

        if (_options.IsSparse)
        {
            losses.Add(new WeightedLoss("sparsity", _options.RegW, PolicyRegularizer.Sparsity(step, _network, _rules, open)));
        }

        return losses;
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
