using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The CRC-32 of PNG chunks (ISO 3309; PNG annex D), 64 bytes at a time where the processor multiplies without carry, else eight by the slicing method.</summary>
/// <remarks>Folding: V. Gopal et al., Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction (Intel, 2009), with its constants for this polynomial in reflected order.</remarks>
internal static class PngCrc
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 8;
    private const int Lane = 16;
    private const int Folded = 4 * Lane;
    private static readonly uint[] Table = MakeTable();

    /// <summary>The check value of a run of bytes: a chunk's type and data.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        if (Pclmulqdq.IsSupported && data.Length >= 2 * Folded)
        {
            int whole = data.Length / Lane * Lane;
            Span<byte> rest = stackalloc byte[Lane];
            Fold(data[..whole], crc).CopyTo(rest);
            return ~Append(Append(0, rest), data[whole..]);
        }

        return ~Append(crc, data);
    }

    /// <summary>Sixteen bytes that leave the same remainder as all that come before them.</summary>
    private static Vector128<byte> Fold(ReadOnlySpan<byte> data, uint crc)
    {
        Vector128<ulong> far = Vector128.Create(0x0154442bd4ul, 0x01c6e41596ul), near = Vector128.Create(0x01751997d0ul, 0x00ccaa009eul);
        Vector128<ulong> a = Load(data) ^ Vector128.CreateScalar((ulong)crc), b = Load(data[Lane..]), c = Load(data[(2 * Lane)..]), d = Load(data[(3 * Lane)..]);
        for (data = data[Folded..]; data.Length >= Folded; data = data[Folded..])
        {
            a = Moved(a, far) ^ Load(data);
            b = Moved(b, far) ^ Load(data[Lane..]);
            c = Moved(c, far) ^ Load(data[(2 * Lane)..]);
            d = Moved(d, far) ^ Load(data[(3 * Lane)..]);
        }

        a = Moved(Moved(Moved(a, near) ^ b, near) ^ c, near) ^ d;
        for (; data.Length >= Lane; data = data[Lane..])
        {
            a = Moved(a, near) ^ Load(data);
        }

        return a.AsByte();
    }

    private static Vector128<ulong> Load(ReadOnlySpan<byte> data) => Vector128.Create(data).AsUInt64();

    /// <summary>The remainder of bytes when others follow them.</summary>
    private static Vector128<ulong> Moved(Vector128<ulong> bytes, Vector128<ulong> by) =>
        (Pclmulqdq.CarrylessMultiply(bytes.AsInt64(), by.AsInt64(), 0x00) ^ Pclmulqdq.CarrylessMultiply(bytes.AsInt64(), by.AsInt64(), 0x11)).AsUInt64();

    private static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        uint[] table = Table;
        while (data.Length >= Slices)
        {
            crc = table[(7 << 8) + (byte)(crc ^ data[0])]
                ^ table[(6 << 8) + (byte)((crc >> 8) ^ data[1])]
                ^ table[(5 << 8) + (byte)((crc >> 16) ^ data[2])]
                ^ table[(4 << 8) + (byte)((crc >> 24) ^ data[3])]
                ^ table[(3 << 8) + data[4]]
                ^ table[(2 << 8) + data[5]]
                ^ table[(1 << 8) + data[6]]
                ^ table[data[7]];
            data = data[Slices..];
        }

        foreach (byte value in data)
        {
            crc = table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    /// <summary>Row s, entry b: the remainder of byte b followed by s zero bytes.</summary>
    private static uint[] MakeTable()
    {
        var table = new uint[Slices << 8];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            }

            table[i] = crc;
        }

        for (int i = 256; i < table.Length; i++)
        {
            uint before = table[i - 256];
            table[i] = table[(byte)before] ^ (before >> 8);
        }

        return table;
    }
}
