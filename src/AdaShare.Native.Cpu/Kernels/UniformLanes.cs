using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The uniform numbers of a <see cref="RandomStream"/>, up to sixteen Philox blocks (64 numbers) at a time: the same bits as <see cref="RandomStream.Uniform"/>.</summary>
internal static unsafe class UniformLanes
{
    /// <summary>Numbers that <see cref="Fill"/> may write beyond those it was asked for.</summary>
    public const int Padding = WideBlocksPerStep * 4;

    private const int BlocksPerStep = 8;
    private const int WideBlocksPerStep = 16;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>Writes the numbers from 4 <paramref name="block"/> on.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="block">The first Philox block.</param>
    /// <param name="target">Receives the numbers; <see cref="Padding"/> longer than <paramref name="count"/>.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="wide">Whether vectors may have 512 bits; the numbers are the same.</param>
    public static void Fill(RandomStream stream, ulong block, float* target, int count, bool wide)
    {
        if (wide && Avx512F.IsSupported)
        {
            FillAvx512(stream, block, target, count);
            return;
        }

        if (Avx2.IsSupported)
        {
            FillAvx2(stream, block, target, count);
            return;
        }

        for (int i = 0; i < count; i += 4, block++)
        {
            (uint r0, uint r1, uint r2, uint r3) = stream.Block(block);
            target[i] = RandomStream.ToUniform(r0);
            target[i + 1] = RandomStream.ToUniform(r1);
            target[i + 2] = RandomStream.ToUniform(r2);
            target[i + 3] = RandomStream.ToUniform(r3);
        }
    }

    // Each counter word has a 64-bit lane to itself, whose upper half is ignored: vpmuludq multiplies lower halves to full products. Two sets of
    // four blocks run side by side, because one round is a chain of some seven cycles.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillAvx2(RandomStream stream, ulong block, float* target, int count)
    {
        // In this order the unpacking at the end yields the blocks one after the other.
        Vector256<ulong> order = Vector256.Create(0UL, 2UL, 1UL, 3UL);
        Vector256<ulong> id0 = Vector256.Create(stream.Id & uint.MaxValue), id1 = Vector256.Create(stream.Id >> 32);
        Vector256<ulong> m0 = Vector256.Create((ulong)Multiplier0), m1 = Vector256.Create((ulong)Multiplier1);
        for (int i = 0; i < count; i += 4 * BlocksPerStep, block += BlocksPerStep)
        {
            Vector256<ulong> a0 = Vector256.Create(block) + order, b0 = Vector256.Create(block + 4) + order;
            Vector256<ulong> a1 = a0 >> 32, b1 = b0 >> 32, a2 = id0, b2 = id0, a3 = id1, b3 = id1;
            uint k0 = (uint)stream.Seed, k1 = (uint)(stream.Seed >> 32);
            for (int round = 0; round < Rounds; round++)
            {
                Vector256<ulong> key0 = Vector256.Create((ulong)k0), key1 = Vector256.Create((ulong)k1);
                Vector256<ulong> p = Multiply(a0, m0), q = Multiply(a2, m1), r = Multiply(b0, m0), s = Multiply(b2, m1);
                a0 = (q >> 32) ^ a1 ^ key0;
                a2 = (p >> 32) ^ a3 ^ key1;
                b0 = (s >> 32) ^ b1 ^ key0;
                b2 = (r >> 32) ^ b3 ^ key1;
                a1 = q;
                a3 = p;
                b1 = s;
                b3 = r;
                k0 += Weyl0;
                k1 += Weyl1;
            }

            Store(a0, a1, a2, a3, target + i);
            Store(b0, b1, b2, b3, target + i + 16);
        }
    }

    // The same with twice as many blocks side by side.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillAvx512(RandomStream stream, ulong block, float* target, int count)
    {
        // In this order the unpacking at the end yields the blocks one after the other.
        Vector512<ulong> order = Vector512.Create(0UL, 4UL, 1UL, 5UL, 2UL, 6UL, 3UL, 7UL);
        Vector512<ulong> id0 = Vector512.Create(stream.Id & uint.MaxValue), id1 = Vector512.Create(stream.Id >> 32);
        Vector512<ulong> m0 = Vector512.Create((ulong)Multiplier0), m1 = Vector512.Create((ulong)Multiplier1);
        for (int i = 0; i < count; i += 4 * WideBlocksPerStep, block += WideBlocksPerStep)
        {
            Vector512<ulong> a0 = Vector512.Create(block) + order, b0 = Vector512.Create(block + 8) + order;
            Vector512<ulong> a1 = a0 >> 32, b1 = b0 >> 32, a2 = id0, b2 = id0, a3 = id1, b3 = id1;
            uint k0 = (uint)stream.Seed, k1 = (uint)(stream.Seed >> 32);
            for (int round = 0; round < Rounds; round++)
            {
                Vector512<ulong> key0 = Vector512.Create((ulong)k0), key1 = Vector512.Create((ulong)k1);
                Vector512<ulong> p = Multiply(a0, m0), q = Multiply(a2, m1), r = Multiply(b0, m0), s = Multiply(b2, m1);
                a0 = (q >> 32) ^ a1 ^ key0;
                a2 = (p >> 32) ^ a3 ^ key1;
                b0 = (s >> 32) ^ b1 ^ key0;
                b2 = (r >> 32) ^ b3 ^ key1;
                a1 = q;
                a3 = p;
                b1 = s;
                b3 = r;
                k0 += Weyl0;
                k1 += Weyl1;
            }

            Store(a0, a1, a2, a3, target + i);
            Store(b0, b1, b2, b3, target + i + 32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Multiply(Vector256<ulong> a, Vector256<ulong> b) => Avx2.Multiply(a.AsUInt32(), b.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ulong> r0, Vector256<ulong> r1, Vector256<ulong> r2, Vector256<ulong> r3, float* target)
    {
        Vector256<ulong> low = Vector256.Create((ulong)uint.MaxValue);
        Vector256<ulong> even = (r0 & low) | (r1 << 32), odd = (r2 & low) | (r3 << 32);
        ToUniform(Avx2.UnpackLow(even, odd)).Store(target);
        ToUniform(Avx2.UnpackHigh(even, odd)).Store(target + 8);
    }

    // Exact at every step, like RandomStream.ToUniform.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ToUniform(Vector256<ulong> words) =>
        (Vector256.ConvertToSingle((words.AsUInt32() >> 9).AsInt32()) + Vector256.Create(0.5f)) * Vector256.Create(1.0f / 8388608.0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Multiply(Vector512<ulong> a, Vector512<ulong> b) => Avx512F.Multiply(a.AsUInt32(), b.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<ulong> r0, Vector512<ulong> r1, Vector512<ulong> r2, Vector512<ulong> r3, float* target)
    {
        Vector512<ulong> low = Vector512.Create((ulong)uint.MaxValue);
        Vector512<ulong> even = (r0 & low) | (r1 << 32), odd = (r2 & low) | (r3 << 32);
        ToUniform(Avx512F.UnpackLow(even, odd)).Store(target);
        ToUniform(Avx512F.UnpackHigh(even, odd)).Store(target + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ToUniform(Vector512<ulong> words) =>
        (Vector512.ConvertToSingle((words.AsUInt32() >> 9).AsInt32()) + Vector512.Create(0.5f)) * Vector512.Create(1.0f / 8388608.0f);
}
