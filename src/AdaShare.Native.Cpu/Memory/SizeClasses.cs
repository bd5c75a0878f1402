using System.Numerics;

namespace AdaShare.Native.Cpu.Memory;

/// <summary>
/// The sizes in which memory is handed out: four to the octave, so that at most a fifth is wasted and buffers of nearly one size replace each other;
/// above 64 MiB, where only the flat parameter buffers are, multiples of 2 MiB.
/// </summary>
internal static class SizeClasses
{
    private const long Smallest = 256;
    private const long CoarseFrom = 64L << 20;
    private const long CoarseStep = 2L << 20;

    /// <summary>The size of the block that serves a request.</summary>
    /// <param name="byteLength">0 or more.</param>
    public static long RoundUp(long byteLength)
    {
        if (byteLength <= Smallest)
        {
            return Smallest;
        }

        long step = byteLength > CoarseFrom ? CoarseStep : 1L << (BitOperations.Log2((ulong)(byteLength - 1)) - 2);
        return (byteLength + step - 1) / step * step;
    }
}
