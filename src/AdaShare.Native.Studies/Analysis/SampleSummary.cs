using MathNet.Numerics.Statistics;

namespace AdaShare.Native.Studies.Analysis;

/// <summary>Mean and spread of a figure over runs.</summary>
/// <param name="Count">The number of finite values.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation, over n - 1; null where there is one value.</param>
public sealed record SampleSummary(int Count, double Mean, double? Deviation)
{
    /// <summary>The summary of values; those that are null or not finite are left out.</summary>
    /// <returns>The summary, or null where no value is left.</returns>
    public static SampleSummary? Of(IEnumerable<double?> values)
    {
        double[] finite = [.. values.Where(static value => value is { } number && double.IsFinite(number)).Select(static value => value!.Value)];
        return finite.Length == 0 ? null : new SampleSummary(finite.Length, finite.Mean(), finite.Length < 2 ? null : finite.StandardDeviation());
    }
}
