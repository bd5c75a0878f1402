using System.Globalization;
using System.Text;

namespace AdaShare.Native.Reports.Html;

/// <summary>Text on its way into a page.</summary>
public static class HtmlText
{
    /// <summary>A text as content or attribute: nothing in it is markup, and what XML can't hold is left out.</summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var escaped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                < ' ' and not ('\t' or '\n' or '\r') => escaped,
                0xFFFE or 0xFFFF => escaped,
                _ => escaped.Append(rune.ToString()),
            };
        }

        return escaped.ToString();
    }

    /// <summary>A position or length in a drawing.</summary>
    public static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    /// <summary>A value for people: four significant digits.</summary>
    public static string Value(double value) => !double.IsFinite(value) ? "-"
        : Math.Abs(value) is >= 10_000 or (< 0.001 and not 0) ? value.ToString("0.###E+0", CultureInfo.InvariantCulture)
        : value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A count with thousands apart.</summary>
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A large count with its prefix: K, M, G, T or P.</summary>
    public static string Large(double value)
    {
        (double unit, string prefix) = Math.Abs(value) switch
        {
            >= 1e15 => (1e15, " P"),
            >= 1e12 => (1e12, " T"),
            >= 1e9 => (1e9, " G"),
            >= 1e6 => (1e6, " M"),
            >= 1e4 => (1e3, " K"),
            _ => (1, ""),
        };
        return (value / unit).ToString(unit > 1 ? "0.##" : "0", CultureInfo.InvariantCulture) + prefix;
    }
}
