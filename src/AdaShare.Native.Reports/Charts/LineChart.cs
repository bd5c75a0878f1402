using System.Text;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.Charts;

/// <summary>A curve.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Points">Where it goes; a value that is not finite is a gap.</param>
/// <param name="Marked">Whether each point is marked and says its value.</param>
public sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool Marked = false);

/// <summary>Curves over a common axis, as a drawing in a page.</summary>
public static class LineChart
{
    // As wide as a phone's screen, so that letters have their own size there; three stand side by side on a wide one.
    private const int Width = 368;
    private const int Height = 210;
    private const int Left = 54;
    private const int Right = 20;
    private const int Top = 8;
    private const int Bottom = 34;
    private const int MostPoints = 500;

    /// <summary>The chart; empty where no curve has a point.</summary>
    /// <param name="title">What it shows, with the unit.</param>
    /// <param name="across">What the horizontal axis counts.</param>
    /// <param name="series">The curves.</param>
    /// <param name="marks">Places along the horizontal axis with their names, such as where phases begin.</param>
    public static string Of(string title, string across, IReadOnlyList<Series> series, IReadOnlyList<(double X, string Name)>? marks = null)
    {
        ArgumentNullException.ThrowIfNull(series);
        (double X, double Y)[] points = [.. series.SelectMany(static curve => curve.Points).Where(static point => double.IsFinite(point.Y))];
        if (points.Length == 0)
        {
            return "";
        }

        var x = new Axis(points.Select(static point => point.X), Left, Width - Right);
        var names = new MarkNames([.. (marks ?? []).Where(mark => mark.X >= x.Ticks[0] && mark.X < x.Ticks[^1]).Select(mark => (x.At(mark.X), mark.Name))], Width);
        int top = Top + names.Height;
        var y = new Axis(points.Select(static point => point.Y), Height - Bottom, top);
        var svg = new StringBuilder();
        svg.Append($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlText.Escape(title)}\">");
        Grid(svg, x, y, across);
        names.Write(svg, Height - Bottom);
        for (int i = 0; i < series.Count; i++)
        {
            Curve(svg, series[i], i, x, y);
        }

        svg.Append("</svg>");
        string key = series.Count > 1 ? Key([.. series.Select(static curve => curve.Name)]) : "";
        return $"<figure><figcaption>{HtmlText.Escape(title)}</figcaption>{svg}{key}</figure>\n";
    }

    /// <summary>The names of curves with their colours.</summary>
    public static string Key(IReadOnlyList<string> names) =>
        $"<ul class=\"k\">{string.Concat(names.Select(static (name, i) => $"<li><i class=\"{Colour(i)}\"></i>{HtmlText.Escape(name)}</li>"))}</ul>";

    /// <summary>The class of a curve's colour.</summary>
    public static string Colour(int index) => $"c{index % 10}";

    private static void Grid(StringBuilder svg, Axis x, Axis y, string across)
    {
        foreach (double tick in y.Ticks)
        {
            string at = HtmlText.Number(y.At(tick));
            svg.Append($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at}\" y2=\"{at}\"/><text x=\"{Left - 6}\" y=\"{HtmlText.Number(y.At(tick) + 4)}\" text-anchor=\"end\">{y.Text(tick)}</text>");
        }

        foreach (double tick in x.Ticks)
        {
            svg.Append($"<text x=\"{HtmlText.Number(x.At(tick))}\" y=\"{Height - Bottom + 15}\" text-anchor=\"middle\">{x.Text(tick)}</text>");
        }

        svg.Append($"<text x=\"{Width - Right}\" y=\"{Height - 4}\" text-anchor=\"end\">{HtmlText.Escape(across)}</text>");
    }

    private static void Curve(StringBuilder svg, Series series, int index, Axis x, Axis y)
    {
        IReadOnlyList<(double X, double Y)> points = Thinned(series.Points);
        var path = new StringBuilder();
        bool pen = false;
        foreach ((double px, double py) in points)
        {
            if (!double.IsFinite(py))
            {
                pen = false;
                continue;
            }

            path.Append(pen ? 'L' : 'M').Append(HtmlText.Number(x.At(px))).Append(' ').Append(HtmlText.Number(y.At(py)));
            pen = true;
        }

        svg.Append($"<path class=\"curve {Colour(index)}\" d=\"{path}\"/>");
        foreach ((double px, double py) in series.Marked || points.Count == 1 ? points.Where(static point => double.IsFinite(point.Y)) : [])
        {
            svg.Append($"<circle class=\"{Colour(index)}\" cx=\"{HtmlText.Number(x.At(px))}\" cy=\"{HtmlText.Number(y.At(py))}\" r=\"3\"><title>{HtmlText.Escape(series.Name)}, {HtmlText.Count(px)}: {HtmlText.Value(py)}</title></circle>");
        }
    }

    // A page must stay small: of very many points each stretch is drawn by its mean, so that no value is invented and none is chosen.
    private static IReadOnlyList<(double X, double Y)> Thinned(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count <= MostPoints)
        {
            return points;
        }

        int stretch = (points.Count + MostPoints - 1) / MostPoints;
        return [.. points.Chunk(stretch).Select(static chunk => (chunk[^1].X, chunk.Average(static point => point.Y)))];
    }
}
