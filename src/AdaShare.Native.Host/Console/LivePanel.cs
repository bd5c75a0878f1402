using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AdaShare.Native.Host.Console;

/// <summary>
/// What stands below the progress bars: time left in all, each task's main metric with its best so far, and during a search the policy, a row a task and a column a block, the lighter the likelier that
/// the task runs the block. Without colours cells are filled instead, and where the terminal is narrow they lose their numbers.
/// </summary>
/// <param name="content">What to show.</param>
public sealed class LivePanel(LiveContent content) : Renderable
{
    private const int NumberCell = 4, ShadeCell = 2, DarkText = 140;
    private const int Darkest = 30, Lightest = 245;
    private const string Full = " ░▒▓█", Ascii = " .:+#", More = "…", MoreAscii = "~", Title = "policy";

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        ArgumentNullException.ThrowIfNull(options);
        IEnumerable<Segment> lines = Lines(content.Lines, maxWidth);
        return content.Probability is { } probability ? lines.Concat(Grid(probability, options, maxWidth)) : lines;
    }

    private static IEnumerable<Segment> Lines(IReadOnlyList<string> lines, int width) =>
        lines.SelectMany(line => (Segment[])[new Segment(line.Length <= width ? line : line[..Math.Max(0, width)]), Segment.LineBreak]);

    private IEnumerable<Segment> Grid(double[][] probability, RenderOptions options, int width)
    {
        bool colours = options.ColorSystem != ColorSystem.NoColors;
        int blocks = probability.Max(static row => row.Length), longest = Math.Max(Title.Length, content.Tasks.Max(static task => task.Length));
        int name = Math.Min(longest, Math.Max(1, width / 3)) + 1, room = Math.Max(1, width - name);
        int cell = blocks * NumberCell <= room ? NumberCell : blocks * ShadeCell <= room ? ShadeCell : 1, shown = blocks * cell <= room ? blocks : Math.Max(1, (room - 1) / cell);
        string numbers = cell == NumberCell ? string.Concat(Enumerable.Range(0, shown).Select(static block => block.ToString(CultureInfo.InvariantCulture).PadLeft(NumberCell - 1) + " ")) : $"blocks 0 to {shown - 1}";
        yield return new Segment(Fit(Title, name) + numbers[..Math.Min(room, numbers.Length)]);
        yield return Segment.LineBreak;
        for (int t = 0; t < Math.Min(probability.Length, content.Tasks.Count); t++)
        {
            yield return new Segment(Fit(content.Tasks[t], name));
            foreach (double p in probability[t].Take(shown))
            {
                yield return Cell(Math.Clamp(p, 0, 1), cell, colours, options.Unicode);
            }

            if (shown < probability[t].Length)
            {
                yield return new Segment(options.Unicode ? More : MoreAscii);
            }

            yield return Segment.LineBreak;
        }
    }

    private static Segment Cell(double p, int cell, bool colours, bool unicode)
    {
        string number = ((int)Math.Round(100 * p)).ToString(CultureInfo.InvariantCulture);
        if (!colours)
        {
            char shade = (unicode ? Full : Ascii)[(int)Math.Round(p * (Full.Length - 1))];
            return new Segment(cell == NumberCell ? number.PadLeft(cell - 1) + shade : new string(shade, cell));
        }

        byte grey = (byte)(Darkest + (p * (Lightest - Darkest)));
        var style = new Style(grey > DarkText ? Color.Black : Color.White, new Color(grey, grey, grey));
        return new Segment(cell == NumberCell ? number.PadLeft(cell - 1) + " " : new string(' ', cell), style);
    }

    private static string Fit(string text, int width) => (text.Length < width ? text : text[..(width - 1)]).PadRight(width);
}

/// <summary>What a live panel shows; it does not change.</summary>
/// <param name="Lines">Lines of text.</param>
/// <param name="Tasks">The tasks' names.</param>
/// <param name="Probability">The probability that a task runs a block [task][block]; null where none is learnt at the moment.</param>
public sealed record LiveContent(IReadOnlyList<string> Lines, IReadOnlyList<string> Tasks, double[][]? Probability);
