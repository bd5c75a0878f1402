using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Running;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Tests.Running;

/// <summary>Runs of cells that take no time, with a store as run folders are one: what a cell gives depends on nothing but the cell, except its times.</summary>
internal sealed class FakeRuns
{
    private int _clock;

    public StudyPlan Plan { get; init; } = StudyPlan.Of(TinyStudy.Spec(), TinyStudy.Known);

    public Dictionary<string, CellResult> Store { get; } = [];

    public List<string> Ran { get; } = [];

    public List<StudyEvent> Events { get; } = [];

    /// <summary>Called before a cell is run; may throw.</summary>
    public Action<StudyCell> Before { get; set; } = static _ => { };

    /// <summary>The cell that another process runs.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>The validation score of a cell.</summary>
    public Func<StudyCell, double?> Score { get; set; } = static cell => cell.Variant == "fast" ? 2 : 1;

    public StudyRunner Runner(StudyShard? shard = null) => new(Plan, Run, cell => Store.GetValueOrDefault(cell.Id), static cell => cell.Label == "hard_sharing" ? 1000 : 3000)
    {
        Shard = shard ?? StudyShard.Whole,
        Report = Events.Add,
        StoreFailure = result => Store.TryAdd(result.Cell, result),
    };

    public CellOutcome Run(StudyCell cell, CancellationToken cancellation)
    {
        Ran.Add(cell.Id);
        cancellation.ThrowIfCancellationRequested();
        Before(cell);
        if (cell.Id == Elsewhere)
        {
            return CellOutcome.Elsewhere;
        }

        long steps = cell.Label == "hard_sharing" ? 1000 : 3000;
        double gain = cell.Variant == "fast" ? 2 : 1;
        CellResult result = new()
        {
            Cell = cell.Id,
            Method = cell.Method,
            Label = cell.Label,
            Variant = cell.Variant,
            Seed = cell.Seed,
            Metrics = TinyStudy.Values((20 * gain) + (0.01 * cell.Seed), 50 * gain, 0.5 / gain),
            ValidationScore = Score(cell),
            Budget = new CellBudget([new PhaseBudget("train", steps, 0, 4 * steps, 1e9)]),
            FinalSteps = steps,
            Times = new CellTimes((0.1 * steps) + (0.001 * _clock++)),
        };
        Store[cell.Id] = result;
        return CellOutcome.Finished(result);
    }
}
