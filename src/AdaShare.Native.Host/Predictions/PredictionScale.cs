using System.Globalization;

namespace AdaShare.Native.Host.Predictions;

/// <summary>Whose values the ends of a colour scale are.</summary>
public enum ScaleKind
{
    /// <summary>Those of all images of a call.</summary>
    All,

    /// <summary>Those of each image by itself.</summary>
    Each,

    /// <summary>Ends that somebody gave.</summary>
    Given,
}

/// <summary>The scale that colours follow where a task's colours follow one.</summary>
/// <param name="Kind">Whose values its ends are.</param>
/// <param name="Low">The given lower end; 0 for the other kinds.</param>
/// <param name="High">The given upper end.</param>
public readonly record struct PredictionScale(ScaleKind Kind, double Low = 0, double High = 0)
{
    /// <summary>One scale over all images.</summary>
    public static PredictionScale All => new(ScaleKind.All);

    /// <summary>The scale that a word says: <c>each</c>, <c>all</c>, or <c>LOW:HIGH</c>, such as <c>0.5:10</c>; null where it says none.</summary>
    public static PredictionScale? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text is "all" or "each")
        {
            return new(text == "all" ? ScaleKind.All : ScaleKind.Each);
        }

        string[] ends = text.Split(':');
        return ends.Length == 2 && End(ends[0], out double low) && End(ends[1], out double high) && low < high ? new(ScaleKind.Given, low, high) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ScaleKind.All => "all",
        ScaleKind.Each => "each",
        _ => string.Create(CultureInfo.InvariantCulture, $"{Low}:{High}"),
    };

    private static bool End(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
