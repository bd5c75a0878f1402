namespace AdaShare.Native.Data.Codecs;

/// <summary>Text out of a file, fit for a message of one line.</summary>
internal static class Shown
{
    private const int Longest = 80;

    /// <summary>The text with a question mark for each control character, line separators among them, and cut where it is long.</summary>
    public static string Of(string text)
    {
        string cut = text.Length > Longest ? text[..Longest] + "…" : text;
        return string.Create(cut.Length, cut, static (target, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' || char.IsSurrogate(source[i]) ? '?' : source[i];
            }
        });
    }
}
