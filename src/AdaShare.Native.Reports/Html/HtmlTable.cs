using System.Text;

namespace AdaShare.Native.Reports.Html;

/// <summary>A table of a page.</summary>
/// <param name="caption">What it is of; empty for none.</param>
/// <param name="columns">Its headings; those of figures stand to the right.</param>
public sealed class HtmlTable(string caption, params IReadOnlyList<(string Title, bool IsNumber)> columns)
{
    private readonly StringBuilder _rows = new();

    /// <summary>Adds a row.</summary>
    /// <param name="cells">A cell for each column.</param>
    public void Add(params IReadOnlyList<HtmlCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        _rows.Append("<tr>");
        for (int i = 0; i < cells.Count; i++)
        {
            string tag = i == 0 ? "th scope=\"row\"" : "td";
            string kinds = string.Join(' ', ((string?[])[i < columns.Count && columns[i].IsNumber ? "n" : null, cells[i].Mark]).OfType<string>());
            _rows.Append('<').Append(tag).Append(kinds.Length > 0 ? $" class=\"{kinds}\"" : "").Append('>').Append(HtmlText.Escape(cells[i].Text)).Append(i == 0 ? "</th>" : "</td>");
        }

        _rows.Append("</tr>\n");
    }

    /// <summary>The table; on a narrow screen it is moved sideways by itself.</summary>
    public override string ToString()
    {
        string head = string.Concat(columns.Select(static column => $"<th scope=\"col\"{(column.IsNumber ? " class=\"n\"" : "")}>{HtmlText.Escape(column.Title)}</th>"));
        string title = caption.Length > 0 ? $"<caption>{HtmlText.Escape(caption)}</caption>" : "";
        return $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{HtmlText.Escape(caption.Length > 0 ? caption : "table")}\"><table>{title}<thead><tr>{head}</tr></thead><tbody>\n{_rows}</tbody></table></div>\n";
    }
}

/// <summary>A cell of a table.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Mark"><c>best</c>, <c>worse</c>, or null.</param>
public readonly record struct HtmlCell(string Text, string? Mark = null)
{
    /// <summary>A cell without a mark.</summary>
    public static implicit operator HtmlCell(string text) => new(text);
}
