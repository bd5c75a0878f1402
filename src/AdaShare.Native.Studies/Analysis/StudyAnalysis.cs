using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Analysis;

/// <summary>Computes a study's statistics from its results.</summary>
public static class StudyAnalysis
{
    /// <summary>The study with its statistics. Grid points that were not chosen stay in the results and count nowhere else.</summary>
    public static Study Of(StudyData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        List<MetricDescription> counting = [.. data.Metrics.Where(static metric => metric.Counts)];
        var reference = new DeltaReference(counting, Runs(data, data.Reference));
        List<MethodSummary> methods = [.. data.Methods.Select(entry => Summarize(data, entry, counting, reference))];
        return new Study { Data = data, Methods = Ranked(methods, counting), Comparisons = Compare(methods), LeftOut = reference.LeftOut };
    }

    private static MethodSummary Summarize(StudyData data, MethodEntry entry, List<MetricDescription> counting, DeltaReference reference)
    {
        List<CellResult> runs = Runs(data, entry.Label);
        return new MethodSummary
        {
            Label = entry.Label,
            Method = entry.Method,
            Match = entry.Match,
            Variant = data.Choices.FirstOrDefault(choice => choice.Label == entry.Label)?.Chosen,
            Seeds = [.. runs.Select(static run => run.Seed)],
            FailedSeeds = [.. entry.Seeds.Except(runs.Select(static run => run.Seed))],
            Metrics = Metrics(data.Metrics, runs.ConvertAll(static run => run.Metrics)),
            ValidationScore = SampleSummary.Of(runs.Select(static run => run.ValidationScore)),
            Delta = Delta(runs.Select(static run => (run.Seed, run.Metrics)), reference, isReference: entry.Label == data.Reference),
            Budget = Budget(runs),
            Cost = Cost(runs),
            PeakBytes = SampleSummary.Of(runs.Select(static run => (double?)run.PeakBytes)),
            Policies = Policies(data, runs, counting, reference),
            Times = Times(runs),
        };
    }

    // The runs that a method is judged by: with the chosen point where it has a grid, and come to their end; in the order of its seeds.
    private static List<CellResult> Runs(StudyData data, string label)
    {
        MethodEntry entry = data.Methods.First(entry => entry.Label == label);
        GridChoice? choice = data.Choices.FirstOrDefault(choice => choice.Label == label);
        List<long> seeds = [.. entry.Seeds];
        return [.. data.Cells.Where(cell => cell.Label == label && cell.Failure is null && (choice is null || cell.Variant == choice.Chosen)).OrderBy(cell => seeds.IndexOf(cell.Seed))];
    }

    private static List<MetricSummary> Metrics(IReadOnlyList<MetricDescription> metrics, List<MetricValues> runs) => [.. metrics.Select(metric =>
    {
        SampleSummary? values = SampleSummary.Of(runs.Select(run => run.Finite(metric)));
        return new MetricSummary(metric.Task, metric.Name, values, runs.Count - (values?.Count ?? 0));
    })];

    private static DeltaSummary Delta(IEnumerable<(long Seed, MetricValues Metrics)> runs, DeltaReference reference, bool isReference)
    {
        List<CellDelta> cells = [.. runs.Select(run => reference.Of(run.Seed, run.Metrics)).OfType<CellDelta>()];
        List<CellDelta> paired = [.. cells.Where(static cell => cell.Paired && cell.PerTask is not null)];
        return new DeltaSummary(
            SampleSummary.Of(cells.Select(static cell => cell.PerTask)),
            SampleSummary.Of(cells.Select(static cell => cell.Pooled)),
            isReference ? null : PairedDifference.Of(paired.Select(static cell => cell.PerTask!.Value)),
            isReference ? null : PairedDifference.Of(paired.Select(static cell => cell.Pooled!.Value)),
            cells);
    }

    private static BudgetSummary? Budget(List<CellResult> runs)
    {
        if (runs.Count == 0)
        {
            return null;
        }

        List<PhaseBudget> totals = runs.ConvertAll(static run => run.Budget.Total);
        return new BudgetSummary(
            runs.Average(static run => run.FinalSteps), totals.Average(static total => total.WeightSteps), totals.Average(static total => total.PolicySteps),
            totals.Average(static total => total.Images), totals.Average(static total => total.MultiplyAddsSpent));
    }

