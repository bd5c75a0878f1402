using System.Globalization;
using System.Xml.Linq;

namespace AdaShare.Native.Benchmarks.Weightings;

/// <summary>Draws the trajectories of <see cref="ConvexToy"/> as an SVG picture: a small chart for each weighting.</summary>
internal sealed class ToyPlot
{
    private const int Columns = 4;
    private const int Side = 220;
    private const int Gap = 14;
    private const int TitleHeight = 22;
    private const int Top = 74;

    // The part of the plane that a chart shows.
    private const double Least = -2;
    private const double Most = 2;

    private const string Ink = "#222222";
    private static readonly string[] Losses = ["#7fa7d9", "#d9a07f"];
    private static readonly string[] Paths = ["#1f4e9c", "#c0392b", "#1e8449"];
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly XElement _root;

    private ToyPlot(IReadOnlyList<string> names)
    {
        int rows = (names.Count + Columns - 1) / Columns, width = Gap + (Columns * (Side + Gap)), height = Top + (rows * (Side + TitleHeight + Gap)) + Gap;
        _root = new XElement(
            Svg + "svg", new XAttribute("width", width), new XAttribute("height", height), new XAttribute("viewBox", $"0 0 {width} {height}"),
            new XAttribute("font-family", "Helvetica, Arial, sans-serif"), new XAttribute("role", "img"), new XElement(Svg + "title", "Where weightings lead on two quadratics"),
            new XElement(Svg + "rect", new XAttribute("width", width), new XAttribute("height", height), new XAttribute("fill", "#ffffff")));
        Text(Gap, 24, "Where weightings lead on two quadratics", 16, "bold");
        Text(Gap, 44, "Ellipses: levels of the two losses (blue: the first; orange: the second, whose gradients are six times as large); crosses: their minima; black: the Pareto set.", 11);
        Text(Gap, 60, "Three paths of plain gradient descent each, from circles to dots; 4,000 steps.", 11);
        for (int i = 0; i < names.Count; i++)
        {
            Chart(names[i], Gap + (i % Columns * (Side + Gap)), Top + (i / Columns * (Side + TitleHeight + Gap)));
        }
    }

    /// <summary>The picture.</summary>
    /// <param name="names">The weightings.</param>
    public static string Draw(IReadOnlyList<string> names) => new ToyPlot(names)._root.ToString() + "\n";

    private void Chart(string name, int x, int y)
    {
        Text(x, y + 14, name, 13, "bold");
        double top = y + TitleHeight;
        (double X, double Y) Place((double X, double Y) p) => (x + ((p.X - Least) / (Most - Least) * Side), top + Side - ((p.Y - Least) / (Most - Least) * Side));
        string clip = $"clip-{name}";
        var box = new XElement(Svg + "rect", new XAttribute("x", x), new XAttribute("y", top), new XAttribute("width", Side), new XAttribute("height", Side));
        var frame = new XElement(box);
        frame.Add(new XAttribute("fill", "none"), new XAttribute("stroke", "#bbbbbb"));
        var area = new XElement(Svg + "g", new XAttribute("clip-path", $"url(#{clip})"));
        _root.Add(new XElement(Svg + "clipPath", new XAttribute("id", clip), box), area, frame);
        for (int t = 0; t < 2; t++)
        {
            foreach (double level in (double[])[0.25, 1, 3, 8])
            {
                area.Add(Line(ConvexToy.Level(t, level).Select(Place), Losses[t], 0.8));
            }
        }

        area.Add(Line(ConvexToy.ParetoSet.Where(static (_, i) => i % 20 == 0).Select(Place), Ink, 2));
        for (int start = 0; start < ConvexToy.Starts.Count; start++)
        {
            IReadOnlyList<(double X, double Y)> path = ConvexToy.Descend(name, ConvexToy.Starts[start]);
            area.Add(Line(Thinned(path).Select(Place), Paths[start], 1.4));
            area.Add(Circle(Place(path[0]), 3, "#ffffff", Paths[start]), Circle(Place(path[^1]), 3.5, Paths[start], Ink));
        }

        for (int t = 0; t < 2; t++)
        {
            (double cx, double cy) = Place(ConvexToy.Minimum(t));
            area.Add(Line([(cx - 4, cy - 4), (cx + 4, cy + 4)], Ink, 1.2), Line([(cx - 4, cy + 4), (cx + 4, cy - 4)], Ink, 1.2));
        }
    }

    /// <summary>The points of a path that lie visibly apart, and the last.</summary>
    private static IEnumerable<(double X, double Y)> Thinned(IReadOnlyList<(double X, double Y)> path)
    {
        (double X, double Y) last = path[0];
        yield return last;
        foreach ((double X, double Y) point in path)
        {
            if (Math.Abs(point.X - last.X) + Math.Abs(point.Y - last.Y) > 0.02)
            {
                yield return last = point;
            }
        }

        yield return path[^1];
    }

    private static XElement Line(IEnumerable<(double X, double Y)> points, string colour, double width) => new(
        Svg + "polyline", new XAttribute("points", string.Join(' ', points.Select(static p => $"{Number(p.X)},{Number(p.Y)}"))), new XAttribute("fill", "none"), new XAttribute("stroke", colour),
        new XAttribute("stroke-width", width));

    private static XElement Circle((double X, double Y) place, double radius, string fill, string stroke) => new(
        Svg + "circle", new XAttribute("cx", Number(place.X)), new XAttribute("cy", Number(place.Y)), new XAttribute("r", radius), new XAttribute("fill", fill), new XAttribute("stroke", stroke));

    private void Text(double x, double y, string text, int size, string weight = "normal") => _root.Add(new XElement(
        Svg + "text", new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("font-size", size), new XAttribute("font-weight", weight), new XAttribute("fill", Ink), text));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
