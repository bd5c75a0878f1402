namespace AdaShare.Native.Verification;

/// <summary>One recorded quantity beside what was computed here.</summary>
/// <param name="Where">The step or the evaluation, for example <c>step 3 weights</c>.</param>
/// <param name="Quantity">The quantity, for example <c>gradient backbone.conv1.weight l2</c>.</param>
/// <param name="Computed">What was computed here.</param>
/// <param name="Expected">The float64 column.</param>
/// <param name="Deviation">|computed - expected| over the scale.</param>
/// <param name="SingleDeviation">The float32 column's own deviation.</param>
/// <param name="Bound">The largest deviation that passes.</param>
/// <param name="Points">For percentages: the difference in points, which passes up to 0.05; otherwise null.</param>
public sealed record GoldenRow(
    string Where, string Quantity, double Computed, double Expected, double Deviation, double SingleDeviation, double Bound, double? Points = null)
{
    private const double PointBound = 0.05;

    /// <summary>Whether the deviation is within the bound.</summary>
    public bool Passes => Deviation <= Bound || Points <= PointBound;
}
