using System.Numerics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Constants of channels, repeated until they fill whole vectors, so that element-wise loops over channels-last memory run at full width for any
/// number of channels: the loop over an [R, C] matrix becomes one over rows of <see cref="Length"/> elements.
/// </summary>
internal static unsafe class ChannelTable
{
    /// <summary>What every table's length is a multiple of: the most elements of a vector.</summary>
    public const int LaneBlock = 16;

    private const int MinLength = 256;

    /// <summary>The table's length: C where it is a long enough multiple of <see cref="LaneBlock"/>, otherwise a multiple of both.</summary>
    public static int Length(int channels)
    {
        int length = LaneBlock / (int)BigInteger.GreatestCommonDivisor(LaneBlock, channels) * channels;
        return length >= MinLength ? length : length * ((MinLength + length - 1) / length);
    }

    /// <summary>Repeats the first <paramref name="channels"/> elements up to <paramref name="length"/>.</summary>
    public static void Repeat<T>(T* table, int channels, int length) where T : unmanaged
    {
        for (int i = channels; i < length; i++)
        {
            table[i] = table[i - channels];
        }
    }
}
