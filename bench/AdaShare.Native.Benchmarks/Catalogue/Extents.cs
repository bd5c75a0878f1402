using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Catalogue;

/// <summary>
/// The sizes of a case's axes, each named by a letter. The axes of a tensor are written as its letters in the order of memory, <c>NHWC</c>; letters in parentheses lie in one dimension,
/// <c>(SN)HWC</c>; a digit is an axis of that size.
/// </summary>
internal sealed class Extents
{
    private readonly Dictionary<char, int> _sizes = [];

    /// <summary>Names sizes.</summary>
    public Extents(params ReadOnlySpan<(char Axis, int Size)> sizes)
    {
        foreach ((char axis, int size) in sizes)
        {
            _sizes.Add(axis, size);
        }
    }

    private Extents(Dictionary<char, int> sizes) => _sizes = sizes;

    /// <summary>The size of an axis.</summary>
    public int this[char axis] => char.IsAsciiDigit(axis) ? axis - '0' : _sizes[axis];

    /// <summary>The letters of a tensor's axes, in the order of memory.</summary>
    public static IEnumerable<char> Letters(string axes) => axes.Where(char.IsLetterOrDigit);

    /// <summary>The same sizes but for those given.</summary>
    public Extents With(IEnumerable<KeyValuePair<char, AxisRange>> ranges)
    {
        var sizes = new Dictionary<char, int>(_sizes);
        foreach ((char axis, AxisRange range) in ranges)
        {
            sizes[axis] = range.Count;
        }

        return new Extents(sizes);
    }

    /// <summary>The shape of a tensor with the axes.</summary>
    public Shape ShapeOf(string axes)
    {
        var sizes = new List<int>();
        int together = 0;
        foreach (char letter in axes)
        {
            switch (letter)
            {
                case '(':
                    together = 1;
                    break;
                case ')':
                    sizes.Add(together);
                    together = 0;
                    break;
                default:
                    if (together > 0)
                    {
                        together *= this[letter];
                    }
                    else
                    {
                        sizes.Add(this[letter]);
                    }

                    break;
            }
        }

        return new Shape([.. sizes]);
    }
}

/// <summary>Indices of an axis that follow one another.</summary>
/// <param name="Start">The first.</param>
/// <param name="Count">How many.</param>
internal readonly record struct AxisRange(int Start, int Count);
