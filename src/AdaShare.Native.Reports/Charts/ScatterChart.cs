using System.Text;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.Charts;

/// <summary>A point with its spread.</summary>
/// <param name="Name">What it is.</param>
/// <param name="X">Its place along the horizontal axis.</param>
/// <param name="Y">Its place along the vertical axis.</param>
/// <param name="Low">The lower end of its interval; null without one.</param>
/// <param name="High">The upper end.</param>
/// <param name="Single">Values that it is the mean of.</param>
public sealed record ScatterPoint(string Name, double X, double Y, double? Low, double? High, IReadOnlyList<double> Single);

/// <summary>Points of two figures with intervals, as a drawing in a page.</summary>
public static class ScatterChart
{
    // Letters keep a size that can be read where the drawing is shrunk to a phone's screen; two stand side by side on a wide one.
    private const int Width = 420;
    private const int Height = 300;
    private const int Left = 52;
    private const int Right = 16;
    private const int Top = 20;
    private const int Bottom = 40;

    /// <summary>The chart; empty without points.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="across">What the horizontal axis measures.</param>
    /// <param name="up">What the vertical axis measures.</param>
    /// <param name="points">The points.</param>
    /// <param name="holdsZero">Whether the vertical axis has zero, which is then drawn.</param>
    public static string Of(string title, string across, string up, IReadOnlyList<ScatterPoint> points, bool holdsZero)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.Count == 0)
        {
            return "";
        }

        var x = new Axis(points.Select(static point => point.X), Left + 20, Width - Right - 20);
        var y = new Axis(points.SelectMany(static point => (IEnumerable<double>)[point.Y, point.Low ?? point.Y, point.High ?? point.Y, .. point.Single]), Height - Bottom, Top, holdsZero: holdsZero);
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlText.Escape(title)}\">");
        foreach (double tick in y.Ticks)
        {
            string at = HtmlText.Number(y.At(tick));
            svg.Append($"<line class=\"{(holdsZero && tick == 0 ? "zero" : "grid")}\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at}\" y2=\"{at}\"/><text x=\"{Left - 6}\" y=\"{HtmlText.Number(y.At(tick) + 4)}\" text-anchor=\"end\">{y.Text(tick)}</text>");
        }

        foreach (double tick in x.Ticks)
        {
            svg.Append($"<text x=\"{HtmlText.Number(x.At(tick))}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{x.Text(tick)}</text>");
        }

        svg.Append($"<text x=\"{Width - Right}\" y=\"{Height - 6}\" text-anchor=\"end\">{HtmlText.Escape(across)}</text><text x=\"4\" y=\"10\">{HtmlText.Escape(up)}</text>");
        for (int i = 0; i < points.Count; i++)
        {
            Point(svg, points[i], i, points, x, y);
        }

        svg.Append("</svg>");
        return $"<figure class=\"large\"><figcaption>{HtmlText.Escape(title)}</figcaption>{svg}{LineChart.Key([.. points.Select(static point => point.Name)])}</figure>\n";
    }

    private static void Point(StringBuilder svg, ScatterPoint point, int index, IReadOnlyList<ScatterPoint> points, Axis x, Axis y)
    {
        // Methods of one cost would hide one another: those after the first stand a little to the right.
        int before = points.Take(index).Count(other => Math.Abs(x.At(other.X) - x.At(point.X)) < 6);
        double at = x.At(point.X) + (9 * before);
        string colour = LineChart.Colour(index), place = HtmlText.Number(at);
        if (point is { Low: { } low, High: { } high })
        {
            svg.Append($"<line class=\"{colour}\" x1=\"{place}\" x2=\"{place}\" y1=\"{HtmlText.Number(y.At(low))}\" y2=\"{HtmlText.Number(y.At(high))}\"/>");
        }

        foreach (double value in point.Single)
        {
            svg.Append($"<circle class=\"{colour}\" fill-opacity=\"0.35\" cx=\"{place}\" cy=\"{HtmlText.Number(y.At(value))}\" r=\"2.5\"/>");
        }

        string spread = point is { Low: { } from, High: { } to } ? $", {HtmlText.Value(from)} to {HtmlText.Value(to)}" : "";
        svg.Append($"<circle class=\"{colour}\" cx=\"{place}\" cy=\"{HtmlText.Number(y.At(point.Y))}\" r=\"5\"><title>{HtmlText.Escape(point.Name)}: {HtmlText.Value(point.Y)}{spread}</title></circle>");
    }
}
