using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>A CSV file (RFC 4180) with a line of names: fields between commas, those with commas, quotes or line ends in double quotes, which are doubled inside.</summary>
internal sealed class CsvTable
{
    private const int MaxBytes = 1 << 28;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private CsvTable(string path, string[] columns, List<(int Line, string[] Fields)> rows) => (Path, Columns, Rows) = (path, columns, rows);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The names in the first line.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The other lines, with their numbers.</summary>
    public IReadOnlyList<(int Line, string[] Fields)> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">It is missing, too large, no UTF-8, or a line has another number of fields than the first.</exception>
    public static CsvTable Read(string path)
    {
        byte[] bytes = CodecFile.Read(path);
        if (bytes.Length > MaxBytes)
        {
            throw new DataException($"{path}: has {bytes.Length:N0} bytes; a table may have {MaxBytes:N0}");
        }

        string text;
        try
        {
            text = Utf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException error)
        {
            throw new DataException($"{path}: is not UTF-8 at byte {error.Index}; save the table as UTF-8", error);
        }

        List<(int Line, string[] Fields)> lines = [.. Lines(text, path)];
        if (lines.Count == 0)
        {
            throw new DataException($"{path}: is empty; expected a line with the names of the columns, and a line for each image");
        }

        string[] columns = lines[0].Fields;
        (int Line, string[] Fields) odd = lines.Find(line => line.Fields.Length != columns.Length);
        if (odd.Fields is not null)
        {
            throw new DataException($"{path}, line {odd.Line}: has {odd.Fields.Length} fields; the first line has {columns.Length}: {string.Join(", ", columns.Select(Shown.Of))}");
        }

        if (columns.Distinct().Count() < columns.Length)
        {
            throw new DataException($"{path}: a column stands twice in the first line: {string.Join(", ", columns.Select(Shown.Of))}; give each a name of its own");
        }

        lines.RemoveAt(0);
        return new(path, columns, lines);
    }

    /// <summary>The number of a column.</summary>
    /// <exception cref="DataException">There is none of that name.</exception>
    public int Column(string name)
    {
        int index = Columns.ToList().IndexOf(name);
        return index >= 0 ? index : throw new DataException($"{Path}: has no column {Shown.Of(name)}; its columns are {string.Join(", ", Columns.Select(Shown.Of))}");
    }

    private static IEnumerable<(int Line, string[] Fields)> Lines(string text, string path)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        int line = 1, start = 1;
        bool quoted = false, wasQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted)
            {
                if (c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else if (c == '"')
                {
                    (quoted, wasQuoted) = (false, true);
                }
                else
                {
                    line += c == '\n' ? 1 : 0;
                    field.Append(c);
                }
            }
            else if (c == '"' && field.Length == 0 && !wasQuoted)
            {
                quoted = true;
            }
            else if (c == ',')
            {
                Close();
            }
            else if (c == '\n')
            {
                Close();
                if (fields.Count > 1 || fields[0].Length > 0)
                {
                    yield return (start, [.. fields]);
                }

                fields.Clear();
                start = ++line;
            }
            else if (c != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                field.Append(c);
            }
        }

        if (quoted)
        {
            throw new DataException($"{path}, line {start}: a quoted field is not closed; add the missing double quote");
        }

        if (field.Length > 0 || fields.Count > 0 || wasQuoted)
        {
            Close();
            yield return (start, [.. fields]);
        }

        void Close()
        {
            fields.Add(wasQuoted ? field.ToString() : field.ToString().Trim());
            field.Clear();
            wasQuoted = false;
        }
    }
}
