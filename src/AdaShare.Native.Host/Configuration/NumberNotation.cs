using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace AdaShare.Native.Host.Configuration;

/// <summary>
/// How numbers are written: in decimal digits, with underscores between them where one likes. What YAML 1.1, in which the official files are written, or its successor reads as another number
/// than the digits say (octal, hexadecimal, binary, base 60) is not read but explained.
/// </summary>
internal static partial class NumberNotation
{
    /// <summary>The characters up to which a remark works a number out.</summary>
    private const int MaxExplained = 24;

    /// <summary>A finite number, or null.</summary>
    public static double? ReadDouble(string text) =>
        DoublePattern().IsMatch(text) && double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : null;

    /// <summary>A whole number of 64 bits, or null.</summary>
    public static long? ReadWhole(string text) =>
        WholePattern().IsMatch(text) && long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
            ? whole
            : null;

    /// <summary>Why a text that looks like a number is none here, and what to write; null where it does not look like one, or is one.</summary>
    /// <param name="text">A value.</param>
    /// <param name="type"><c>int</c>, <c>long</c> or <c>double</c>.</param>
    public static string? Remark(string text, Type type)
    {
        if (text.Length > MaxExplained)
        {
            return null;
        }

        bool negative = text.StartsWith('-');
        string digits = text.TrimStart('+', '-').Replace("_", "", StringComparison.Ordinal);
        string Decimal(BigInteger value) => (negative ? -value : value).ToString(CultureInfo.InvariantCulture);
        string Reads(string version, string kind, BigInteger value) => $"YAML {version} reads {text} as the {kind} number {Decimal(value)}; write {Decimal(value)}";
        if (OctalPattern().IsMatch(text))
        {
            string plain = Decimal(BigInteger.Parse(digits, CultureInfo.InvariantCulture));
            BigInteger value = InBase(digits, 8);
            return Reads("1.1", "octal", value) + (plain == Decimal(value) ? "" : $", or {plain} if that is meant");
        }

        return HexadecimalPattern().IsMatch(text) ? Reads("1.1", "hexadecimal", InBase(digits[2..], 16))
            : BinaryPattern().IsMatch(text) ? Reads("1.1", "binary", InBase(digits[2..], 2))
            : NewOctalPattern().IsMatch(text) ? Reads("1.2", "octal", InBase(digits[2..], 8))
            : SexagesimalPattern().IsMatch(text) ? Reads("1.1", "base-60", digits.Split(':').Aggregate(BigInteger.Zero, (sum, part) => (sum * 60) + BigInteger.Parse(part, CultureInfo.InvariantCulture)))
            : NotFinitePattern().IsMatch(text) ? "every number here is finite"
            : LeadingZeroPattern().IsMatch(text) ? $"a number does not begin with 0; write {(negative ? "-" : "")}{digits.TrimStart('0')}"
            : OutOfRange(text, type);
    }

    private static string? OutOfRange(string text, Type type)
    {
        if (type == typeof(double))
        {
            return DoublePattern().IsMatch(text) && ReadDouble(text) is null ? "its size is beyond 1.7e308" : null;
        }

        (long least, long most) = type == typeof(int) ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        return WholePattern().IsMatch(text) && !(ReadWhole(text) is long whole && whole >= least && whole <= most) ? $"the range is {least} to {most}" : null;
    }

    private static BigInteger InBase(string digits, int radix) =>
        digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * radix) + Convert.ToInt32(digit.ToString(), 16));

    [GeneratedRegex(@"^[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|0|[1-9][0-9_]*)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex DoublePattern();

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9_]*)\z")]
    private static partial Regex WholePattern();

    [GeneratedRegex(@"^[-+]?0_*[0-7][0-7_]*\z")]
    private static partial Regex OctalPattern();

    [GeneratedRegex(@"^[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*\z")]
    private static partial Regex HexadecimalPattern();

    [GeneratedRegex(@"^[-+]?0b_*[01][01_]*\z")]
    private static partial Regex BinaryPattern();

    [GeneratedRegex(@"^0o[0-7]+\z")]
    private static partial Regex NewOctalPattern();

    [GeneratedRegex(@"^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+\z")]
    private static partial Regex SexagesimalPattern();

    [GeneratedRegex(@"^[-+]?\.(inf|Inf|INF|nan|NaN|NAN)\z")]
    private static partial Regex NotFinitePattern();

    [GeneratedRegex(@"^[-+]?0[0-9_]*[1-9][0-9_]*([eE][-+]?[0-9]+)?\z")]
    private static partial Regex LeadingZeroPattern();
}
