namespace AdaShare.Native.Engine.Random;

/// <summary>
/// A random sequence that is addressed, not drawn from: number <c>i</c> of a stream is a pure function of seed, stream and <c>i</c>.
/// </summary>
/// <remarks>
/// A stream is named after what uses it and when (an op and a step), so that a resumed run continues the very same numbers and no
/// number depends on the order in which ops or threads happen to run.
/// </remarks>
/// <param name="Seed">The seed of the run: the Philox key.</param>
/// <param name="Id">The stream's identity: the upper half of the Philox counter.</param>
public readonly record struct RandomStream(ulong Seed, ulong Id)
{
    private const ulong FnvOffset = 0xcbf29ce484222325;
    private const ulong FnvPrime = 0x100000001b3;

    /// <summary>The stream of a named use at a numbered time.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="name">What uses the numbers, for example <c>dropout/seg/0</c>; equal names give equal streams.</param>
    /// <param name="time">When: a step, an epoch, a sample; 0 where the use happens once.</param>
    public static RandomStream For(ulong seed, string name, long time = 0) => new(seed, Mix(Hash(name) ^ Mix((ulong)time + 1)));

    /// <summary>FNV-1a, 64 bits, of the UTF-8 form of a text.</summary>
    public static ulong Hash(string text)
    {
        ulong hash = FnvOffset;
        foreach (byte b in System.Text.Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * FnvPrime;
        }

        return hash;
    }

    /// <summary>The four 32-bit words at a block position; number <c>i</c> of the stream is word <c>i % 4</c> of block <c>i / 4</c>.</summary>
    public (uint R0, uint R1, uint R2, uint R3) Block(ulong block) =>
        Philox.Generate((uint)block, (uint)(block >> 32), (uint)Id, (uint)(Id >> 32), (uint)Seed, (uint)(Seed >> 32));

    /// <summary>The 32-bit word at a position.</summary>
    public uint Word(ulong position)
    {
        (uint r0, uint r1, uint r2, uint r3) = Block(position >> 2);
        return (position & 3) switch { 0 => r0, 1 => r1, 2 => r2, _ => r3 };
    }

    /// <summary>A uniform number in the open interval (0, 1), exact in single precision: (word / 2^9 + 1/2) / 2^23.</summary>
    public float Uniform(ulong position) => ToUniform(Word(position));

    /// <summary>A uniform number in [0, 1) with 53 random bits, from the words 2i and 2i + 1.</summary>
    public double UniformDouble(ulong position)
    {
        (uint r0, uint r1, uint r2, uint r3) = Block(position >> 1);
        ulong bits = (position & 1) == 0 ? ((ulong)r0 << 32) | r1 : ((ulong)r2 << 32) | r3;
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A uniform integer in [0, bound), without bias worth naming (64-bit multiply-high).</summary>
    /// <param name="position">The position in the stream.</param>
    /// <param name="bound">The exclusive upper bound, at least 1.</param>
    public int Integer(ulong position, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)(((ulong)Word(position) * (ulong)bound) >> 32);
    }

    /// <summary>A standard normal number by Box and Muller from two words of its own.</summary>
    public double Normal(ulong position)
    {
        (uint r0, uint r1, uint r2, uint r3) = Block(position >> 1);
        (uint a, uint b) = (position & 1) == 0 ? (r0, r1) : (r2, r3);
        double radius = Math.Sqrt(-2.0 * Math.Log(((double)a + 0.5) * (1.0 / 4294967296.0)));
        return radius * Math.Cos(2.0 * Math.PI * (b * (1.0 / 4294967296.0)));
    }

    /// <summary>Gumbel(0, 1) noise, -log(-log u), of <see cref="Uniform"/>.</summary>
    public double Gumbel(ulong position) => -Math.Log(-Math.Log(Uniform(position)));

    /// <summary>A random permutation of 0 … count - 1 (Fisher and Yates).</summary>
    /// <param name="count">0 or more.</param>
    public int[] Permutation(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = i;
        }

        for (int i = count - 1; i > 0; i--)
        {
            int j = Integer((ulong)i, i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>Maps a 32-bit word to the open interval (0, 1) without rounding in single precision.</summary>
    public static float ToUniform(uint word) => ((word >> 9) + 0.5f) * (1.0f / 8388608.0f);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
