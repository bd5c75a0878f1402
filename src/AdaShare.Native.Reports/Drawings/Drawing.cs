namespace AdaShare.Native.Reports.Drawings;

/// <summary>A drawing of boxes and lines of text, in pixels from the upper left corner, on white. It is laid out once and written as SVG or painted.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Boxes">The boxes, which texts lie upon.</param>
/// <param name="Texts">The texts.</param>
public sealed record Drawing(string Title, int Width, int Height, IReadOnlyList<DrawnBox> Boxes, IReadOnlyList<DrawnText> Texts);

/// <summary>A box with rounded corners.</summary>
/// <param name="X">Its left edge.</param>
/// <param name="Y">Its upper edge.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Corner">The radius of its corners.</param>
/// <param name="Fill">Its colour, <c>#rrggbb</c>.</param>
/// <param name="Edge">The colour of its edge; null for none.</param>
/// <param name="Says">What it means, for a pointer that rests on it.</param>
public sealed record DrawnBox(double X, double Y, double Width, double Height, double Corner, string Fill, string? Edge, string Says);

/// <summary>A line of text.</summary>
/// <param name="X">Where it is held, see <paramref name="Held"/>.</param>
/// <param name="Y">Its base line.</param>
/// <param name="Text">The text.</param>
/// <param name="Size">The size of its letters.</param>
/// <param name="IsBold">Whether they are bold.</param>
/// <param name="Colour">Their colour, <c>#rrggbb</c>.</param>
/// <param name="Held">Which part of the line lies at <paramref name="X"/>.</param>
public sealed record DrawnText(double X, double Y, string Text, int Size, bool IsBold, string Colour, TextHold Held);

/// <summary>Which part of a line of text is held in place.</summary>
public enum TextHold
{
    /// <summary>Its beginning.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Middle,

    /// <summary>Its end.</summary>
    End,
}
