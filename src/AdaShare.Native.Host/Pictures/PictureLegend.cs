using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Pictures;
using SkiaSharp;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Pictures in a row with their legends below, each as wide as its picture: names wrap where they must.</summary>
internal static class PictureLegend
{
    /// <summary>The least width of a picture in a row, so that words fit below it; smaller ones are enlarged by a whole factor.</summary>
    public const int LeastWidth = 160;

    private const int Gap = 4, Margin = 6, Size = 12, Line = 17, Swatch = 10, BarHeight = 10;
    private static readonly SKColor Ink = new(0x1b, 0x1f, 0x24), Edge = new(0x8c, 0x95, 0x9f);

    /// <summary>The row.</summary>
    /// <param name="pictures">At least one, all shown at the first one's size.</param>
    /// <param name="columns">A legend for each.</param>
    /// <exception cref="DataException">The library that paints is missing on this machine.</exception>
    public static Picture Row(IReadOnlyList<Picture> pictures, IReadOnlyList<LegendColumn> columns)
    {
        int factor = (LeastWidth + pictures[0].Width - 1) / pictures[0].Width, width = pictures[0].Width * factor, height = pictures[0].Height * factor;
        Picture row = Picture.Row([.. pictures.Select(picture => picture.Resize(height, width))], Gap, Colour.Grey(1));
        try
        {
            int below = columns.Max(column => Paint(null, column, 0, width));
            var all = new Picture(row.Height + below, row.Width);
            row.Pixels.CopyTo(all.Pixels, 0);
            using var bitmap = new SKBitmap(new SKImageInfo(row.Width, below, SKColorType.Rgba8888, SKAlphaType.Opaque));
            using (var canvas = new SKCanvas(bitmap))
            {
                canvas.Clear(SKColors.White);
                for (int i = 0; i < columns.Count; i++)
                {
                    Paint(canvas, columns[i], i * (width + Gap), width);
                }
            }

            ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
            for (int i = 0, at = row.Pixels.Length; i < rgba.Length; i += 4, at += 3)
            {
                rgba.Slice(i, 3).CopyTo(all.Pixels.AsSpan(at));
            }

            return all;
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            throw new DataException($"the library that paints letters (SkiaSharp) can't be loaded on this machine ({error.Message.TrimEnd('.')})", error);
        }
    }

    /// <summary>Rows below one another, from the left, on white.</summary>
    /// <param name="rows">At least one.</param>
    public static Picture Stack(IReadOnlyList<Picture> rows)
    {
        int width = rows.Max(static row => row.Width);
        var all = new Picture(rows.Sum(static row => row.Height), width);
        all.Pixels.AsSpan().Fill(byte.MaxValue);
        int top = 0;
        foreach (Picture row in rows)
        {
            for (int y = 0; y < row.Height; y++)
            {
                row.Pixels.AsSpan(y * row.Width * 3, row.Width * 3).CopyTo(all.Pixels.AsSpan((top + y) * width * 3));
            }

            top += row.Height;
        }

        return all;
    }

    /// <summary>Paints a column, or only measures it where there is no canvas.</summary>
    /// <returns>How high it is.</returns>
    private static int Paint(SKCanvas? canvas, LegendColumn column, int left, int width)
    {
        using SKFont font = PictureFont.Of(Size), bold = PictureFont.Of(Size, isBold: true);
        using var ink = new SKPaint { Color = Ink, IsAntialias = true };
        int y = Margin + Size;
        canvas?.DrawText(column.Title, left + Margin, y, SKTextAlign.Left, bold, ink);
        y += Line;
        float x = left + Margin;
        foreach ((string name, Colour colour) in column.Classes)
        {
            float length = Swatch + Margin + font.MeasureText(name) + Margin;
            if (x > left + Margin && x + length > left + width)
            {
                (x, y) = (left + Margin, y + Line);
            }

            PaintClass(canvas, name, colour, x, y, font, ink);
            x += length;
        }

        y += column.Classes.Count > 0 ? Line : 0;
        if (column.Bar is { } bar)
        {
            PaintBar(canvas, bar, left + Margin, y - Size, width - (2 * Margin), font, ink);
            y += 2 * Line;
        }

        foreach (string line in Wrap(column.Note, width - (2 * Margin), font))
        {
            canvas?.DrawText(line, left + Margin, y, SKTextAlign.Left, font, ink);
            y += Line;
        }

        return y - Size + Margin;
    }

    private static void PaintClass(SKCanvas? canvas, string name, Colour colour, float x, int y, SKFont font, SKPaint ink)
    {
        using var fill = new SKPaint { Color = new SKColor(colour.R, colour.G, colour.B) };
        canvas?.DrawRect(x, y - Swatch, Swatch, Swatch, fill);
        canvas?.DrawText(name, x + Swatch + Margin, y, SKTextAlign.Left, font, ink);
    }

    private static void PaintBar(SKCanvas? canvas, LegendBar bar, int left, int top, int width, SKFont font, SKPaint ink)
    {
        if (canvas is null)
        {
            return;
        }

        for (int i = 0; i < width; i++)
        {
            Colour colour = bar.Colour(width > 1 ? (double)i / (width - 1) : 0);
            using var fill = new SKPaint { Color = new SKColor(colour.R, colour.G, colour.B) };
            canvas.DrawRect(left + i, top, 1, BarHeight, fill);
        }

        using var edge = new SKPaint { Color = Edge, Style = SKPaintStyle.Stroke };
        canvas.DrawRect(left - 0.5f, top - 0.5f, width, BarHeight, edge);
        canvas.DrawText(bar.Low, left, top + BarHeight + Line - 2, SKTextAlign.Left, font, ink);
        canvas.DrawText(bar.High, left + width, top + BarHeight + Line - 2, SKTextAlign.Right, font, ink);
    }

    private static IEnumerable<string> Wrap(string text, float width, SKFont font)
    {
        string line = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && font.MeasureText(longer) > width)
            {
                yield return line;
                longer = word;
            }

            line = longer;
        }

        if (line.Length > 0)
        {
            yield return line;
        }
    }
}
