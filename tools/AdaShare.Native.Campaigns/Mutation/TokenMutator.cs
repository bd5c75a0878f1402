using System.Text;
using System.Text.RegularExpressions;

namespace AdaShare.Native.Campaigns.Mutation;

/// <summary>Changes JSON and YAML by words: numbers, texts, brackets and keys are swapped, repeated, dropped, taken from another input or replaced by ones that parsers stumble on.</summary>
public sealed partial class TokenMutator : IMutator
{
    private static readonly string[] Stumbling =
    [
        "null", "true", "false", "~", "", "0", "-0", "-1", "1.5", "1e999", "-1e999", "NaN", "\"NaN\"", "\"Infinity\"", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "99", "010", "0x10", "1_000", "12:30", "[]", "{}", "[null]", "[[]]", "{\"a\":null}", "{\"a\":{\"b\":null}}", "\"\"", "\"\\ud800\"", "\"\\u0000\"",
        "\"../x\"", "\"/dev/zero\"", "&a", "*a", "&a [*a]", "!!int", "!!python/object", "---\n", "...\n", " # ", "|\n", ">\n", "? ", "- ", ": ", ",", "\n", "\t", "\u0000", "'", "\"", "%YAML 9\n", "<<: ",
        "\u00e2\u0080\u00a8", "\u00ef\u00bb\u00bf", "\u00ff", "\u00ed\u00a0\u0080",
    ];

    /// <inheritdoc/>
    public byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(random);
        List<string> tokens = Split(input);
        if (tokens.Count == 0)
        {
            return Encoding.Latin1.GetBytes(Stumbling[random.Next(Stumbling.Length)]);
        }

        int at = Place(random, tokens);
        switch (random.Next(9))
        {
            case 0:
                int with = Place(random, tokens);
                (tokens[at], tokens[with]) = (tokens[with], tokens[at]);
                break;
            case 1:
                // Up to a place like this one, so that brackets and commas mostly still fit.
                tokens.RemoveRange(at, Ahead(random, tokens, at) - at);
                break;
            case 2:
                tokens.InsertRange(at, tokens.GetRange(at, Ahead(random, tokens, at) - at));
                break;
            case 3:
                tokens.Insert(at, Stumbling[random.Next(Stumbling.Length)]);
                break;
            case 4:
                Renumber(random, tokens);
                break;
            case 5:
                List<string> others = Split(other);
                tokens[at] = others.Count == 0 ? "" : others[Place(random, others)];
                break;
            case 6 when random.Next(8) == 0:
                tokens[at] = Long(random);
                break;
            default:
                tokens[at] = Stumbling[random.Next(Stumbling.Length)];
                break;
        }

        // Latin-1 in both directions leaves every byte as it is, whatever the input's encoding.
        return Encoding.Latin1.GetBytes(string.Concat(tokens));
    }

    /// <summary>A token to change: mostly a text, a number or a word, as changes between them nearly all end at the first check.</summary>
    private static int Place(Random random, List<string> tokens)
    {
        int at = random.Next(tokens.Count);
        for (int tries = random.Next(4) == 0 ? 0 : 16; tries > 0 && !IsValue(tokens[at]); tries--)
        {
            at = random.Next(tokens.Count);
        }

        return at;
    }

    /// <summary>The next place, one to three on, of a token equal in kind to that at a place; mostly one more than the place otherwise.</summary>
    private static int Ahead(Random random, List<string> tokens, int at)
    {
        int end = at;
        for (int left = 1 + random.Next(3); left > 0; left--)
        {
            int next = tokens.FindIndex(end + 1, token => IsValue(token) == IsValue(tokens[at]));
            end = next < 0 ? end : next;
        }

        return end == at ? at + 1 : end;
    }

    private static bool IsValue(string token) => token.Length > 1 ? token[0] != ' ' : char.IsAsciiLetterOrDigit(token[0]);

    private static List<string> Split(byte[] input) => [.. Token().Matches(Encoding.Latin1.GetString(input)).Select(static match => match.Value)];

    /// <summary>Changes one of the numbers, where there is one.</summary>
    private static void Renumber(Random random, List<string> tokens)
    {
        int[] numbers = [.. Enumerable.Range(0, tokens.Count).Where(i => char.IsAsciiDigit(tokens[i][^1]))];
        if (numbers.Length > 0)
        {
            int at = numbers[random.Next(numbers.Length)];
            tokens[at] = random.Next(5) switch
            {
                0 => "-" + tokens[at],
                1 => tokens[at] + random.Next(10),
                2 => random.Next(-3, 300).ToString(),
                3 => tokens[at] + ".5",
                _ => tokens[at] + "e" + random.Next(-400, 400),
            };
        }
    }

    /// <summary>What is long rather than odd: digits, a text, or brackets in brackets.</summary>
    private static string Long(Random random)
    {
        int length = 1 << random.Next(4, 15);
        return random.Next(4) switch
        {
            0 => new string('9', length),
            1 => $"\"{new string('x', length)}\"",
            2 => new string('[', length),
            _ => string.Concat(Enumerable.Repeat("{\"a\":", length / 8)),
        };
    }

    [GeneratedRegex("""\"(?:[^\"\\]|\\.)*\"|[A-Za-z_][A-Za-z0-9_]*|[-+]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?|[ ]+|.""", RegexOptions.Singleline)]
    private static partial Regex Token();
}
