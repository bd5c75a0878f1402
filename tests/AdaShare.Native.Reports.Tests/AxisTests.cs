using AdaShare.Native.Reports.Charts;

namespace AdaShare.Native.Reports.Tests;

/// <summary>Scales of charts.</summary>
public sealed class AxisTests
{
    [TestCase(0, 1000, new double[] { 0, 200, 400, 600, 800, 1000 })]
    [TestCase(0.11, 0.29, new[] { 0.1, 0.15, 0.2, 0.25, 0.3 })]
    [TestCase(-23, 42, new double[] { -40, -20, 0, 20, 40, 60 })]
    public void Ticks_are_round_and_hold_the_values(double low, double high, double[] ticks) =>
        Assert.That(new Axis([low, high], 0, 100).Ticks, Is.EqualTo(ticks).Within(1e-12));

    [TestCase(5.0)]
    [TestCase(0.0)]
    [TestCase(-1e-7)]
    [TestCase(1e12)]
    [TestCase(double.NaN)]
    public void One_value_or_none_is_a_scale_too(double value)
    {
        var axis = new Axis([value], 0, 100);
        Assert.That(axis.Ticks, Has.Count.InRange(2, 12).And.Ordered);
        Assert.That(axis.Ticks.Select(axis.Text).Distinct().Count(), Is.EqualTo(axis.Ticks.Count), string.Join(' ', axis.Ticks.Select(axis.Text)));
        Assert.That(double.IsNaN(value) ? 50 : axis.At(value), Is.InRange(0, 100));
    }

    [Test]
    public void Positions_are_proportional()
    {
        var axis = new Axis([0, 10], 20, 220);
        Assert.That((axis.At(0), axis.At(5), axis.At(10)), Is.EqualTo((20.0, 120.0, 220.0)));
    }
}
