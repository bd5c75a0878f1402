using System.Globalization;

namespace AdaShare.Native.Reports.Charts;

/// <summary>A linear scale of a chart, with round numbers along it.</summary>
public sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;

    /// <summary>A scale that holds some values.</summary>
    /// <param name="values">The values; those that are not finite don't count.</param>
    /// <param name="from">The position of the smallest.</param>
    /// <param name="to">The position of the largest.</param>
    /// <param name="ticks">About how many round numbers.</param>
    /// <param name="holdsZero">Whether zero is on it in any case.</param>
    public Axis(IEnumerable<double> values, double from, double to, int ticks = 5, bool holdsZero = false)
    {
        double[] finite = [.. values.Where(double.IsFinite), .. holdsZero ? (double[])[0] : []];
        (double low, double high) = finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
        if (high - low <= Math.Max(Math.Abs(low), Math.Abs(high)) * 1e-9)
        {
            double room = high == 0 ? 1 : Math.Abs(high) * 0.1;
            (low, high) = (low - room, high + room);
        }

        double step = Round((high - low) / Math.Max(1, ticks));
        (_low, _high) = (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step);
        (_from, _to) = (from, to);
        int decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step)), 0, 15);
        Ticks = [.. Enumerable.Range(0, (int)Math.Round((_high - _low) / step) + 1).Select(i => Math.Round(_low + (i * step), decimals))];
        Format = Math.Max(Math.Abs(_low), Math.Abs(_high)) >= 1e5 || step < 1e-4 ? "0.##E+0" : decimals == 0 ? "#,0" : "0." + new string('0', decimals);
    }

    /// <summary>The round numbers, ascending.</summary>
    public IReadOnlyList<double> Ticks { get; }

    private string Format { get; }

    /// <summary>Where a value lies.</summary>
    public double At(double value) => _from + ((value - _low) / (_high - _low) * (_to - _from));

    /// <summary>A number of the scale for people.</summary>
    public string Text(double value) => value.ToString(Format, CultureInfo.InvariantCulture);

    // 1, 2 or 5 times a power of ten.
    private static double Round(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
