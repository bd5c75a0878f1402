namespace AdaShare.Native.Data.Datasets;

/// <summary>What a network reads.</summary>
public enum InputKind
{
    /// <summary>Pictures: <see cref="BgrImage"/>.</summary>
    Image,

    /// <summary>Texts, a character after the other: <see cref="CharacterText"/>.</summary>
    Text,
}

/// <summary>Words for <see cref="InputKind"/>.</summary>
public static class InputKinds
{
    /// <summary>Several of them, in messages.</summary>
    public static string Plural(this InputKind kind) => kind == InputKind.Text ? "texts" : "images";

    /// <summary>One of some size, in messages: <c>image of 64x48</c>, <c>text of 256 characters</c>. No image that a network reads has one row.</summary>
    /// <param name="height">Rows; 1 of a text.</param>
    /// <param name="width">Columns; of a text its characters.</param>
    /// <param name="by">What stands between the sides of an image.</param>
    public static string Sized(int height, int width, string by = "x") => height == 1 ? $"text of {width} characters" : $"image of {height}{by}{width}";
}
