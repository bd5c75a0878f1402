using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The header of a .npy file: a Python dictionary of three entries.</summary>
/// <param name="Type">The numbers.</param>
/// <param name="FortranOrder">True where the first index runs fastest.</param>
/// <param name="Shape">The size of each dimension.</param>
/// <param name="DataStart">The first byte of the numbers.</param>
internal sealed record NumpyHeader(NumpyType Type, bool FortranOrder, int[] Shape, int DataStart)
{
    /// <summary>The file's first six bytes.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <exception cref="DataException">The file is not a .npy file, is cut off in its header, or holds what is not read.</exception>
    public static NumpyHeader Parse(ReadOnlySpan<byte> file, string name)
    {
        (int start, int length, bool utf8) = Locate(file, name);
        string text = (utf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(file.Slice(start, length));
        var scanner = new Scanner(text, name);
        (string descr, bool fortran, string[] sizes) = scanner.Dictionary();
        var shape = new int[sizes.Length];
        long count = 1;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (!int.TryParse(sizes[axis], NumberStyles.None, CultureInfo.InvariantCulture, out shape[axis]) || (count *= shape[axis]) > Array.MaxLength)
            {
                throw new DataException($"{name}: .npy of shape ({string.Join(", ", sizes)}); expected sizes of 0 or more and fewer than 2^31 numbers; save a smaller array");
            }
        }

        if (shape.Length > NumpyArray.MaxRank)
        {
            throw new DataException($"{name}: .npy with {shape.Length} dimensions; expected at most {NumpyArray.MaxRank}; save it with fewer");
        }

        return new(NumpyType.Parse(descr, name), fortran, shape, start + length);
    }

    private static (int Start, int Length, bool Utf8) Locate(ReadOnlySpan<byte> file, string name)
    {
        if (!file.StartsWith(Magic))
        {
            ReadOnlySpan<byte> head = file[..Math.Min(file.Length, Magic.Length)];
            throw new DataException($"{name}: not a .npy file: it begins with '{Convert.ToHexString(head)}' instead of {Convert.ToHexString(Magic)}; give a file that numpy.save wrote");
        }

        int major = file.Length > 6 ? file[6] : 0;
        if (file.Length >= 10 && major is < 1 or > 3)
        {
            throw new DataException($"{name}: .npy version {major}; expected 1, 2 or 3; save it with numpy.save");
        }

        int start = major == 1 ? 10 : 12;
        long length = file.Length < start ? 0
            : major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(file[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(file[8..]);
        if (file.Length < start + length || length == 0)
        {
            throw new DataException($"{name}: truncated .npy: the file ends in its header, after {file.Length} bytes; copy or write the file again");
        }

        return (start, (int)length, major == 3);
    }

    /// <summary>Reads as much of Python as numpy writes.</summary>
    private sealed class Scanner(string text, string name)
    {
        private int _place;

        public (string Descr, bool Fortran, string[] Sizes) Dictionary()
        {
            string? descr = null;
            bool? fortran = null;
            string[]? sizes = null;
            Expect('{');
            while (!Accept('}'))
            {
                string key = Quoted();
                Expect(':');
                switch (key)
                {
                    case "descr":
                        descr = Descr();
                        break;
                    case "fortran_order":
                        fortran = Truth();
                        break;
                    case "shape":
                        sizes = Sizes();
                        break;
                    default:
                        throw Bad($"unknown entry '{key}'");
                }

                if (!Accept(','))
                {
                    Expect('}');
                    break;
                }
            }

            return descr is not null && fortran is not null && sizes is not null
                ? (descr, fortran.Value, sizes)
                : throw Bad("one of descr, fortran_order, shape is missing");
        }

        private string Descr()
        {
            Skip();
            if (_place < text.Length && text[_place] == '[')
            {
                throw new DataException($"{name}: .npy of records; expected plain numbers; save one field with astype('float32')");
            }

            return Quoted();
        }

        private bool Truth() => Word() switch
        {
            "True" => true,
            "False" => false,
            string other => throw Bad($"fortran_order is '{other}' instead of True or False"),
        };

        private string[] Sizes()
        {
            var sizes = new List<string>();
            Expect('(');
            while (!Accept(')'))
            {
                // Python 2 wrote long numbers with an L behind them.
                sizes.Add(Word().TrimEnd('L'));
                if (!Accept(','))
                {
                    Expect(')');
                    break;
                }
            }

            return [.. sizes];
        }

        private string Word()
        {
            Skip();
            int start = _place;
            while (_place < text.Length && (char.IsAsciiLetterOrDigit(text[_place]) || text[_place] == '-'))
            {
                _place++;
            }

            return text[start.._place];
        }

        private string Quoted()
        {
            Skip();
            char quote = _place < text.Length ? text[_place] : ' ';
            int end = quote is '\'' or '"' ? text.IndexOf(quote, _place + 1) : -1;
            if (end < 0)
            {
                throw Bad($"no quoted text at character {_place}");
            }

            string found = text[(_place + 1)..end];
            _place = end + 1;
            return found;
        }

        private bool Accept(char expected)
        {
            Skip();
            if (_place >= text.Length || text[_place] != expected)
            {
                return false;
            }

            _place++;
            return true;
        }

        private void Expect(char expected)
        {
            if (!Accept(expected))
            {
                throw Bad($"no '{expected}' at character {_place}");
            }
        }

        private void Skip()
        {
            while (_place < text.Length && char.IsWhiteSpace(text[_place]))
            {
                _place++;
            }
        }

        private DataException Bad(string cause) => new($"{name}: corrupt .npy header: {cause}; write the file again with numpy.save");
    }
}
