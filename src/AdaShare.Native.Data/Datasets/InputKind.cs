namespace AdaShare.Native.Data.Datasets;

/// <summary>What a network reads.</summary>
public enum InputKind
{
    /// <summary>Pictures: <see cref="BgrImage"/>.</summary>
    Image,

    /// <summary>Texts, a character after the other: <see cref="CharacterText"/>.</summary>
    Text,
}
