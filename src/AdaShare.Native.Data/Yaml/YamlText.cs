using System.Globalization;
using System.Text;
using AdaShare.Native.Engine.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Data.Yaml;

/// <summary>Text to YAML nodes. Whoever wrote the text, time, memory and stack are bounded: what is not plain YAML of a configuration's size is refused in one sentence.</summary>
public static class YamlText
{
    /// <summary>The bytes that a configuration may have; the largest preset has two thousand.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxShown = 80;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file.</summary>
    /// <exception cref="ConfigurationException">The file is too large, or neither UTF-8 nor UTF-16 with a byte order mark.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static string ReadFile(string path)
    {
        byte[] bytes = new byte[MaxBytes + 1];
        int count;
        using (FileStream file = File.OpenRead(path))
        {
            count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }

        if (count > MaxBytes)
        {
            throw TooLarge(path);
        }

        (Encoding encoding, int mark) = (bytes[0], bytes[1], bytes[2]) switch
        {
            (0xEF, 0xBB, 0xBF) when count >= 3 => ((Encoding)Utf8, 3),
            (0xFF, 0xFE, _) when count >= 2 => (new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true), 2),
            (0xFE, 0xFF, _) when count >= 2 => (new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true), 2),
            _ => (Utf8, 0),
        };
        try
        {
            return encoding.GetString(bytes, mark, count - mark);
        }
        catch (DecoderFallbackException e)
        {
            string faults = string.Join(" ", (e.BytesUnknown ?? []).Select(value => $"0x{value:X2}"));
            throw new ConfigurationException($"{path}: byte {mark + e.Index} ({faults}) is not {(encoding == Utf8 ? "UTF-8" : "UTF-16")}; save the file as UTF-8");
        }
    }

    /// <summary>The node of a whole text, null where it has none.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What messages name before line and column.</param>
    /// <exception cref="ConfigurationException">The text is not YAML, or uses what a configuration has no need of.</exception>
    public static YamlNode? Parse(string text, string source) =>
        Parse(text, mark => $"{source}, line {Math.Max(1, mark.Line)}, column {Math.Max(1, mark.Column)}: ", refuseComments: false, source);

    /// <summary>The node of a value on the command line: a list, section or quoted text in YAML's brackets or quotes, else the text as it stands.</summary>
    /// <param name="text">What stands behind the equals sign. A <c>#</c> in it begins no remark.</param>
    /// <param name="source">What messages name.</param>
    /// <exception cref="ConfigurationException">What stands in brackets or quotes is not YAML.</exception>
    public static YamlNode ParseValue(string text, string source)
    {
        string value = text.Trim(' ', '\t');
        if (value.Length == 0 || value[0] is not ('[' or '{' or '"' or '\''))
        {
            int half = LoneSurrogate(value);
            return half < 0
                ? new YamlScalarNode(value) { Style = ScalarStyle.Plain }
                : throw new ConfigurationException($"{source}: {Name(value[half])} is half of a character; give it whole or leave it out");
        }

        return Parse(value, _ => $"{source}: ", refuseComments: true, source)!;
    }

    /// <summary>Whether a character may stand in a file as itself: YAML has no place for control characters, and its versions differ on the rarer line ends.</summary>
    public static bool MayStandAsItself(char c) =>
        c is '\t' or '\n' or '\r' || !(char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF');

    /// <summary>The index of the first half of a surrogate pair that stands alone, or -1.</summary>
    public static int LoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A text in one line of a message: not longer than one reads, and with what is no visible character written as its number.</summary>
    public static string Shorten(string text)
    {
        var shown = new StringBuilder();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxShown)))
        {
            if (char.IsControl(c) || !MayStandAsItself(c))
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                shown.Append(c);
            }
        }

        return text.Length <= MaxShown ? shown.ToString() : shown.Append(CultureInfo.InvariantCulture, $"... ({text.Length:N0} characters)").ToString();
    }

    /// <summary>The sentence about a text beyond <see cref="MaxBytes"/>.</summary>
    public static ConfigurationException TooLarge(string source) =>
        new($"{source}: this has more than {MaxBytes.ToString("N0", CultureInfo.InvariantCulture)} bytes; expected a configuration, which has a few thousand");

    private static YamlNode? Parse(string text, Func<Mark, string> where, bool refuseComments, string source)
    {
        if (text.Length > MaxBytes)
        {
            throw TooLarge(source);
        }

        CheckCharacters(text, where);
        var scanner = new Scanner(new StringReader(text), skipComments: !refuseComments);
        var stream = new YamlStream();
        try
        {
            stream.Load(new YamlGuard(new Parser(scanner), where));
        }
        catch (YamlException e)
        {
            string reason = (e.InnerException?.Message ?? e.Message).ReplaceLineEndings(" ").TrimEnd('.');
            throw new ConfigurationException($"{where(e.Start)}this is not YAML: {reason}");
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            // The library throws what its own calls throw where it has not thought of a text, in words that say nothing to the reader of a configuration.
            throw new ConfigurationException($"{where(scanner.CurrentPosition)}this is not YAML that can be read; check the quotes, brackets, indentation and \\u escapes around this place");
        }

        return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
    }

    private static void CheckCharacters(string text, Func<Mark, string> where)
    {
        int half = LoneSurrogate(text);
        (int line, int start) = (1, 0);
        for (int i = 0; i < text.Length; i++)
        {
            bool isMark = i == 0 && text[i] == '\uFEFF';
            if (i == half || !(MayStandAsItself(text[i]) || isMark))
            {
                string advice = i == half ? "is half of a character; write it whole or leave it out" : $"may not stand here as itself; leave it out, or write \"\\u{(int)text[i]:x4}\" in double quotes";
                throw new ConfigurationException($"{where(new Mark(i, line, i - start + 1))}the character {Name(text[i])} {advice}");
            }

            if (text[i] == '\n' || (text[i] == '\r' && !(i + 1 < text.Length && text[i + 1] == '\n')))
            {
                (line, start) = (line + 1, i + 1);
            }
        }
    }

    private static string Name(char c) => $"U+{(int)c:X4}";
}
