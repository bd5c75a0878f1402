using System.Runtime.Intrinsics;

namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>Colours in [0, 1] as bytes, several at once.</summary>
internal static class GreyLevels
{
    // Pixels of three channels in three vectors of bytes.
    private const int Block = 48;

    /// <summary>Writes 255 v, rounded to the nearest whole number, ties to even, of R, G, B as B, G, R, up to the first block with a value beyond [0, 255] or none at all.</summary>
    /// <param name="values">The colours.</param>
    /// <param name="pixels">Receives the bytes.</param>
    /// <returns>The first value that is left to do, the beginning of a pixel.</returns>
    public static int OfColors(ReadOnlySpan<float> values, Span<byte> pixels)
    {
        Span<byte> block = stackalloc byte[Block];
        int i = 0;
        for (; i <= values.Length - Block; i += Block)
        {
            for (int part = 0; part < Block; part += Vector128<byte>.Count)
            {
                if (!TryRound(values.Slice(i + part, Vector128<byte>.Count), block.Slice(part, Vector128<byte>.Count)))
                {
                    return i;
                }
            }

            for (int c = 0; c < Block; c += 3)
            {
                (pixels[i + c], pixels[i + c + 1], pixels[i + c + 2]) = (block[c + 2], block[c + 1], block[c]);
            }
        }

        return i;
    }

    private static bool TryRound(ReadOnlySpan<float> values, Span<byte> levels)
    {
        Vector128<float> a = Rounded(values), b = Rounded(values[4..]), c = Rounded(values[8..]), d = Rounded(values[12..]);
        Vector128<float> fits = Fits(a) & Fits(b) & Fits(c) & Fits(d);
        if (fits.AsInt32() != Vector128<int>.AllBitsSet)
        {
            return false;
        }

        Vector128<short> low = Vector128.Narrow(Vector128.ConvertToInt32(a), Vector128.ConvertToInt32(b)), high = Vector128.Narrow(Vector128.ConvertToInt32(c), Vector128.ConvertToInt32(d));
        Vector128.Narrow(low.AsUInt16(), high.AsUInt16()).CopyTo(levels);
        return true;
    }

    private static Vector128<float> Rounded(ReadOnlySpan<float> values) => Vector128.Round(Vector128.Create(values) * 255f);

    private static Vector128<float> Fits(Vector128<float> level) => Vector128.GreaterThanOrEqual(level, Vector128<float>.Zero) & Vector128.LessThanOrEqual(level, Vector128.Create(255f));
}
