namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>A vertical axis: from 0 to a round number, or in powers of ten where the values span more than a glance can compare on a straight scale.</summary>
internal sealed class AxisScale
{
    // From this ratio of largest to least on, the small ones would lie on the axis.
    private const double MostLinear = 30;
    private const int WantedTicks = 4;

    private readonly bool _logarithmic;
    private readonly double _low;
    private readonly double _high;

    /// <summary>An axis for values, none of them negative.</summary>
    public AxisScale(IEnumerable<double> values)
    {
        double[] positive = [.. values.Where(static value => value > 0)];
        double most = positive.Length == 0 ? 1 : positive.Max(), least = positive.Length == 0 ? 1 : positive.Min();
        _logarithmic = most / least > MostLinear;
        if (_logarithmic)
        {
            (_low, _high) = (Math.Floor(Math.Log10(least)), Math.Ceiling(Math.Log10(most)));
            int step = Math.Max(1, (int)Math.Ceiling((_high - _low) / WantedTicks));
            Ticks = [.. Enumerable.Range(0, ((int)(_high - _low) / step) + 1).Select(i => Math.Pow(10, _low + (i * step)))];
            return;
        }

        double size = RoundUp(most / WantedTicks);
        int count = (int)Math.Ceiling((most / size) - 1e-9);
        (_low, _high) = (0, count * size);
        Ticks = [.. Enumerable.Range(0, count + 1).Select(i => i * size)];
    }

    /// <summary>The values that are marked.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Where a value lies: 0 at the bottom, 1 at the top.</summary>
    public double At(double value) => Math.Clamp(((_logarithmic ? Math.Log10(Math.Max(value, Math.Pow(10, _low))) : value) - _low) / (_high - _low), 0, 1);

    /// <summary>The least of 1, 2, 2.5 and 5 times a power of ten that is not below a number.</summary>
    private static double RoundUp(double number)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(number)));
        double step = ((double[])[1, 2, 2.5, 5, 10]).First(factor => (factor * power) >= number * (1 - 1e-9));
        return step * power;
    }
}
