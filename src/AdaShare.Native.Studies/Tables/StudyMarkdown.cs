using System.Text;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Studies.Analysis;

namespace AdaShare.Native.Studies.Tables;

/// <summary>Writes a study as <c>study.md</c>, in GitHub's tables.</summary>
public static class StudyMarkdown
{
    /// <summary>The file's name within the study's folder.</summary>
    public const string FileName = "study.md";

    /// <summary>Writes the file; one that is there is replaced whole.</summary>
    public static void Write(string path, Study study)
    {
        byte[] text = Encoding.UTF8.GetBytes(Text(study));
        AtomicFile.Write(path, stream => stream.Write(text));
    }

    /// <summary>The whole file.</summary>
    public static string Text(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        var text = new StringBuilder();
        text.Append("# ").Append(Plain(study.Data.Name)).Append("\n\n");
        Append(text, StudyTables.Main(study));
        text.Append('\n');
        foreach (string note in StudyNotes.Of(study))
        {
            text.Append("- ").Append(Plain(note)).Append('\n');
        }

        foreach (StudyTable? table in (StudyTable?[])[StudyTables.Budgets(study), StudyTables.Comparisons(study), StudyTables.Policies(study), StudyTables.Grids(study)])
        {
            if (table is { Rows.Count: > 0 })
            {
                text.Append("\n## ").Append(table.Title).Append("\n\n");
                Append(text, table);
            }
        }

        return text.ToString();
    }

    /// <summary>One table.</summary>
    public static string Text(StudyTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var text = new StringBuilder();
        Append(text, table);
        return text.ToString();
    }

    private static void Append(StringBuilder text, StudyTable table)
    {
        Line(text, table.Columns.Select(static column => column.Title));
        text.Append('|').Append(string.Concat(table.Columns.Select(static column => column.IsNumber ? "---:|" : "---|"))).Append('\n');
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            Line(text, row);
        }
    }

    private static void Line(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(Plain)).Append(" |\n");

    // Names and messages are users': what Markdown would take for its own is escaped.
    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (char c in text.ReplaceLineEndings(" "))
        {
            if (c is '|' or '*' or '`' or '<' or '\\')
            {
                plain.Append('\\');
            }

            plain.Append(c);
        }

        return plain.ToString();
    }
}
