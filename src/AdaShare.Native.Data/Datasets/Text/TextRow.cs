using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>Reads single rows: the number of a class from 1 on, then columns of text, in which <c>""</c> is a quote and the two characters <c>\n</c> the end of a line.</summary>
internal static class TextRow
{
    private const int MostBytesOfCharacter = 4;

    /// <summary>What is wrong with a row, as the end of a sentence about it; null where nothing is.</summary>
    /// <param name="row">The row.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="columns">The columns of text that it must have; 0 for any number from 1 on.</param>
    /// <param name="found">The columns of text that it has.</param>
    public static string? Fault(ReadOnlySpan<byte> row, int classes, int columns, out int found)
    {
        found = 0;
        var fields = new CsvFields(row);
        if (fields.Next() && Class(fields.Current, classes) < 0)
        {
            return $"has the class '{Shown.Of(Encoding.UTF8.GetString(fields.Current))}'; expected a whole number from 1 to {classes}, the number of lines of {TextFolder.ClassesName}";
        }

        while (fields.Next())
        {
            found++;
        }

        return fields.Fault is { } fault ? fault
            : found == 0 ? "has no column of text behind its class; expected one at least"
            : columns > 0 && found != columns ? string.Create(CultureInfo.InvariantCulture, $"has {found} {(found == 1 ? "column" : "columns")} of text; the first row has {columns}")
            : Utf8.IsValid(row) ? null : "is not UTF-8; save the file as UTF-8";
    }

    /// <summary>The class and the text of a row of which <see cref="Fault"/> finds none.</summary>
    /// <param name="row">The row.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="length">Characters of the text: columns with a blank between them, cut or padded.</param>
    /// <returns>The class from 0 on, and the text.</returns>
    public static (int Class, CharacterText Text) Read(ReadOnlySpan<byte> row, int classes, int length)
    {
        // What can't be among the first characters is not looked at: a text may be far longer than what is read of it.
        int most = (int)Math.Min(row.Length, (long)MostBytesOfCharacter * length);
        byte[] scratch = ArrayPool<byte>.Shared.Rent(Math.Max(1, most));
        try
        {
            var fields = new CsvFields(row);
            _ = fields.Next();
            int number = Class(fields.Current, classes), used = 0;
            for (bool isFirst = true; used < most && fields.Next(); isFirst = false)
            {
                if (!isFirst)
                {
                    scratch[used++] = (byte)' ';
                }

                used += Unescape(fields.Current, fields.IsQuoted, scratch.AsSpan(used, most - used));
            }

            return (number, TextAlphabet.Encode(scratch.AsSpan(0, used), length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>Writes a field as the text that it stands for, as far as there is room.</summary>
    /// <returns>The bytes written.</returns>
    private static int Unescape(ReadOnlySpan<byte> field, bool isQuoted, Span<byte> target)
    {
        int used = 0;
        for (int i = 0; i < field.Length && used < target.Length; i++)
        {
            byte b = field[i];
            bool isPair = i + 1 < field.Length;
            if (isPair && isQuoted && b == '"')
            {
                i++;
            }
            else if (isPair && b == '\\' && field[i + 1] == 'n')
            {
                b = (byte)'\n';
                i++;
            }

            target[used++] = b;
        }

        return used;
    }

    /// <summary>The class from 0 on; below 0 where a field is no number of one.</summary>
    private static int Class(ReadOnlySpan<byte> field, int classes) =>
        field.Length > 0 && field.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && Utf8Parser.TryParse(field, out int number, out int read) && read == field.Length && number >= 1 && number <= classes
            ? number - 1 : -1;
}