    // Sampled policies make networks of different cost. Images of different size do not: they come from one configuration.
    private static ModelCost? Cost(List<CellResult> runs)
    {
        List<ModelCost> costs = [.. runs.Select(static run => run.Cost).OfType<ModelCost>()];
        return costs.Count == 0 ? null : new ModelCost(
            costs.Average(static cost => cost.BackboneParameters), costs.Average(static cost => cost.HeadParameters), costs.Average(static cost => cost.MultiplyAddsAsExecuted),
            costs.Average(static cost => cost.MultiplyAddsKPasses), costs[0].Height, costs[0].Width)
        {
            Images = costs[0].Images,
        };
    }

    private static TimeSummary? Times(List<CellResult> runs) => runs.TrueForAll(static run => run.Times is null) ? null
        : new TimeSummary(SampleSummary.Of(runs.Select(static run => run.Times?.TrainSeconds)), SampleSummary.Of(runs.Select(static run => run.Times?.LatencyMilliseconds)));

    private static PolicySummary? Policies(StudyData data, List<CellResult> runs, List<MetricDescription> counting, DeltaReference reference)
    {
        List<CellResult> searches = [.. runs.Where(static run => run.Policies.Count > 0)];
        List<CellResult> likely = [.. runs.Where(static run => run.ArgMax is not null)];
        return searches.Count == 0 && likely.Count == 0 ? null : new PolicySummary(
            [.. counting.Select(metric => new MetricSpread(metric.Task, metric.Name, Spread((_, policy) => policy.Metrics.Finite(metric))))],
            Spread((run, policy) => reference.Of(run.Seed, policy.Metrics)?.PerTask),
            Spread(static (_, policy) => policy.Score),
            likely.Count == 0 ? null : new ArgMaxSummary(Metrics(data.Metrics, likely.ConvertAll(static run => run.ArgMax!)), Delta(likely.Select(static run => (run.Seed, run.ArgMax!)), reference, isReference: false)));

        SpreadComponents Spread(Func<CellResult, SampledPolicy, double?> figure) => SpreadComponents.Of(searches.Select(run => run.Policies.Select(policy => figure(run, policy))));
    }

    private static List<MethodSummary> Ranked(List<MethodSummary> methods, List<MetricDescription> counting)
    {
        List<MethodSummary> present = methods.FindAll(static method => method.Seeds.Count > 0);
        IReadOnlyList<double> ranks = MeanRank.Of(counting, present.ConvertAll(method => (IReadOnlyList<double?>)counting.ConvertAll(
            metric => method.Metrics.First(summary => summary.Task == metric.Task && summary.Metric == metric.Name).Values?.Mean)));
        return methods.ConvertAll(method => present.IndexOf(method) is var place and >= 0 && ranks.Count > 0 ? method with { MeanRank = ranks[place] } : method);
    }

    private static List<MethodComparison> Compare(List<MethodSummary> methods)
    {
        List<MethodComparison> comparisons = [];
        for (int i = 0; i < methods.Count; i++)
        {
            for (int j = i + 1; j < methods.Count; j++)
            {
                comparisons.Add(Compare(methods[i], methods[j]));
            }
        }

        return comparisons;
    }

    private static MethodComparison Compare(MethodSummary first, MethodSummary second)
    {
        Dictionary<long, CellDelta> others = second.Delta.Cells.Where(static cell => cell.PerTask is not null).ToDictionary(static cell => cell.Seed);
        List<(CellDelta First, CellDelta Second)> pairs =
            [.. first.Delta.Cells.Where(cell => cell.PerTask is not null && others.ContainsKey(cell.Seed)).Select(cell => (cell, others[cell.Seed]))];
        return new MethodComparison(
            first.Label, second.Label, [.. pairs.Select(static pair => pair.First.Seed)],
            PairedDifference.Of(pairs.Select(static pair => pair.First.PerTask!.Value - pair.Second.PerTask!.Value)),
            PairedDifference.Of(pairs.Select(static pair => pair.First.Pooled!.Value - pair.Second.Pooled!.Value)));
    }
}
