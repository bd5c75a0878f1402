using SkiaSharp;

namespace AdaShare.Native.Host.Pictures;

/// <summary>The letters of pictures: DejaVu Sans, which the program brings along, because a server has no fonts and a picture must not depend on the machine.</summary>
internal static class PictureFont
{
    private const string Resource = "Fonts.DejaVuSans-subset.ttf";

    private static readonly Lazy<SKTypeface> Letters = new(static () =>
    {
        using Stream stream = typeof(PictureFont).Assembly.GetManifestResourceStream(Resource)!;
        return SKTypeface.FromStream(stream);
    });

    /// <summary>The font in a size; dispose it.</summary>
    /// <param name="size">The size of letters in pixels.</param>
    /// <param name="isBold">Whether they are bold.</param>
    public static SKFont Of(float size, bool isBold = false) => new(Letters.Value, size) { Embolden = isBold, Edging = SKFontEdging.Antialias, Subpixel = true, Hinting = SKFontHinting.None };
}
