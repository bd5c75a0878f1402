using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Tables;

/// <summary>The tables of a study: a row for each method, or for each pair of them.</summary>
public static class StudyTables
{
    private sealed record Column(string Title, Func<MethodSummary, string> Cell, bool IsNumber = true);

    /// <summary>Everything that decides between methods in one table: steps, main metrics, gains, rank, cost, times.</summary>
    public static StudyTable Main(Study study) => Build("Results", study, [.. Steps(), .. MainMetrics(study), .. Gains(study), .. Costs(study)]);

    /// <summary>The table without its metrics, for a narrow screen.</summary>
    public static StudyTable Summary(Study study) => Build("Summary", study, [.. Steps(), .. Gains(study), .. Costs(study)]);

    /// <summary>Steps and main metrics alone.</summary>
    public static StudyTable Metrics(Study study) => Build("Metrics", study, [.. Steps(), .. MainMetrics(study)]);

    /// <summary>What each method spent.</summary>
    public static StudyTable Budgets(Study study) => Build("Budget of a run", study,
    [
        new("match", static method => method.Match, IsNumber: false),
        new("seeds", static method => Figures.Count(method.Seeds.Count)),
        .. Steps(),
        new("weight steps", static method => Budget(method, static budget => Figures.Count(budget.WeightSteps))),
        new("policy steps", static method => Budget(method, static budget => Figures.Count(budget.PolicySteps))),
        new("images seen", static method => Budget(method, static budget => Figures.Count(budget.Images))),
        new("multiply-adds spent", static method => Budget(method, static budget => Figures.Large(budget.MultiplyAddsSpent))),
    ]);

    /// <summary>Every pair of methods, compared seed by seed.</summary>
    public static StudyTable Comparisons(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        StudyColumn[] columns =
        [
            new("first", false), new("second", false), new("steps of the final networks", true), new("total steps", true), new("paired seeds", true),
            new("Delta_T % of first less second, above 0 first is better (95 % interval)", true), new("excludes zero", false), new("Delta_M % of first less second, below 0 first is better (95 % interval)", true),
        ];
        Dictionary<string, MethodSummary> methods = study.Methods.ToDictionary(static method => method.Label);
        return new StudyTable("Pairs", columns, [.. study.Comparisons.Select(pair => (IReadOnlyList<string>)
        [
            pair.First, pair.Second, Both(pair, static budget => budget.FinalSteps), Both(pair, static budget => budget.TotalSteps), Figures.Count(pair.Seeds.Count),
            Difference(pair.PerTask), Excludes(pair.PerTask), Difference(pair.Pooled),
        ])]);

        string Both(MethodComparison pair, Func<BudgetSummary, double> steps) =>
            $"{Budget(methods[pair.First], budget => Figures.Count(steps(budget)))} and {Budget(methods[pair.Second], budget => Figures.Count(steps(budget)))}";
    }

    /// <summary>How far sampled policies lie apart, and the most likely policy; null where no method samples policies.</summary>
    public static StudyTable? Policies(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        List<IReadOnlyList<string>> rows = [];
        foreach (MethodSummary method in study.Methods.Where(static method => method.Policies is not null))
        {
            PolicySummary policies = method.Policies!;
            rows.Add(Row(method.Label, "Delta_T %", policies.DeltaPerTask, Figures.Of(policies.ArgMax?.Delta.PerTask, method.Seeds.Count)));
            rows.Add(Row(method.Label, "validation score", policies.Score, Figures.None));
            foreach (MetricSpread metric in policies.Metrics)
            {
                MetricDescription description = study.Data.Metrics.First(candidate => candidate.Task == metric.Task && candidate.Name == metric.Metric);
                SampleSummary? likely = policies.ArgMax?.Metrics.First(summary => summary.Task == metric.Task && summary.Metric == metric.Metric).Values;
                rows.Add(Row(method.Label, Title(description), metric.Spread, Figures.Of(likely, method.Seeds.Count)));
            }
        }

        StudyColumn[] columns =
        [
            new("method", false), new("figure", false), new("searches", true), new("policies", true), new("deviation within a search", true),
            new("deviation of search means", true), new("of it between searches", true), new("arg-max policy", true),
        ];
        return rows.Count == 0 ? null : new StudyTable("Sampled policies", columns, rows);
    }

    /// <summary>What grids chose; null where no method has one.</summary>
    public static StudyTable? Grids(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        StudyColumn[] columns = [new("method", false), new("seed", true), new("point", false), new("sets", false), new("validation score", true), new("chosen", false)];
        return study.Data.Choices.Count == 0 ? null : new StudyTable("Grids", columns, [.. study.Data.Choices.SelectMany(static choice => choice.Points.Select(point => (IReadOnlyList<string>)
        [
            choice.Label, Figures.Invariant($"{choice.Seed}"), point.Variant, string.Join(", ", point.Settings), point.ValidationScore is { } score ? Figures.Invariant($"{score:F4}") : Figures.None,
            point.Variant == choice.Chosen ? "chosen" : "",
        ]))]);
    }

