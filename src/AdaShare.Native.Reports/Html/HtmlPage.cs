using System.Reflection;
using System.Text;
using System.Text.Json;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Reports.Html;

/// <summary>
/// A page in one file: its style, its script and its pictures lie in it, nothing is fetched. It follows the reader's choice of light or dark, works by keyboard, and prints.
/// </summary>
/// <remarks>The markup is well-formed XML, so that programs can read the page too.</remarks>
public sealed class HtmlPage
{
    // What tells a report from any other file.
    private const string Generator = "<meta name=\"generator\" content=\"AdaShare.Native\"/>";
    private const int HeadLength = 400;

    private readonly StringBuilder _body = new();
    private readonly List<(string Id, string Title)> _sections = [];
    private readonly string _title;
    private readonly string _subtitle;

    /// <summary>Begins a page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="subtitle">What it is of, in a line.</param>
    public HtmlPage(string title, string subtitle) => (_title, _subtitle) = (title, subtitle);

    /// <summary>Adds a section with an entry in the table of contents.</summary>
    /// <param name="id">Its name in links.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="content">Markup; a section without any is left out.</param>
    public void Add(string id, string title, string content)
    {
        if (content.Length > 0)
        {
            _sections.Add((id, title));
            _body.Append($"<section id=\"{id}\"><h2>{HtmlText.Escape(title)}</h2>\n{content}</section>\n");
        }
    }

    /// <summary>The whole page.</summary>
    public override string ToString()
    {
        string links = string.Concat(_sections.Select(static section => $"<a href=\"#{section.Id}\">{HtmlText.Escape(section.Title)}</a> "));
        return $"""
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            {Generator}
            <meta name="color-scheme" content="light dark"/>
            <title>{HtmlText.Escape(_title)}</title>
            <style>
            {Asset("report.css")}
            </style>
            </head>
            <body>
            <header><h1>{HtmlText.Escape(_title)}</h1><p>{HtmlText.Escape(_subtitle)}</p><nav aria-label="sections">{links}</nav></header>
            <main>
            {_body}</main>
            <script>
            //<![CDATA[
            {Asset("report.js")}
            //]]>
            </script>
            </body>
            </html>

            """;
    }

    /// <summary>Writes the page; a report that is there is replaced whole, any other file never.</summary>
    /// <exception cref="DataException">There is a file that is no report, or the file can't be written.</exception>
    public void Write(string path)
    {
        RequireFree(path);
        byte[] text = Encoding.UTF8.GetBytes(ToString());
        AtomicFile.Write(path, stream => stream.Write(text));
    }

    /// <summary>A paragraph.</summary>
    public static string Paragraph(string text, string? mark = null) => $"<p{(mark is null ? "" : $" class=\"{mark}\"")}>{HtmlText.Escape(text)}</p>\n";

    /// <summary>Content that is folded until it is asked for.</summary>
    public static string Folded(string title, string content) => content.Length == 0 ? "" : $"<details><summary>{HtmlText.Escape(title)}</summary>\n{content}</details>\n";

    /// <summary>Data for the page's script.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="value">The data.</param>
    /// <param name="type">How they are written.</param>
    public static string Data<T>(string id, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        // The default encoder writes <, > and & as escapes, so that data can't end the element.
        string json = JsonSerializer.Serialize(value, type);
        return $"<script type=\"application/json\" id=\"{id}\">{json}</script>\n";
    }

    /// <summary>Refuses a place where a file lies that is no report.</summary>
    /// <exception cref="DataException">There is one.</exception>
    public static void RequireFree(string path)
    {
        if (Directory.Exists(path))
        {
            throw new DataException($"{path}: is a folder; give the name of a file, for example {Path.Combine(path, "report.html")}");
        }

        if (!File.Exists(path))
        {
            return;
        }

        var head = new char[HeadLength];
        using var reader = new StreamReader(RegularFile.Open(path));
        if (!new string(head, 0, reader.ReadBlock(head)).Contains(Generator, StringComparison.Ordinal))
        {
            throw new DataException($"{path}: is there already and is no report, so it is not replaced; choose another --out, or move it away");
        }
    }

    private static string Asset(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Assets.{name}") ?? throw new InvalidOperationException($"the program lacks its resource {name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
