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
}
