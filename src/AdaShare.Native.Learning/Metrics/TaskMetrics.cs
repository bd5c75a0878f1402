using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>
/// Accumulates one task's metrics image by image. Predictions are brought to the label's size by nearest neighbour, as the official code does.
/// </summary>
/// <remarks>
/// Two readings are reported: the corrected one under plain names, pooled over all pixels that count, and the official code's under names that end
/// in <c>_official</c>, with its per-image averages and its traps (adashare.md, 1.4 and 3.6, in the project's reference).
/// </remarks>
public abstract class TaskMetrics
{
    /// <summary>Takes over what a data set says of how its labels are measured, before its images are added.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="label">The label.</param>
    public virtual void Follow(IDataset dataset, Label label)
    {
    }

    /// <summary>Adds one image.</summary>
    /// <param name="prediction">[h, w, channels].</param>
    /// <param name="height">h.</param>
    /// <param name="width">w.</param>
    /// <param name="label">The label at full size.</param>
    public abstract void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label);

    /// <summary>Writes the metrics of all images so far.</summary>
    public abstract void Report(MetricTable table, string task);

    /// <summary>For each label pixel along one dimension the prediction's pixel, see <see cref="BatchAssembler.NearestIndices"/>.</summary>
    protected static int[] NearestIndices(int source, int targets) => BatchAssembler.NearestIndices(source, targets);

    /// <summary>A quotient, or null where nothing was counted.</summary>
    protected static double? Ratio(double sum, double count) => count > 0 ? sum / count : null;
}
