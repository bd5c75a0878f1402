namespace AdaShare.Native.Data.Codecs;

/// <summary>The CRC-32 of PNG chunks (ISO 3309; PNG annex D), eight bytes at a time by the slicing method.</summary>
internal static class PngCrc
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 8;
    private static readonly uint[] Table = MakeTable();

    /// <summary>The check value of a run of bytes: a chunk's type and data.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint[] table = Table;
        uint crc = uint.MaxValue;
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

        return ~crc;
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
