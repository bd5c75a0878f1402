using System.Globalization;
using System.Xml.Linq;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>Draws a benchmark over its runs as an SVG picture: a small chart for each group of rows, a colour for each configuration.</summary>
internal sealed class SvgPlot
{
    private const int Columns = 4;
    private const int Margin = 16;
    private const int TitleHeight = 30;
    private const int LineHeight = 18;
    private const int ChartWidth = 280;
    private const int ChartHeight = 212;

    // Room around the area of a chart: for its title, the numbers on its left and the runs below.
    private const int Above = 56;
    private const int Left = 52;
    private const int Below = 38;
    private const int Right = 14;

    private const string Ink = "#222222";
    private const string Faint = "#d8d8d8";
    private const string Font = "Helvetica, Arial, sans-serif";
    private static readonly string[] Colours = ["#1f4e9c", "#c0392b", "#1e8449", "#7d3c98", "#b9770e", "#117a8b", "#5d4037", "#616161"];
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly PlotData _data;
    private readonly XElement _root;

    private SvgPlot(PlotData data)
    {
        _data = data;
        int columns = Math.Min(Columns, data.Charts.Count), rows = (data.Charts.Count + columns - 1) / columns;
        int top = Margin + TitleHeight + (LineHeight * (data.Configurations.Count + 1));
        int width = (2 * Margin) + Math.Max(columns * ChartWidth, 2 * ChartWidth), height = top + (rows * ChartHeight) + (data.Left > 0 ? LineHeight : 0) + Margin;
        _root = new XElement(
            Svg + "svg", new XAttribute("width", width), new XAttribute("height", height), new XAttribute("viewBox", $"0 0 {width} {height}"), new XAttribute("font-family", Font),
            new XAttribute("role", "img"), new XElement(Svg + "title", $"{data.Benchmark} over {Plural(data.Places.Count, "commit")}"),
            new XElement(Svg + "rect", new XAttribute("width", width), new XAttribute("height", height), new XAttribute("fill", "#ffffff")));
        Text(Margin, Margin + 14, data.Benchmark, 16, weight: "bold");
        Text(Margin, Margin + TitleHeight + 4, "Dots: the median of a group's rows. Bars: from the least row to the most; of one row, its samples. Commits from left to right by date.", 11);
        for (int c = 0; c < data.Configurations.Count; c++)
        {
            int y = Margin + TitleHeight + 4 + (LineHeight * (c + 1));
            _root.Add(Circle(Margin + 5, y - 4, 4, Colour(c)));
            Text(Margin + 16, y, data.Configurations[c], 12);
        }

        for (int i = 0; i < data.Charts.Count; i++)
        {
            Chart(data.Charts[i], Margin + (i % columns * ChartWidth), top + (i / columns * ChartHeight));
        }

        if (data.Left > 0)
        {
            Text(Margin, height - Margin, $"and {data.Left} groups more", 11);
        }
    }

    /// <summary>The picture.</summary>
    public static string Draw(PlotData data) => new SvgPlot(data)._root.ToString() + "\n";

    private void Chart(PlotChart chart, int x, int y)
    {
        double bottom = y + ChartHeight - Below, top = y + Above, left = x + Left, right = x + ChartWidth - Right;
        var scale = new AxisScale(chart.Series.SelectMany(static series => series.Points).SelectMany(static point => (double[])[point.Least, point.Most, point.Median]));
        double Height(double value) => bottom - (scale.At(value) * (bottom - top));
        double Place(int place) => _data.Places.Count == 1 ? (left + right) / 2 : left + 8 + (place * (right - left - 16) / (_data.Places.Count - 1));
        (string first, string second) = ChartTitle.Lines(chart.Title);
        Text(x + 4, y + (second.Length > 0 ? 12 : 26), first, 12, weight: "bold");
        if (second.Length > 0)
        {
            Text(x + 4, y + 26, second, 12, weight: "bold");
        }

        Text(x + 4, y + 40, $"{FigureText.Unit(chart.Unit)}, {(chart.HigherIsBetter ? "higher" : "lower")} is better", 10);
        foreach (double tick in scale.Ticks)
        {
            _root.Add(Line(left, Height(tick), right, Height(tick), Faint, 1));
            Text(left - 6, Height(tick) + 3.5, FigureText.Tick(tick), 10, "end");
        }

        _root.Add(Line(left, bottom, right, bottom, Ink, 1));
        int last = _data.Places.Count - 1;
        foreach (int run in last == 0 ? [0] : (int[])[0, last])
        {
            _root.Add(Line(Place(run), bottom, Place(run), bottom + 4, Ink, 1));
            string anchor = last == 0 ? "middle" : run == 0 ? "start" : "end";
            double at = last == 0 ? Place(run) : run == 0 ? left : right;
            Text(at, bottom + 15, Short(_data.Places[run].Commit), 10, anchor);
            Text(at, bottom + 27, _data.Places[run].Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), 10, anchor);
        }

        foreach (PlotSeries series in chart.Series)
        {
            Series(series, Place, Height);
        }
    }

    private void Series(PlotSeries series, Func<int, double> place, Func<double, double> height)
    {
        string colour = Colour(series.Configuration);

        // Configurations that ran together would hide one another's bars.
        double shift = 3 * (series.Configuration - ((_data.Configurations.Count - 1) / 2.0));
        double At(PlotPoint point) => place(point.Place) + shift;
        foreach (PlotPoint point in series.Points)
        {
            XElement bar = Line(At(point), height(point.Least), At(point), height(point.Most), colour, 2);
            bar.Add(new XAttribute("stroke-opacity", "0.35"));
            _root.Add(bar);
        }

        if (series.Points.Count > 1)
        {
            string points = string.Join(' ', series.Points.Select(point => $"{Number(At(point))},{Number(height(point.Median))}"));
            _root.Add(new XElement(Svg + "polyline", new XAttribute("points", points), new XAttribute("fill", "none"), new XAttribute("stroke", colour), new XAttribute("stroke-width", 1.5)));
        }

        foreach (PlotPoint point in series.Points)
        {
            XElement dot = Circle(At(point), height(point.Median), 3.5, colour);
            dot.Add(new XElement(Svg + "title", $"{Regression.Label(point.Run)}: {FigureText.Number(point.Median)} ({FigureText.Number(point.Least)} to {FigureText.Number(point.Most)})"));
            _root.Add(dot);
        }
    }

    private void Text(double x, double y, string text, int size, string anchor = "start", string weight = "normal") => _root.Add(new XElement(
        Svg + "text", new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("font-size", size), new XAttribute("font-weight", weight),
        new XAttribute("text-anchor", anchor), new XAttribute("fill", Ink), text));

    private static XElement Line(double x1, double y1, double x2, double y2, string colour, double width) => new(
        Svg + "line", new XAttribute("x1", Number(x1)), new XAttribute("y1", Number(y1)), new XAttribute("x2", Number(x2)), new XAttribute("y2", Number(y2)),
        new XAttribute("stroke", colour), new XAttribute("stroke-width", width));

    private static XElement Circle(double x, double y, double radius, string colour) =>
        new(Svg + "circle", new XAttribute("cx", Number(x)), new XAttribute("cy", Number(y)), new XAttribute("r", radius), new XAttribute("fill", colour));

    private static string Colour(int configuration) => Colours[configuration % Colours.Length];

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Short(string commit) => commit.Length > 7 ? commit[..7] : commit;

    private static string Plural(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
