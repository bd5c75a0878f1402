using System.Text;

namespace AdaShare.Native.Data.Datasets;

/// <summary>The characters that networks of text know, each a number: 0 pads, 1 stands for every other character.</summary>
/// <remarks>
/// The letters, the digits and all punctuation of ASCII, which are the 68 different symbols of Zhang, Zhao and LeCun's code for <i>Character-level convolutional networks for text classification</i> (2015; its alphabet
/// names the hyphen twice), the end of a line, which their paper counts too, and what Conneau, Schwenk, Barrault and LeCun, <i>Very deep convolutional networks for text classification</i> (2017), add: the blank, padding
/// and the unknown character. 72 numbers. Capitals of ASCII are read as small letters. A character is one Unicode scalar value: one that takes several bytes is one unknown character.
/// </remarks>
public static class TextAlphabet
{
    /// <summary>What fills a text up to its length.</summary>
    public const byte Padding = 0;

    /// <summary>Every character that has no number of its own.</summary>
    public const byte Unknown = 1;

    private const int First = 2;

    private static readonly byte[] NumberOfByte = Numbers();

    /// <summary>The characters with numbers of their own, in the order of their numbers, from 2 on.</summary>
    public const string Characters = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+=<>()[]{}\n ";

    /// <summary>How many numbers there are, with those of padding and the unknown character.</summary>
    public static int Count => First + Characters.Length;

    /// <summary>A text as the numbers of its characters, cut or padded to a length.</summary>
    /// <param name="utf8">The text in UTF-8; a byte that is none counts as an unknown character.</param>
    /// <param name="length">Characters of the result, 1 or more.</param>
    public static CharacterText Encode(ReadOnlySpan<byte> utf8, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var numbers = new byte[length];
        for (int i = 0; i < length && utf8.Length > 0; i++)
        {
            _ = Rune.DecodeFromUtf8(utf8, out Rune character, out int bytes);
            numbers[i] = character.IsAscii ? NumberOfByte[character.Value] : Unknown;
            utf8 = utf8[bytes..];
        }

        return new CharacterText(numbers);
    }

    /// <summary>A text in characters again, without its padding; U+FFFD stands for each unknown one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">At most so many characters.</param>
    public static string Decode(CharacterText text, int most = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<byte> numbers = text.Characters.TrimEnd(Padding);
        var characters = new StringBuilder();
        foreach (byte number in numbers[..Math.Min(most, numbers.Length)])
        {
            characters.Append(number >= First && number < Count ? Characters[number - First] : '\uFFFD');
        }

        return characters.ToString();
    }

    private static byte[] Numbers()
    {
        var numbers = new byte[128];
        Array.Fill(numbers, Unknown);
        for (int i = 0; i < Characters.Length; i++)
        {
            numbers[Characters[i]] = (byte)(First + i);
            numbers[char.ToUpperInvariant(Characters[i])] = (byte)(First + i);
        }

        return numbers;
    }
}
