using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Reports.Html;

/// <summary>Pictures that lie in a page.</summary>
public static class HtmlImage
{
    /// <summary>The most columns of a picture; a page with dozens must stay small.</summary>
    public const int MostColumns = 240;

    /// <summary>A picture as an element, made smaller where it is wide.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="alt">What it shows, for those who don't see it.</param>
    /// <param name="mostColumns">The most columns.</param>
    public static string Of(Picture picture, string alt, int mostColumns = MostColumns)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Picture small = picture.Width > mostColumns ? picture.Resize(Math.Max(1, picture.Height * mostColumns / picture.Width), mostColumns) : picture;
        string bytes = Convert.ToBase64String(Png.Encode(new ByteImage(small.Width, small.Height, 3, small.Pixels)));
        return $"<img alt=\"{HtmlText.Escape(alt)}\" width=\"{small.Width}\" height=\"{small.Height}\" src=\"data:image/png;base64,{bytes}\"/>";
    }
}
