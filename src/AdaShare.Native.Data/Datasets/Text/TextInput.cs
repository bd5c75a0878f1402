using System.Text.Unicode;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>A text that stands alone in a file.</summary>
public static class TextInput
{
    /// <summary>Reads a text for a network: all of the file, line ends included, but for those at its end.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="length">Characters to which it is cut or padded.</param>
    /// <exception cref="DataException">The file is missing, empty or no UTF-8.</exception>
    public static CharacterText Read(string path, int length)
    {
        ReadOnlySpan<byte> bytes = CodecFile.Read(path);
        ReadOnlySpan<byte> text = (bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes).TrimEnd("\r\n"u8);
        return text.IsEmpty ? throw new DataException($"{path}: is empty; expected a text")
            : Utf8.IsValid(text) ? TextAlphabet.Encode(text, length)
            : throw new DataException($"{path}: is not UTF-8; save the text as UTF-8");
    }
}
