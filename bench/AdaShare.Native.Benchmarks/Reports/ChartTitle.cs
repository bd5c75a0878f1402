namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>The title of a chart on one or two lines, so that it does not run into its neighbour's.</summary>
internal static class ChartTitle
{
    // What fits over a chart in bold letters of ordinary width.
    private const int Most = 38;
    private const string More = "\u2026";

    /// <summary>The lines: broken after a space or slash where there is one; what two lines do not hold is left out.</summary>
    /// <param name="title">The title.</param>
    /// <returns>Both lines; the second is empty where one is enough.</returns>
    public static (string First, string Second) Lines(string title)
    {
        if (title.Length <= Most)
        {
            return (title, "");
        }

        int end = title.LastIndexOfAny([' ', '/'], Most - 1) + 1;
        end = end == 0 ? Most : end;
        string rest = title[end..];
        return (title[..end].TrimEnd(), rest.Length <= Most ? rest : rest[..(Most - 1)] + More);
    }
}
