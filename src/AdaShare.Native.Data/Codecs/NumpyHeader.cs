using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The header of a .npy file: a Python dictionary of three entries.</summary>
/// <param name="Type">The numbers.</param>
/// <param name="FortranOrder">True where the first index runs fastest.</param>
/// <param name="Shape">The size of each dimension.</param>
internal sealed record NumpyHeader(NumpyType Type, bool FortranOrder, int[] Shape)
{
    /// <summary>The file's first six bytes.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The longest text of a header: numpy writes some hundred bytes, and reads at most 10,000.</summary>
    private const int MaxText = 1 << 16;

    /// <summary>The first bytes, with the length of the text in them; versions 2 and 3 have two more.</summary>
    private const int Preamble = 10;

    /// <summary>Reads the header at the start of a stream, and nothing behind it.</summary>
    /// <exception cref="DataException">The file is not a .npy file, is cut off in its header, or holds what is not read.</exception>
    public static NumpyHeader Read(Stream stream, string name)
    {
        byte[] head = CodecFile.ReadUpTo(stream, name, Preamble);
        RequireMagic(head, name);
        int version = head[6];
        if (version >= 2)
        {
            head = [.. head, .. CodecFile.ReadUpTo(stream, name, 2)];
            RequireWhole(head.Length == Preamble + 2, head.Length, name);
        }

        long length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(8)) : BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8));
        if (length > MaxText)
        {
            throw new DataException($"{name}: corrupt .npy header: it claims {length} bytes; expected at most {MaxText}; write the file again with numpy.save");
        }

        byte[] text = CodecFile.ReadUpTo(stream, name, length);
        RequireWhole(text.Length == length && length > 0, head.Length + text.Length, name);
        return Parse((version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(text), name);
    }

    private static NumpyHeader Parse(string text, string name)
    {
        (string descr, bool fortran, string[] sizes) = new Scanner(text, name).Dictionary();
        if (sizes.Length > NumpyArray.MaxRank)
        {
            throw new DataException($"{name}: .npy with {sizes.Length} dimensions; expected at most {NumpyArray.MaxRank}; save it with fewer");
        }

        var shape = new int[sizes.Length];
        long count = 1;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (!int.TryParse(sizes[axis], NumberStyles.None, CultureInfo.InvariantCulture, out shape[axis]) || (count *= shape[axis]) > Array.MaxLength)
            {
                throw new DataException($"{name}: .npy of shape ({Shown.Of(string.Join(", ", sizes))}); expected sizes of 0 or more and fewer than 2^31 numbers; save a smaller array");
            }
        }

        return new(NumpyType.Parse(descr, name), fortran, shape);
    }

    private static void RequireMagic(byte[] head, string name)
    {
        if (head.Length == 0)
        {
            throw new DataException($"{name}: is empty, a file of 0 bytes; copy or download it again");
        }

        ReadOnlySpan<byte> first = head.AsSpan(0, Math.Min(head.Length, Magic.Length));
        if (!Magic.SequenceEqual(first))
        {
            throw new DataException($"{name}: not a .npy file: it begins with '{Convert.ToHexString(first)}' instead of {Convert.ToHexString(Magic)}; give a file that numpy.save wrote");
        }

        RequireWhole(head.Length == Preamble, head.Length, name);
        if (head[6] is < 1 or > 3)
        {
            throw new DataException($"{name}: .npy version {head[6]}; expected 1, 2 or 3; save it with numpy.save");
        }
    }

    private static void RequireWhole(bool whole, int length, string name)
    {
        if (!whole)
        {
            throw new DataException($"{name}: truncated .npy: the file ends in its header, after {length} bytes; copy or write the file again");
        }
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
                        throw Bad($"unknown entry '{Shown.Of(key)}'");
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
            string other => throw Bad($"fortran_order is '{Shown.Of(other)}' instead of True or False"),
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
