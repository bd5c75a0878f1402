using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Reports.Drawings;
using SkiaSharp;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Paints drawings into pixels, by Skia.</summary>
public static class DrawingPainter
{
    private const int LargestSide = 16_384;

    /// <summary>The drawing as a PNG file.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="scale">Pixels for each of the drawing's: 2 is sharp on slides.</param>
    /// <exception cref="DataException">It would be larger than any viewer takes, or the library is missing on this machine.</exception>
    public static byte[] Png(Drawing drawing, int scale)
    {
        ArgumentNullException.ThrowIfNull(drawing);
        (int width, int height) = (drawing.Width * scale, drawing.Height * scale);
        if (width > LargestSide || height > LargestSide)
        {
            throw new DataException($"the drawing would have {height}x{width} pixels, more than {LargestSide} a side; draw it as SVG");
        }

        try
        {
            using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
            using (var canvas = new SKCanvas(bitmap))
            {
                canvas.Clear(SKColors.White);
                canvas.Scale(scale);
                foreach (DrawnBox box in drawing.Boxes)
                {
                    Paint(canvas, box);
                }

                foreach (DrawnText text in drawing.Texts)
                {
                    Paint(canvas, text);
                }
            }

            return Encode(bitmap, width, height);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            throw new DataException($"the library that paints (SkiaSharp) can't be loaded on this machine ({error.Message.TrimEnd('.')}); draw it as SVG", error);
        }
    }

    private static byte[] Encode(SKBitmap bitmap, int width, int height)
    {
        ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
        var rgb = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
        {
            rgba.Slice(4 * i, 3).CopyTo(rgb.AsSpan(3 * i));
        }

        return Data.Codecs.Png.Encode(new ByteImage(width, height, 3, rgb));
    }

    private static void Paint(SKCanvas canvas, DrawnBox box)
    {
        var place = new SKRoundRect(SKRect.Create((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height), (float)box.Corner);
        using var fill = new SKPaint { Color = SKColor.Parse(box.Fill), IsAntialias = true };
        canvas.DrawRoundRect(place, fill);
        if (box.Edge is not null)
        {
            using var edge = new SKPaint { Color = SKColor.Parse(box.Edge), IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
            canvas.DrawRoundRect(place, edge);
        }
    }

    private static void Paint(SKCanvas canvas, DrawnText text)
    {
        using SKFont font = PictureFont.Of(text.Size, text.IsBold);
        using var paint = new SKPaint { Color = SKColor.Parse(text.Colour), IsAntialias = true };
        SKTextAlign held = text.Held switch { TextHold.Middle => SKTextAlign.Center, TextHold.End => SKTextAlign.Right, _ => SKTextAlign.Left };
        canvas.DrawText(text.Text, (float)text.X, (float)text.Y, held, font, paint);
    }
}
