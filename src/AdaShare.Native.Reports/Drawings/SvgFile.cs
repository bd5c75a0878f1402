using System.Globalization;
using System.Text;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.Drawings;

/// <summary>Drawings as SVG 1.1, for papers, slides and pages.</summary>
public static class SvgFile
{
    private const string Family = "system-ui,'DejaVu Sans',sans-serif";

    /// <summary>The text of the file.</summary>
    public static string Of(Drawing drawing)
    {
        ArgumentNullException.ThrowIfNull(drawing);
        (int width, int height) = (drawing.Width, drawing.Height);
        var svg = new StringBuilder($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"{Family}\" role=\"img\" aria-label=\"{HtmlText.Escape(drawing.Title)}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        foreach (DrawnBox box in drawing.Boxes)
        {
            string edge = box.Edge is null ? "" : $" stroke=\"{box.Edge}\"";
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{HtmlText.Number(box.X)}\" y=\"{HtmlText.Number(box.Y)}\" width=\"{HtmlText.Number(box.Width)}\" height=\"{HtmlText.Number(box.Height)}\" rx=\"{HtmlText.Number(box.Corner)}\" fill=\"{box.Fill}\"{edge}><title>{HtmlText.Escape(box.Says)}</title></rect>\n");
        }

        foreach (DrawnText text in drawing.Texts)
        {
            string held = text.Held switch { TextHold.Middle => " text-anchor=\"middle\"", TextHold.End => " text-anchor=\"end\"", _ => "" };
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{HtmlText.Number(text.X)}\" y=\"{HtmlText.Number(text.Y)}\" font-size=\"{text.Size}\"{(text.IsBold ? " font-weight=\"600\"" : "")} fill=\"{text.Colour}\"{held}>{HtmlText.Escape(text.Text)}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }
}
