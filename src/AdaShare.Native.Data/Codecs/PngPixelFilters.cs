using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Undoes row filters of pixels of three or four bytes, all bytes of a pixel at once: each pixel waits for the one on its left, so that its bytes are all that can be done side by side.</summary>
/// <remarks>The way of libpng (intel/filter_sse2_intrinsics.c); results are those of <see cref="PngFilters"/> to the bit.</remarks>
internal static class PngPixelFilters
{
    private const int Lanes = sizeof(uint);

    /// <summary>Turns a filtered row into the stored bytes, in place, as far as whole vectors go.</summary>
    /// <param name="filter">What was applied.</param>
    /// <param name="row">The filtered row.</param>
    /// <param name="above">The stored bytes of the row above.</param>
    /// <param name="distance">Bytes of a pixel.</param>
    /// <returns>The first byte that is left to do, the beginning of a pixel; 0 where nothing is done here.</returns>
    public static int Undo(PngFilter filter, Span<byte> row, ReadOnlySpan<byte> above, int distance) => distance is 3 or 4 && Vector128.IsHardwareAccelerated
        ? filter switch
        {
            PngFilter.Sub => Undo<Sub>(row, above, distance),
            PngFilter.Average => Undo<Average>(row, above, distance),
            PngFilter.Paeth => Undo<Paeth>(row, above, distance),
            _ => 0,
        }
        : 0;

    private static int Undo<TPrediction>(Span<byte> row, ReadOnlySpan<byte> above, int distance)
        where TPrediction : IPrediction
    {
        Vector128<short> left = Vector128<short>.Zero, corner = Vector128<short>.Zero, low = Vector128.Create((short)byte.MaxValue);

        // With three bytes a pixel a vector ends in the next pixel, which has to stay as it is.
        uint own = distance == Lanes ? uint.MaxValue : uint.MaxValue >> 8;
        int i = 0;
        uint filtered = row.Length >= Lanes ? MemoryMarshal.Read<uint>(row) : 0;
        while (i <= row.Length - Lanes)
        {
            Vector128<short> up = Widened(MemoryMarshal.Read<uint>(above[i..]));
            left = (Widened(filtered) + TPrediction.Of(left, up, corner)) & low;
            corner = up;

            // The next pixel is read before this one is written: a read of bytes that were just written in part waits for them.
            uint next = i + distance <= row.Length - Lanes ? MemoryMarshal.Read<uint>(row[(i + distance)..]) : 0;
            uint stored = Vector128.Narrow(left.AsUInt16(), left.AsUInt16()).AsUInt32().ToScalar();
            MemoryMarshal.Write(row[i..], (stored & own) | (filtered & ~own));
            filtered = next;
            i += distance;
        }

        return i;
    }

    private static Vector128<short> Widened(uint pixel) => Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte()).AsInt16();

    /// <summary>What a filter takes a pixel for.</summary>
    private interface IPrediction
    {
        static abstract Vector128<short> Of(Vector128<short> left, Vector128<short> up, Vector128<short> corner);
    }

    private readonly struct Sub : IPrediction
    {
        public static Vector128<short> Of(Vector128<short> left, Vector128<short> up, Vector128<short> corner) => left;
    }

    private readonly struct Average : IPrediction
    {
        public static Vector128<short> Of(Vector128<short> left, Vector128<short> up, Vector128<short> corner) => Vector128.ShiftRightLogical(left + up, 1);
    }

    /// <summary>Of left, up and corner the nearest to left + up - corner; the first of equals.</summary>
    private readonly struct Paeth : IPrediction
    {
        public static Vector128<short> Of(Vector128<short> left, Vector128<short> up, Vector128<short> corner)
        {
            Vector128<short> toLeft = up - corner, toUp = left - corner, toCorner = Vector128.Abs(toLeft + toUp);
            (toLeft, toUp) = (Vector128.Abs(toLeft), Vector128.Abs(toUp));
            Vector128<short> least = Vector128.Min(toCorner, Vector128.Min(toLeft, toUp));
            return Vector128.ConditionalSelect(Vector128.Equals(least, toLeft), left, Vector128.ConditionalSelect(Vector128.Equals(least, toUp), up, corner));
        }
    }
}