    private static IEnumerable<Column> Steps() =>
    [
        new("steps of the final network", static method => Budget(method, static budget => Figures.Count(budget.FinalSteps))),
        new("total steps", static method => Budget(method, static budget => Figures.Count(budget.TotalSteps))),
    ];

    private static IEnumerable<Column> MainMetrics(Study study) => study.Data.Metrics.Where(static metric => metric.Counts).Select(static metric => new Column(
        Title(metric), method => Figures.Of(method.Metrics.First(summary => summary.Task == metric.Task && summary.Metric == metric.Name).Values, method.Seeds.Count)));

    private static IEnumerable<Column> Gains(Study study) =>
    [
        new("Delta_T % over tasks, higher is better (95 % interval)", method => Gain(study, method, method.Delta.PerTask, method.Delta.PairedPerTask)),
        new("Delta_M % over metrics, lower is better (95 % interval)", method => Gain(study, method, method.Delta.Pooled, method.Delta.PairedPooled)),
        new("mean rank", static method => method.MeanRank is { } rank ? Figures.Invariant($"{rank:F2}") : Figures.None),
    ];

    private static IEnumerable<Column> Costs(Study study)
    {
        string size = study.Methods.Select(static method => method.Cost).OfType<ModelCost>().FirstOrDefault() is not { } cost ? ""
            : cost.Images is int images ? Figures.Invariant($" of {images} {(cost.Height == 1 ? $"texts of {cost.Width} characters" : $"images of {cost.Height} x {cost.Width}")}, one for each group of tasks with its own,")
            : cost.Height == 1 ? Figures.Invariant($" of one text of {cost.Width} characters")
            : Figures.Invariant($" of one image of {cost.Height} x {cost.Width}");
        return
        [
            new("parameters (backbone + heads)", static method => Cost(method, static cost => $"{Figures.Large(cost.BackboneParameters)} + {Figures.Large(cost.HeadParameters)}")),
            new($"multiply-adds{size} for all tasks, as executed", static method => Cost(method, static cost => Figures.Large(cost.MultiplyAddsAsExecuted))),
            new("multiply-adds, K passes", static method => Cost(method, static cost => Figures.Large(cost.MultiplyAddsKPasses))),
            new("latency, ms", static method => Figures.Of(method.Times?.LatencyMilliseconds, method.Seeds.Count)),
            new("peak memory", static method => method.PeakBytes is { } peak ? Figures.Bytes(peak.Mean) : Figures.None),
            new("training time", static method => method.Times?.TrainSeconds is { } seconds ? Figures.Seconds(seconds.Mean) : Figures.None),
        ];
    }

    private static StudyTable Build(string title, Study study, IReadOnlyList<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(study);
        return new StudyTable(
            title,
            [new StudyColumn("method", false), .. columns.Select(static column => new StudyColumn(column.Title, column.IsNumber))],
            [.. study.Methods.Select(method => (IReadOnlyList<string>)[Name(method), .. columns.Select(column => column.Cell(method))])]);
    }

    private static string Name(MethodSummary method) => method.Variant is { } variant ? $"{method.Label} ({variant})" : method.Label;

    private static string Title(MetricDescription metric) => $"{metric.Task} {metric.Title}{(metric.Unit.Length == 0 ? "" : " " + metric.Unit)} {(metric.HigherIsBetter ? "↑" : "↓")}";

    private static string Budget(MethodSummary method, Func<BudgetSummary, string> text) => method.Budget is { } budget ? text(budget) : Figures.None;

    private static string Cost(MethodSummary method, Func<ModelCost, string> text) => method.Cost is { } cost ? text(cost) : Figures.None;

    private static string Gain(Study study, MethodSummary method, SampleSummary? mean, PairedDifference? interval) =>
        mean is null ? Figures.None : method.Label == study.Data.Reference ? "reference" : Figures.Gain(interval is { Lower: not null } ? interval.Mean : mean.Mean, interval);

    private static string Difference(PairedDifference? difference) => difference is null ? Figures.None : Figures.Gain(difference.Mean, difference);

    private static string Excludes(PairedDifference? difference) => difference?.ExcludesZero switch
    {
        true => "yes",
        false => "no",
        null => Figures.None,
    };

    private static string[] Row(string label, string figure, SpreadComponents spread, string likely) =>
        [label, figure, Figures.Count(spread.Searches), Figures.Count(spread.Policies), Number(spread.WithinSearch), Number(spread.BetweenMeans), Number(spread.BetweenSearches), likely];

    private static string Number(double? value) => value is { } number ? Figures.Of(new SampleSummary(1, number, null), 1) : Figures.None;
}
