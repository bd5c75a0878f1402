namespace AdaShare.Native.Studies.Specification;

/// <summary>A setting <c>key=value</c>.</summary>
/// <param name="Key">The dotted path, without spaces around it.</param>
/// <param name="Value">The text behind the equals sign, without spaces around it.</param>
internal sealed record Assignment(string Key, string Value)
{
    /// <summary>Parses a setting that <see cref="IsOne"/> accepts.</summary>
    public static Assignment Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return new(text[..equals].Trim(), text[(equals + 1)..].Trim());
    }

    /// <summary>Whether a text is a setting: something before an equals sign.</summary>
    public static bool IsOne(string text) => text.IndexOf('=', StringComparison.Ordinal) is var equals and > 0 && text[..equals].Trim().Length > 0;
}
