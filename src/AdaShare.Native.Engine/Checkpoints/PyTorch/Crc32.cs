namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>The check value of zip archives (ISO 3309, polynomial 0xedb88320 reflected), eight bytes at a time.</summary>
internal static class Crc32
{
    private const int Slices = 8;

    private static readonly uint[][] Tables = Make();

    /// <summary>The check value of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        uint[][] t = Tables;
        while (bytes.Length >= Slices)
        {
            uint low = BitConverter.ToUInt32(bytes) ^ crc, high = BitConverter.ToUInt32(bytes[4..]);
            crc = t[7][low & 0xff] ^ t[6][(low >> 8) & 0xff] ^ t[5][(low >> 16) & 0xff] ^ t[4][low >> 24]
                ^ t[3][high & 0xff] ^ t[2][(high >> 8) & 0xff] ^ t[1][(high >> 16) & 0xff] ^ t[0][high >> 24];
            bytes = bytes[Slices..];
        }

        foreach (byte next in bytes)
        {
            crc = t[0][(crc ^ next) & 0xff] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[][] Make()
    {
        uint[][] tables = [.. Enumerable.Range(0, Slices).Select(static _ => new uint[256])];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xedb88320 : value >> 1;
            }

            tables[0][i] = value;
        }

        for (int slice = 1; slice < Slices; slice++)
        {
            for (int i = 0; i < 256; i++)
            {
                uint before = tables[slice - 1][i];
                tables[slice][i] = tables[0][before & 0xff] ^ (before >> 8);
            }
        }

        return tables;
    }
}
