using System.Globalization;
using System.Text;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.Drawings;

/// <summary>A policy as a drawing (SVG) for papers and slides: a row a task, a column a block, filled where the task runs it, with the learnt probability in percent where one is known.</summary>
public static class PolicyDrawing
{
    private const int Cell = 34, Row = 28, Gap = 3, Margin = 16, Line = 18, Letter = 8;
    private const double Corner = 4, BaseLine = 0.36;
    private const string Style = "text{font:13px system-ui,'DejaVu Sans',sans-serif;fill:#1b1f24}.t{font-weight:600;font-size:15px}.n,.l{fill:#57606a;font-size:12px}.c{text-anchor:middle}.e{text-anchor:end}.on{fill:#1a7f5a}.off{fill:#fff;stroke:#b6bec8}.w{fill:#fff}";

    /// <summary>The drawing.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="runs">[task][block], as many rows as tasks.</param>
    /// <param name="probability">The probability that a task runs a block [task][block]; null where none was learnt.</param>
    /// <param name="notes">Lines below, such as costs.</param>
    public static string Of(string title, IReadOnlyList<string> tasks, bool[][] runs, double[][]? probability, IReadOnlyList<string> notes)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(notes);
        int blocks = runs.Max(static row => row.Length), name = (tasks.Max(static task => task.Length) * Letter) + Margin, left = Margin + name;
        string key = probability is null ? "filled: the task runs the block" : "filled: the task runs the block; numbers: the learnt probability of running it, in %, from which policies are sampled";
        int top = Margin + (2 * Line), bottom = top + (tasks.Count * (Row + Gap)) + Gap;
        int width = Math.Max(left + (blocks * (Cell + Gap)), notes.Append(key).Append(title).Max(static text => text.Length) * Letter) + Margin, height = bottom + ((notes.Count + 1) * Line) + Margin;
        var svg = new StringBuilder($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{HtmlText.Escape(title)}\">\n<style>{Style}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        Text(svg, Margin, Margin + (Line / 2), "t", title);
        for (int b = 0; b < blocks; b++)
        {
            Text(svg, Middle(left, b), top - (Line / 2) + Gap, "n c", b.ToString(CultureInfo.InvariantCulture));
        }

        for (int t = 0; t < tasks.Count; t++)
        {
            int y = top + (t * (Row + Gap));
            Text(svg, left - (Margin / 2), y + (Row / 2) + (Line * BaseLine), "e", tasks[t]);
            for (int b = 0; b < runs[t].Length; b++)
            {
                bool on = runs[t][b];
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{(on ? "on" : "off")}\" x=\"{left + (b * (Cell + Gap))}\" y=\"{y}\" width=\"{Cell}\" height=\"{Row}\" rx=\"{Corner}\"><title>{HtmlText.Escape(tasks[t])}, block {b}: {(on ? "run" : "skipped")}</title></rect>\n");
                if (probability is not null)
                {
                    Text(svg, Middle(left, b), y + (Row / 2) + (Line * BaseLine) - 1, on ? "n c w" : "n c", Math.Round(100 * probability[t][b]).ToString(CultureInfo.InvariantCulture));
                }
            }
        }

        int at = bottom + Line;
        foreach (string note in notes.Prepend(key))
        {
            Text(svg, Margin, at, "l", note);
            at += Line;
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static double Middle(int left, int block) => left + (block * (Cell + Gap)) + (Cell / 2.0);

    private static void Text(StringBuilder svg, double x, double y, string css, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{css}\" x=\"{HtmlText.Number(x)}\" y=\"{HtmlText.Number(y)}\">{HtmlText.Escape(text)}</text>\n");
}
