using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Running;

/// <summary>What happens while a study runs.</summary>
public enum StudyEventKind
{
    /// <summary>A cell was done before this start, and is not run again.</summary>
    Skipped,

    /// <summary>A cell begins.</summary>
    Started,

    /// <summary>A cell came to its end.</summary>
    Finished,

    /// <summary>A cell failed; the others go on, and the next start tries it again.</summary>
    Failed,

    /// <summary>Another process runs the cell, which is missing here until that one is done.</summary>
    Elsewhere,

    /// <summary>All points of a grid have run and one was chosen.</summary>
    Chosen,
}

/// <summary>One thing that happened while a study runs.</summary>
/// <param name="Kind">What.</param>
/// <param name="Cell">The cell; null for <see cref="StudyEventKind.Chosen"/>.</param>
/// <param name="Left">Cells of this shard that are neither done nor failed, this one included while it runs.</param>
/// <param name="Total">Cells of this shard.</param>
/// <param name="TimeLeft">The estimate for the cells that are left; null until a cell with a known time is done.</param>
/// <param name="Failure">Why the cell failed.</param>
/// <param name="Choice">What was chosen.</param>
public sealed record StudyEvent(StudyEventKind Kind, StudyCell? Cell, int Left, int Total, TimeSpan? TimeLeft, string? Failure = null, GridChoice? Choice = null);
