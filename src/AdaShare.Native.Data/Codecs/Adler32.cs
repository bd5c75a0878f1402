using System.Runtime.Intrinsics;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The check value of zlib streams (RFC 1950, 8.2) of bytes that come in pieces.</summary>
internal struct Adler32()
{
    private const uint Base = 65521;
    private const int Block = 16;

    /// <summary>So many bytes can be added before the sums leave 32 bits (zlib's NMAX, in whole blocks).</summary>
    private const int Largest = 5552 / Block * Block;

    private static readonly Vector128<ushort> FirstWeights = Vector128.Create((ushort)16, 15, 14, 13, 12, 11, 10, 9);
    private static readonly Vector128<ushort> LastWeights = Vector128.Create((ushort)8, 7, 6, 5, 4, 3, 2, 1);

    private uint _sum = 1;
    private uint _sumOfSums;

    /// <summary>The check value of all bytes so far.</summary>
    public readonly uint Value => (_sumOfSums << 16) | _sum;

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ReadOnlySpan<byte> part = bytes[..Math.Min(Largest, bytes.Length)];
            bytes = bytes[part.Length..];
            for (; part.Length >= Block; part = part[Block..])
            {
                (Vector128<ushort> first, Vector128<ushort> last) = Vector128.Widen(Vector128.Create(part));
                _sumOfSums += (_sum * Block) + Total((first * FirstWeights) + (last * LastWeights));
                _sum += Total(first + last);
            }

            foreach (byte value in part)
            {
                _sum += value;
                _sumOfSums += _sum;
            }

            _sum %= Base;
            _sumOfSums %= Base;
        }
    }

    private static uint Total(Vector128<ushort> values)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(values);
        return Vector128.Sum(low + high);
    }
}
