using System.Runtime.InteropServices;

namespace AdaShare.Native.Data.Caching;

/// <summary>
/// How a plane lies in a cache: a byte a value and a table of what bytes mean, where it has at most 256 different values, as classes and normals of pictures have; else single precision. Both give the same
/// bits back.
/// </summary>
internal static class PlaneCode
{
    /// <summary>The most different values that a byte can tell apart.</summary>
    public const int MostValues = 256;

    private const int Slots = 1024;

    /// <summary>Finds the table of a plane.</summary>
    /// <param name="values">The values.</param>
    /// <param name="table">Receives the different values, told apart by their bits, in the order in which they come.</param>
    /// <param name="codes">Receives the place of each value in the table; of the plane's length.</param>
    /// <returns>How many different values there are; 0 where there are too many, or so few values that a table would not pay.</returns>
    public static int Encode(ReadOnlySpan<float> values, Span<float> table, Span<byte> codes)
    {
        if (values.Length < MostValues)
        {
            return 0;
        }

        // Open addressing; at most a quarter of the slots is taken.
        Span<short> places = stackalloc short[Slots];
        places.Fill(-1);
        Span<int> bits = stackalloc int[MostValues];
        ReadOnlySpan<int> all = MemoryMarshal.Cast<float, int>(values);
        int count = 0;
        for (int i = 0; i < all.Length; i++)
        {
            int slot = (int)(((uint)all[i] * 2654435769u) >> 22);
            while (places[slot] >= 0 && bits[places[slot]] != all[i])
            {
                slot = (slot + 1) & (Slots - 1);
            }

            if (places[slot] < 0)
            {
                if (count == MostValues)
                {
                    return 0;
                }

                (bits[count], places[slot]) = (all[i], (short)count);
                count++;
            }

            codes[i] = (byte)places[slot];
        }

        MemoryMarshal.Cast<int, float>(bits[..count]).CopyTo(table);
        return count;
    }
}
