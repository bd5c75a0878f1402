using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Tests;

/// <summary>A study of two tasks with three metrics that count and one that does not, small enough for arithmetic by hand.</summary>
internal static class TinyStudy
{
    public static MetricDescription[] Metrics { get; } =
    [
        new("seg", "miou", "mIoU", "%", HigherIsBetter: true),
        new("seg", "pix_acc", "pixel accuracy", "%", HigherIsBetter: true),
        new("depth", "abs_error", "absolute error", "", HigherIsBetter: false),
        new("depth", "abs_error_official", "absolute error, official reading", "", HigherIsBetter: false, Counts: false),
    ];

    public static string[] Known { get; } = ["adashare", "hard_sharing", "single_task"];

    public static MetricValues Values(double? miou, double? accuracy, double? error) =>
        new MetricValues().Set("seg", "miou", miou).Set("seg", "pix_acc", accuracy).Set("depth", "abs_error", error).Set("depth", "abs_error_official", 2 * error);

    public static CellResult Run(string label, long seed, double? miou, double? accuracy, double? error, long steps = 1000) => new()
    {
        Cell = $"{label}-s{seed}",
        Method = label,
        Label = label,
        Seed = seed,
        Metrics = Values(miou, accuracy, error),
        ValidationScore = 1 + (0.1 * seed),
        Budget = new CellBudget([new PhaseBudget("search", 300, 100, 1600, 3e12), new PhaseBudget("train", steps, 0, 4 * steps, 1e9 * steps)]),
        FinalSteps = steps,
        Cost = new ModelCost(2_500_000, 300_000, 60_800_000, 182_400_000, 96, 128),
        PeakBytes = 3L << 30,
        Provenance = new CellProvenance("0.1.0", "abc1234", "cpu", "fast"),
        Times = new CellTimes(90 + seed, 12.5, new Dictionary<string, double> { ["train"] = 80 }),
    };

    public static StudyData Data(string reference, params CellResult[] cells) => new()
    {
        Name = "tiny",
        Reference = reference,
        Methods = [.. cells.GroupBy(static cell => cell.Label).Select(static group => new MethodEntry(group.Key, group.First().Method, group.First().Match, [.. group.Select(static cell => cell.Seed).Distinct()]))],
        Metrics = Metrics,
        Cells = cells,
        Dataset = "scenes",
        Images = new Dictionary<string, long> { ["train"] = 400, ["test"] = 64 },
    };

    /// <summary>The reference with seeds 1 and 2, and a rival with seeds 1 to 3.</summary>
    public static StudyData Pair() => Data(
        "hard", Run("hard", 1, 20, 50, 0.5), Run("hard", 2, 25, 40, 0.8), Run("rival", 1, 22, 49, 0.4), Run("rival", 2, 24, 42, 0.6), Run("rival", 3, 27, 45, 0.65));

    /// <summary>A study of a reference and a method with a grid of two points, two seeds each: five cells.</summary>
    public static StudySpec Spec() => new()
    {
        Name = "tiny",
        Preset = "quick",
        Seeds = [88, 45],
        Reference = "hard_sharing",
        Set = ["train.batch_size=4"],
        Methods =
        [
            new StudyMethod { Method = "hard_sharing", Set = ["train.lr=0.002"] },
            new StudyMethod
            {
                Method = "adashare",
                Label = "AdaShare (ours)",
                Match = BudgetMatch.Total,
                Grid = [new StudyGridPoint { Set = ["train.lr=0.001"] }, new StudyGridPoint { Name = "fast", Set = ["train.lr=0.01", "lambdas=[1,20,3]"] }],
            },
        ],
    };
}
