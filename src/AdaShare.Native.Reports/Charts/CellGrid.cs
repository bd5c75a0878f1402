using System.Globalization;
using System.Text;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.Charts;

/// <summary>A table of shaded cells from 0 to 1, such as tasks x blocks.</summary>
public static class CellGrid
{
    // From this shade on, light letters are easier to read.
    private const double Dark = 0.55;

    /// <summary>The table.</summary>
    /// <param name="caption">What it shows.</param>
    /// <param name="rows">The names of the rows.</param>
    /// <param name="columns">The names of the columns.</param>
    /// <param name="values">[row][column], 0 to 1.</param>
    /// <param name="text">What stands in a cell of a row and column.</param>
    /// <param name="id">The table's name for the script; null for none.</param>
    public static string Of(string caption, IReadOnlyList<string> rows, IReadOnlyList<string> columns, double[][] values, Func<int, int, string> text, string? id = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(text);
        var table = new StringBuilder($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{HtmlText.Escape(caption)}\"><table class=\"cells\"{(id is null ? "" : $" id=\"{id}\"")}><caption>{HtmlText.Escape(caption)}</caption><thead><tr><th></th>");
        table.Append(string.Concat(columns.Select(static name => $"<th scope=\"col\">{HtmlText.Escape(name)}</th>"))).Append("</tr></thead><tbody>");
        for (int r = 0; r < rows.Count; r++)
        {
            table.Append($"<tr><th scope=\"row\">{HtmlText.Escape(rows[r])}</th>");
            for (int c = 0; c < columns.Count; c++)
            {
                string shade = values[r][c].ToString("0.###", CultureInfo.InvariantCulture);
                table.Append($"<td style=\"--p:{shade}\"{(values[r][c] > Dark ? " class=\"dark\"" : "")}>{HtmlText.Escape(text(r, c))}</td>");
            }

            table.Append("</tr>");
        }

        return table.Append("</tbody></table></div>\n").ToString();
    }
}
