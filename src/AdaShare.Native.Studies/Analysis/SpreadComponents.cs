using MathNet.Numerics.Statistics;

namespace AdaShare.Native.Studies.Analysis;

/// <summary>The spread of a figure of sampled policies, taken apart: how far policies of one search lie apart, and how far searches do.</summary>
/// <param name="Searches">Searches with at least one finite value.</param>
/// <param name="Policies">Finite values of all of them.</param>
/// <param name="WithinSearch">The deviation between policies of one search, pooled over searches: the root of the summed squares over the summed n - 1. Null where no search has two.</param>
/// <param name="BetweenMeans">The deviation of the searches' means. Null where there is one search.</param>
/// <param name="BetweenSearches">
/// The part of it that the sampling of policies does not explain: the root of BetweenMeans squared less WithinSearch squared times the mean of 1 / n, not below 0. Null where either is.
/// </param>
public sealed record SpreadComponents(int Searches, int Policies, double? WithinSearch, double? BetweenMeans, double? BetweenSearches)
{
    /// <summary>The components of a figure.</summary>
    /// <param name="searches">For each search, the figure of each of its policies; null or not finite ones are left out.</param>
    public static SpreadComponents Of(IEnumerable<IEnumerable<double?>> searches)
    {
        double[][] groups = [.. searches.Select(static group => group.Where(static value => value is { } number && double.IsFinite(number)).Select(static value => value!.Value).ToArray()).Where(static group => group.Length > 0)];
        int freedom = groups.Sum(static group => group.Length - 1);
        double? within = freedom == 0 ? null : Math.Sqrt(groups.Where(static group => group.Length > 1).Sum(static group => (group.Length - 1) * group.Variance()) / freedom);
        double? means = groups.Length < 2 ? null : groups.Select(static group => group.Mean()).StandardDeviation();
        double? between = means is null || within is null ? null : Math.Sqrt(Math.Max(0, (means.Value * means.Value) - (within.Value * within.Value * groups.Average(static group => 1.0 / group.Length))));
        return new SpreadComponents(groups.Length, groups.Sum(static group => group.Length), within, means, between);
    }
}
