using System.Globalization;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>Figures as tables and plots show them.</summary>
internal static class FigureText
{
    /// <summary>Two to four digits that matter, grouped by thousands.</summary>
    public static string Number(double value)
    {
        double magnitude = Math.Abs(value);
        string format = magnitude >= 100 || magnitude == 0 ? "N0" : magnitude >= 10 ? "N1" : magnitude >= 0.1 ? "N2" : "G3";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A number in its unit, without the unit: shares need no decimals.</summary>
    public static string Number(double value, string unit) => unit == Headline.Percent && value >= 1 ? value.ToString("N0", CultureInfo.InvariantCulture) : Number(value);

    /// <summary>A mark on an axis, without decimals that it does not need.</summary>
    public static string Tick(double value) => value.ToString("#,0.#####", CultureInfo.InvariantCulture);

    /// <summary>A unit as it stands alone.</summary>
    public static string Unit(string unit) => unit == Headline.Percent ? "% of peak" : unit;
}
