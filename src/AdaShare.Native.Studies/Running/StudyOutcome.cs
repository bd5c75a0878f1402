using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Running;

/// <summary>Where a study stands after a start.</summary>
/// <param name="Plan">The study.</param>
/// <param name="Results">Results and failures, in the order of the study.</param>
/// <param name="Choices">What the grids that are decided chose, in the order of the methods.</param>
/// <param name="Missing">Cells without a result or a failure, in the order of the study.</param>
public sealed record StudyOutcome(StudyPlan Plan, IReadOnlyList<CellResult> Results, IReadOnlyList<GridChoice> Choices, IReadOnlyList<MissingCell> Missing)
{
    private const int Named = 5;

    /// <summary>Whether every cell is done or has failed, so that the final tables can be written.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <summary>The cells that failed.</summary>
    public IEnumerable<CellResult> Failures => Results.Where(static result => result.Failure is not null);

    /// <summary>What is missing, one sentence; null where nothing is.</summary>
    /// <param name="shard">The shard that was run.</param>
    public string? DescribeMissing(StudyShard shard)
    {
        ArgumentNullException.ThrowIfNull(shard);
        if (IsComplete)
        {
            return null;
        }

        string names = string.Join(", ", Missing.Take(Named).Select(static cell => cell.Name)) + (Missing.Count > Named ? $" and {Missing.Count - Named} more" : "");
        int waiting = Missing.Count(static cell => cell.WaitsForGrid);
        string grids = waiting == 0 ? "" : $", of which {waiting} wait for grid points of other shards (start this shard again when those are done)";
        string action = shard.Count == 1 ? "start the study again" : $"run the other shards of {shard.Count} into this folder, then join them with study on the folder";
        return $"{Missing.Count} of {Plan.Count} cells are missing ({names}){grids}; no tables were written: {action}";
    }

    /// <summary>The results of a complete study, for the statistics.</summary>
    /// <param name="metrics">The metrics, in the order of the table.</param>
    /// <param name="dataset">The data set.</param>
    /// <param name="images">Images of each part.</param>
    /// <exception cref="InvalidOperationException">The study is not complete.</exception>
    public StudyData ToData(IReadOnlyList<MetricDescription> metrics, string dataset, IReadOnlyDictionary<string, long> images) => !IsComplete
        ? throw new InvalidOperationException($"{Missing.Count} cells of the study {Plan.Name} are missing")
        : new StudyData { Name = Plan.Name, Reference = Plan.Reference, Methods = Plan.Methods, Metrics = metrics, Cells = Results, Choices = Choices, Dataset = dataset, Images = images };
}

/// <summary>A cell that has not run.</summary>
/// <param name="Name">Its id, or label and seed where its grid point is not chosen yet.</param>
/// <param name="WaitsForGrid">Whether it can't run before its method's grid points have.</param>
public sealed record MissingCell(string Name, bool WaitsForGrid);
