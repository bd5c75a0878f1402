using AdaShare.Native.Studies.Results;
using MathNet.Numerics.Statistics;

namespace AdaShare.Native.Studies.Analysis;

/// <summary>The mean over metrics of a method's rank among the compared methods.</summary>
internal static class MeanRank
{
    /// <summary>Mean ranks; 1 is best, equal values share the mean of their places, and a method without a finite mean comes last.</summary>
    /// <param name="metrics">The metrics that count.</param>
    /// <param name="means">For each method, the mean of each metric in this order, or null.</param>
    /// <returns>For each method its mean rank; empty where no metric counts.</returns>
    public static IReadOnlyList<double> Of(IReadOnlyList<MetricDescription> metrics, IReadOnlyList<IReadOnlyList<double?>> means)
    {
        if (metrics.Count == 0)
        {
            return [];
        }

        double[] sums = new double[means.Count];
        for (int m = 0; m < metrics.Count; m++)
        {
            double sign = metrics[m].HigherIsBetter ? -1 : 1;
            double[] ranks = means.Select(row => row[m] is { } mean ? sign * mean : double.MaxValue).Ranks(RankDefinition.Average);
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += ranks[i];
            }
        }

        return [.. sums.Select(sum => sum / metrics.Count)];
    }
}
