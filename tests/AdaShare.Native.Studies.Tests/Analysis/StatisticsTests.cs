using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Tests.Analysis;

/// <summary>Each figure against one that is worked out in the comment above it.</summary>
internal sealed class StatisticsTests
{
    private const double Tolerance = 1e-8;

    [Test]
    public void DeviationIsOverOneLessThanTheRuns()
    {
        // Mean (1 + 2 + 3 + 6) / 4 = 3; squares 4 + 1 + 0 + 9 = 14; 14 / 3 = 4.666..., its root 2.160246899469287.
        SampleSummary sample = SampleSummary.Of([1, 2, 3, 6])!;
        Assert.That(sample.Mean, Is.EqualTo(3).Within(Tolerance));
        Assert.That(sample.Deviation, Is.EqualTo(2.160246899469287).Within(Tolerance));
    }

    [Test]
    public void OneRunHasNoDeviationAndWhatIsNotFiniteIsNotCounted()
    {
        Assert.That(SampleSummary.Of([4, null, double.NaN, double.PositiveInfinity]), Is.EqualTo(new SampleSummary(1, 4, null)));
        Assert.That(SampleSummary.Of([null, double.NaN]), Is.Null);
    }

    [Test]
    public void IntervalIsStudents()
    {
        // As above mean 3, deviation 2.160246899; t(0.975; 3) = 3.182446305; 3.182446305 x 2.160246899 / 2 = 3.437434882.
        PairedDifference difference = PairedDifference.Of([1, 2, 3, 6])!;
        Assert.That(difference.Lower, Is.EqualTo(3 - 3.4374348819).Within(Tolerance));
        Assert.That(difference.Upper, Is.EqualTo(3 + 3.4374348819).Within(Tolerance));
        Assert.That(difference.ExcludesZero, Is.False);
    }

    [TestCase(new double[] { 1, 1.2, 0.8 }, true)]
    [TestCase(new double[] { -1, -1.2, -0.8 }, true)]
    [TestCase(new double[] { 1, 4, -2 }, false)]
    [TestCase(new double[] { 0, 0, 0 }, false)]
    public void IntervalExcludesZeroOnEitherSide(double[] differences, bool excludes) =>

        // t(0.975; 2) = 4.303: 1 ± 4.303 x 0.2 / 1.732 = 1 ± 0.497 excludes zero, 1 ± 4.303 x 3 / 1.732 = 1 ± 7.45 does not.
        Assert.That(PairedDifference.Of(differences)!.ExcludesZero, Is.EqualTo(excludes));

    [Test]
    public void OneDifferenceHasNoInterval()
    {
        Assert.That(PairedDifference.Of([2.5]), Is.EqualTo(new PairedDifference(1, 2.5, null, null, null, null)));
        Assert.That(PairedDifference.Of([]), Is.Null);
    }

    [Test]
    public void SpreadIsTakenApart()
    {
        // Within: squares (1 + 1) + (4 + 4) = 10 over 1 + 1 degrees = 5. Means 2 and 7: deviation 5 / root 2, variance 12.5. Between: 12.5 - 5 x (1/2 + 1/2) / 2 = 10.
        var spread = SpreadComponents.Of([[1, 3], [5, 9]]);
        Assert.That(spread.WithinSearch, Is.EqualTo(Math.Sqrt(5)).Within(Tolerance));
        Assert.That(spread.BetweenMeans, Is.EqualTo(5 / Math.Sqrt(2)).Within(Tolerance));
        Assert.That(spread.BetweenSearches, Is.EqualTo(Math.Sqrt(10)).Within(Tolerance));
    }

    [Test]
    public void SearchesOfDifferentSizeArePooledByTheirDegrees()
    {
        // Within: {1, 2, 3} has squares 2 with 2 degrees, {4, 8} has 8 with 1, {9} none: 10 / 3. Means 2, 6, 9 around 17/3: 121/9 + 1/9 + 100/9 = 222/9, over 2 = 37/3.
        // Between: 37/3 - 10/3 x (1/3 + 1/2 + 1) / 3 = 37/3 - 10/3 x 11/18 = 37/3 - 55/27 = 278/27.
        var spread = SpreadComponents.Of([[1, 2, 3], [4, 8, null], [9], [double.NaN]]);
        Assert.That(spread.Searches, Is.EqualTo(3));
        Assert.That(spread.Policies, Is.EqualTo(6));
        Assert.That(spread.WithinSearch, Is.EqualTo(Math.Sqrt(10.0 / 3)).Within(Tolerance));
        Assert.That(spread.BetweenSearches, Is.EqualTo(Math.Sqrt(278.0 / 27)).Within(Tolerance));
    }

    [Test]
    public void SpreadWithoutDataIsNullAndNeverBelowZero()
    {
        Assert.That(SpreadComponents.Of([[1, 5]]), Is.EqualTo(new SpreadComponents(1, 2, Math.Sqrt(8), null, null)));
        Assert.That(SpreadComponents.Of([[1], [2]]).WithinSearch, Is.Null);
        Assert.That(SpreadComponents.Of([[0, 10], [10, 0]]).BetweenSearches, Is.Zero);
    }

    [Test]
    public void MeanRankSharesPlacesAndPutsTheUndefinedLast()
    {
        // Higher is better, 3 5 5 none: places 3, 1.5, 1.5, 4. Lower is better, 1 2 3 4: places 1 to 4. Means 2, 1.75, 2.25, 4.
        MetricDescription[] metrics = [TinyStudy.Metrics[0], TinyStudy.Metrics[2]];
        IReadOnlyList<double> ranks = MeanRank.Of(metrics, [[3, 1], [5, 2], [5, 3], [null, 4]]);
        Assert.That(ranks, Is.EqualTo(new[] { 2, 1.75, 2.25, 4 }));
    }

    [Test]
    public void UndefinedMeansShareTheLastPlaces()
    {
        IReadOnlyList<double> ranks = MeanRank.Of([TinyStudy.Metrics[0]], [[null], [1], [null]]);
        Assert.That(ranks, Is.EqualTo(new[] { 2.5, 1, 2.5 }));
    }
}
