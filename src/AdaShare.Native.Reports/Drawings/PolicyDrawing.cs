using System.Globalization;

namespace AdaShare.Native.Reports.Drawings;

/// <summary>A policy as a drawing for papers and slides: a row a task, a column a block, filled where the task runs it, with the learnt probability in percent where one is known.</summary>
public static class PolicyDrawing
{
    private const int Cell = 34, Row = 28, Gap = 3, Margin = 16, Line = 18, Letter = 8;
    private const int TitleSize = 15, NameSize = 13, NoteSize = 12;
    private const double Corner = 4, BaseLine = 0.36;
    private const string Ink = "#1b1f24", Faint = "#57606a", On = "#1a7f5a", Off = "#ffffff", Edge = "#b6bec8";

    /// <summary>The drawing.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="runs">[task][block], as many rows as tasks.</param>
    /// <param name="probability">The probability that a task runs a block [task][block]; null where none was learnt.</param>
    /// <param name="notes">Lines below, such as costs.</param>
    public static Drawing Of(string title, IReadOnlyList<string> tasks, bool[][] runs, double[][]? probability, IReadOnlyList<string> notes)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(notes);
        int blocks = runs.Max(static row => row.Length), left = Margin + (tasks.Max(static task => task.Length) * Letter) + Margin;
        string key = probability is null ? "filled: the task runs the block" : "filled: the task runs the block; numbers: the learnt probability of running it, in %, from which policies are sampled";
        int top = Margin + (2 * Line), bottom = top + (tasks.Count * (Row + Gap)) + Gap;
        int width = Math.Max(left + (blocks * (Cell + Gap)), notes.Append(key).Append(title).Max(static text => text.Length) * Letter) + Margin, height = bottom + ((notes.Count + 1) * Line) + Margin;
        var boxes = new List<DrawnBox>();
        var texts = new List<DrawnText> { new(Margin, Margin + (Line / 2), title, TitleSize, IsBold: true, Ink, TextHold.Start) };
        texts.AddRange(Enumerable.Range(0, blocks).Select(b => new DrawnText(Middle(left, b), top - (Line / 2) + Gap, b.ToString(CultureInfo.InvariantCulture), NoteSize, IsBold: false, Faint, TextHold.Middle)));
        for (int t = 0; t < tasks.Count; t++)
        {
            int y = top + (t * (Row + Gap));
            double baseLine = y + (Row / 2) + (Line * BaseLine);
            texts.Add(new(left - (Margin / 2), baseLine, tasks[t], NameSize, IsBold: false, Ink, TextHold.End));
            for (int b = 0; b < runs[t].Length; b++)
            {
                bool on = runs[t][b];
                boxes.Add(new(left + (b * (Cell + Gap)), y, Cell, Row, Corner, on ? On : Off, on ? null : Edge, $"{tasks[t]}, block {b}: {(on ? "run" : "skipped")}"));
                if (probability is not null)
                {
                    texts.Add(new(Middle(left, b), baseLine - 1, Math.Round(100 * probability[t][b]).ToString(CultureInfo.InvariantCulture), NoteSize, IsBold: false, on ? Off : Faint, TextHold.Middle));
                }
            }
        }

        texts.AddRange(notes.Prepend(key).Select((note, i) => new DrawnText(Margin, bottom + ((i + 1) * Line), note, NoteSize, IsBold: false, Faint, TextHold.Start)));
        return new Drawing(title, width, height, boxes, texts);
    }

    private static double Middle(int left, int block) => left + (block * (Cell + Gap)) + (Cell / 2.0);
}
