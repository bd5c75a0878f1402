using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>What a table of costs shows.</summary>
/// <param name="Height">Rows of the image for which multiply-adds are counted.</param>
/// <param name="Width">Columns of it.</param>
/// <param name="BackboneParameters">Parameters of the backbone.</param>
/// <param name="UsedBackboneParameters">Parameters of the parts that some task runs; null where that is not known.</param>
/// <param name="HeadParameters">Parameters of all heads.</param>
/// <param name="BackboneMultiplyAdds">Multiply-adds of the backbone under the policy, all tasks.</param>
/// <param name="FullBackboneMultiplyAdds">The same with no block skipped.</param>
/// <param name="HeadMultiplyAdds">Multiply-adds of all heads.</param>
/// <param name="StateEntries">Elements of the whole state dict; null where that is not known.</param>
public sealed record CostFigures(
    int Height, int Width, long BackboneParameters, long? UsedBackboneParameters, long HeadParameters, long BackboneMultiplyAdds, long FullBackboneMultiplyAdds,
    long HeadMultiplyAdds, long? StateEntries)
{
    /// <summary>The figures of a report.</summary>
    public static CostFigures Of(CostReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new CostFigures(
            report.Height, report.Width, report.BackboneParameters, report.UsedBackboneParameters, report.HeadParameters, report.BackboneMultiplyAdds,
            report.FullBackboneMultiplyAdds, report.HeadMultiplyAdds, report.StateEntries);
    }

    /// <summary>The figures of a run's metrics.json.</summary>
    public static CostFigures Of(CostSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new CostFigures(
            summary.Height, summary.Width, summary.BackboneParameters, null, summary.HeadParameters, summary.BackboneMultiplyAdds, summary.FullBackboneMultiplyAdds,
            summary.HeadMultiplyAdds, null);
    }
}
