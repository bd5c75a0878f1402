using System.Text;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.Charts;

/// <summary>Names of places along the horizontal axis, above a chart: in as many rows as it takes for none to lie on another.</summary>
internal sealed class MarkNames
{
    private const int RowHeight = 13;
    private const int MostRows = 4;

    // A letter of 11 pixels is seldom wider, whatever font the reader has.
    private const double LetterWidth = 6.2;
    private const int Gap = 5;

    private readonly List<(double At, double Left, int Row, string Name)> _names = [];

    /// <summary>Puts names into rows.</summary>
    /// <param name="marks">Places in the drawing with their names, from the left.</param>
    /// <param name="width">The drawing's width.</param>
    public MarkNames(IReadOnlyList<(double At, string Name)> marks, int width)
    {
        Span<double> ends = stackalloc double[MostRows];
        foreach ((double at, string name) in marks)
        {
            double length = name.Length * LetterWidth, left = Math.Max(0, Math.Min(at, width - length));
            int row = 0;
            while (row < MostRows && ends[row] > left)
            {
                row++;
            }

            // Where there are too many, the line stays and says its name when it is pointed at.
            _names.Add((at, left, row, name));
            if (row < MostRows)
            {
                ends[row] = left + length + Gap;
                Height = Math.Max(Height, (row + 1) * RowHeight);
            }
        }
    }

    /// <summary>The height of all rows.</summary>
    public int Height { get; }

    /// <summary>Draws names, and a line from each name's row to the bottom.</summary>
    public void Write(StringBuilder svg, int bottom)
    {
        foreach ((double at, double left, int row, string name) in _names)
        {
            string place = HtmlText.Number(at), text = HtmlText.Escape(name);
            bool isWritten = row < MostRows;
            int top = isWritten ? ((row + 1) * RowHeight) + 1 : Height;
            svg.Append($"<line class=\"phase\" x1=\"{place}\" x2=\"{place}\" y1=\"{top}\" y2=\"{bottom}\"><title>{text}</title></line>");
            if (isWritten)
            {
                svg.Append($"<text x=\"{HtmlText.Number(left)}\" y=\"{top - 4}\">{text}</text>");
            }
        }
    }
}
