using System.Globalization;

namespace AdaShare.Native.CudaSimulation.Ptx;

internal enum PtxTokenKind
{
    Word,
    Integer,
    Text,
    Symbol,
    End,
}

/// <summary>A word of PTX: names and opcodes keep their dots and suffixes.</summary>
internal readonly record struct PtxToken(PtxTokenKind Kind, string Text, long Value, int Line)
{
    public bool Is(string symbol) => Kind == PtxTokenKind.Symbol && Text == symbol;

    public bool IsWord(string word) => Kind == PtxTokenKind.Word && Text == word;
}

/// <summary>Cuts PTX into tokens (PTX ISA, chapter 4).</summary>
internal static class PtxTokenizer
{
    public static List<PtxToken> Tokenize(string module, string text)
    {
        var tokens = new List<PtxToken>(text.Length / 4);
        int line = 1, at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (c == '\n')
            {
                line++;
                at++;
            }
            else if (char.IsWhiteSpace(c))
            {
                at++;
            }
            else if (c == '/' && Next(text, at) == '/')
            {
                at = End(text, at, "\n");
            }
            else if (c == '/' && Next(text, at) == '*')
            {
                int end = End(text, at, "*/");
                line += text.AsSpan(at, end - at).Count('\n');
                at = Math.Min(text.Length, end + 2);
            }
            else
            {
                at = Token(module, text, at, line, tokens);
            }
        }

        tokens.Add(new PtxToken(PtxTokenKind.End, "the end of the module", 0, line));
        return tokens;
    }

    private static int Token(string module, string text, int at, int line, List<PtxToken> tokens)
    {
        char c = text[at];
        int end = at + 1;
        if (c == '"')
        {
            end = text.IndexOf('"', at + 1);
            if (end < 0)
            {
                throw new PtxException(module, line, "a string does not end");
            }

            tokens.Add(new PtxToken(PtxTokenKind.Text, text[(at + 1)..end], 0, line));
            return end + 1;
        }

        if (IsWordStart(c) || (c == '.' && IsWordStart(Next(text, at))))
        {
            while (end < text.Length && (IsWordStart(text[end]) || char.IsAsciiDigit(text[end]) || text[end] == '.' || (text[end] == ':' && Next(text, end) == ':')))
            {
                end += text[end] == ':' ? 2 : 1;
            }

            tokens.Add(new PtxToken(PtxTokenKind.Word, text[at..end], 0, line));
            return end;
        }

        if (char.IsAsciiDigit(c))
        {
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || (text[end] == '.' && char.IsAsciiDigit(Next(text, end)))))
            {
                end++;
            }

            string number = text[at..end];
            tokens.Add(number.Contains('.')
                ? new PtxToken(PtxTokenKind.Text, number, 0, line)
                : new PtxToken(PtxTokenKind.Integer, number, Number(module, line, number), line));
            return end;
        }

        tokens.Add(new PtxToken(PtxTokenKind.Symbol, c.ToString(), 0, line));
        return end;
    }

    /// <summary>Reads an integer, or the bits of 0f… and 0d… numbers.</summary>
    private static long Number(string module, int line, string text)
    {
        string digits = text.EndsWith('U') ? text[..^1] : text;
        NumberStyles style = NumberStyles.None;
        if (digits.Length > 2 && digits[0] == '0' && char.IsAsciiLetter(digits[1]))
        {
            style = digits[1] is 'b' or 'B' ? NumberStyles.AllowBinarySpecifier : NumberStyles.AllowHexSpecifier;
            digits = digits[1] is 'x' or 'X' or 'b' or 'B' || (digits[1] is 'f' or 'F' && digits.Length == 10) || (digits[1] is 'd' or 'D' && digits.Length == 18) ? digits[2..] : "";
        }

        return ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out ulong value)
            ? (long)value
            : throw new PtxException(module, line, $"'{text}' is not a number that this device reads; floating-point numbers are written as 0f and 8 or 0d and 16 hexadecimal digits");
    }

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$' or '%';

    private static char Next(string text, int at) => at + 1 < text.Length ? text[at + 1] : '\0';

    private static int End(string text, int at, string mark)
    {
        int end = text.IndexOf(mark, at, StringComparison.Ordinal);
        return end < 0 ? text.Length : end;
    }
}
