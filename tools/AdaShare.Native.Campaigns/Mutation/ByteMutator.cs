using System.Buffers.Binary;

namespace AdaShare.Native.Campaigns.Mutation;

/// <summary>Changes bytes without a notion of what they mean: flips, insertions, removals, truncation, splices, and numbers at the edges of their ranges.</summary>
public sealed class ByteMutator : IMutator
{
    private const int LongestRun = 64;

    private static readonly long[] Edges =
        [0, 1, -1, 2, 7, 8, 9, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1 << 20, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, long.MaxValue, long.MinValue];

    /// <inheritdoc/>
    public byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(other);
        return input.Length == 0
            ? Insert(random, input)
            : random.Next(8) switch
            {
                0 => Flip(random, input),
                1 => Insert(random, input),
                2 => Remove(random, input),
                3 => Repeat(random, input),
                4 => input[..random.Next(input.Length)],
                5 => Splice(random, input, other),
                _ => Number(random, input),
            };
    }

    private static byte[] Flip(Random random, byte[] input)
    {
        byte[] changed = [.. input];
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    private static byte[] Insert(Random random, byte[] input)
    {
        int at = random.Next(input.Length + 1);
        var bytes = new byte[1 + random.Next(8)];
        random.NextBytes(bytes);
        return [.. input[..at], .. bytes, .. input[at..]];
    }

    private static byte[] Remove(Random random, byte[] input)
    {
        (int at, int count) = Run(random, input);
        return [.. input[..at], .. input[(at + count)..]];
    }

    private static byte[] Repeat(Random random, byte[] input)
    {
        (int at, int count) = Run(random, input);
        return [.. input[..(at + count)], .. input[at..]];
    }

    private static byte[] Splice(Random random, byte[] input, byte[] other) => [.. input[..random.Next(input.Length + 1)], .. other[random.Next(other.Length + 1)..]];

    private static byte[] Number(Random random, byte[] input)
    {
        var bytes = new byte[sizeof(long)];
        long value = Edges[random.Next(Edges.Length)];
        int size = 1 << random.Next(4);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, value << (64 - (8 * size)));
        }

        byte[] changed = [.. input];
        int at = random.Next(changed.Length);
        bytes.AsSpan(0, Math.Min(size, changed.Length - at)).CopyTo(changed.AsSpan(at));
        return changed;
    }

    private static (int At, int Count) Run(Random random, byte[] input)
    {
        int at = random.Next(input.Length);
        return (at, 1 + random.Next(Math.Min(LongestRun, input.Length - at)));
    }
}
