using System.Globalization;
using AdaShare.Native.Studies.Analysis;

namespace AdaShare.Native.Studies.Tables;

/// <summary>Writes figures of tables, always with a full stop and commas between thousands.</summary>
internal static class Figures
{
    /// <summary>What stands where there is no figure.</summary>
    public const string None = "-";

    private const int Digits = 4;
    private const int MostDecimals = 6;

    /// <summary>A mean with its deviation, both with as many decimals as give the mean four digits; of one run the mean alone.</summary>
    /// <param name="sample">The figure, or null.</param>
    /// <param name="runs">The runs that it should be of: where some have no finite value, the text says so.</param>
    public static string Of(SampleSummary? sample, int runs)
    {
        if (sample is null)
        {
            return None;
        }

        string format = "F" + Decimals(sample.Mean).ToString(CultureInfo.InvariantCulture);
        string spread = sample.Deviation is { } deviation ? " ± " + deviation.ToString(format, CultureInfo.InvariantCulture) : "";
        string share = sample.Count < runs ? Invariant($" ({sample.Count} of {runs} runs)") : "";
        return sample.Mean.ToString(format, CultureInfo.InvariantCulture) + spread + share;
    }

    /// <summary>A gain in percent, with its sign, and its interval where there is one.</summary>
    public static string Gain(double mean, PairedDifference? interval) =>
        interval is { Lower: { } lower, Upper: { } upper } ? $"{Signed(mean)} [{Signed(lower)}, {Signed(upper)}]" : Signed(mean);

    /// <summary>Two decimals and a sign.</summary>
    public static string Signed(double value) => value.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);

    /// <summary>A count with commas; a mean of counts that is not whole with one decimal.</summary>
    public static string Count(double value) => value.ToString(value == Math.Floor(value) ? "N0" : "N1", CultureInfo.InvariantCulture);

    /// <summary>A large number in thousands, millions and so on.</summary>
    public static string Large(double value)
    {
        string[] units = ["", " k", " M", " G", " T", " P", " E"];
        return Scaled(value, 1000, units);
    }

    /// <summary>An amount of memory.</summary>
    public static string Bytes(double value)
    {
        string[] units = [" B", " KiB", " MiB", " GiB", " TiB"];
        return Scaled(value, 1024, units);
    }

    /// <summary>A time in seconds, minutes or hours.</summary>
    public static string Seconds(double value)
    {
        const double minute = 60, hour = 3600;
        return value < 2 * minute ? Invariant($"{value:F1} s") : value < 2 * hour ? Invariant($"{value / minute:F1} min") : Invariant($"{value / hour:F1} h");
    }

    /// <summary>Formats without regard to the machine's language.</summary>
    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string Scaled(double value, double step, string[] units)
    {
        int unit = 0;
        while (Math.Abs(value) >= step && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }

        return (unit == 0 ? Count(value) : value.ToString("F" + (value >= 100 ? "1" : "2"), CultureInfo.InvariantCulture)) + units[unit];
    }

    private static int Decimals(double value) => value == 0 ? Digits - 1 : Math.Clamp(Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, MostDecimals);
}
