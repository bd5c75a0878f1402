using System.Xml;
using System.Xml.Linq;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.Tests;

/// <summary>A page, read by an XML reader.</summary>
internal static class Markup
{
    private static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";

    public static XDocument Read(HtmlPage page)
    {
        using var reader = XmlReader.Create(new StringReader(page.ToString()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        return XDocument.Load(reader);
    }

    public static IEnumerable<XElement> All(this XContainer page, string name) => page.Descendants(Html + name);

    public static XElement Section(this XContainer page, string id) => page.All("section").Single(section => (string?)section.Attribute("id") == id);

    /// <summary>The cells of a section's table whose caption begins with a text, row by row.</summary>
    public static string[][] Table(this XContainer section, string caption) =>
        [.. section.All("table").Single(table => table.Element(Html + "caption")?.Value.StartsWith(caption, StringComparison.Ordinal) == true)
            .All("tr").Select(static row => row.Elements().Select(static cell => cell.Value).ToArray())];
}
