using System.Numerics;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>bfe: c bits of a from position b; signed types extend the highest of them, or the highest bit of a where the field goes beyond it.</summary>
internal readonly struct ExtractBits : ITernary<uint, uint, uint, uint>, ITernary<int, uint, uint, int>, ITernary<ulong, uint, uint, ulong>, ITernary<long, uint, uint, long>
{
    public static uint Apply(uint a, uint b, uint c) => (uint)Apply((ulong)a, b, c);

    public static int Apply(int a, uint b, uint c) => (int)Apply((long)a, b, c);

    public static ulong Apply(ulong a, uint b, uint c)
    {
        int position = (int)(b & 255), length = (int)(c & 255);
        return position > 63 ? 0 : (a >> position) & Mask(length);
    }

    public static long Apply(long a, uint b, uint c)
    {
        int position = (int)(b & 255), length = (int)(c & 255);
        long field = a >> Math.Min(position, 63);
        return length == 0 ? 0 : length > 63 ? field : field << (64 - length) >> (64 - length);
    }

    public static ulong Mask(int length) => length > 63 ? ulong.MaxValue : (1ul << length) - 1;
}

/// <summary>The operations with four operands, of which the last is at <see cref="Instruction.E"/>.</summary>
internal static unsafe class BitFields
{
    /// <summary>bfi: the low bits of a put into b at position c.</summary>
    public static void Insert32(byte* registers, Instruction i, uint mask)
    {
        var d = (uint*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = (uint)Insert(((uint*)(registers + i.A))[lane], ((uint*)(registers + i.B))[lane], ((uint*)(registers + i.C))[lane], ((uint*)(registers + i.E))[lane]);
        }
    }

    /// <summary>The same of 64 bits.</summary>
    public static void Insert64(byte* registers, Instruction i, uint mask)
    {
        var d = (ulong*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = Insert(((ulong*)(registers + i.A))[lane], ((ulong*)(registers + i.B))[lane], ((uint*)(registers + i.C))[lane], ((uint*)(registers + i.E))[lane]);
        }
    }

    /// <summary>lop3: any function of three bits, given by its truth table.</summary>
    public static void LogicOfThree(byte* registers, Instruction i, uint mask)
    {
        var d = (uint*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            uint a = ((uint*)(registers + i.A))[lane], b = ((uint*)(registers + i.B))[lane], c = ((uint*)(registers + i.C))[lane], table = ((uint*)(registers + i.E))[lane];
            uint result = 0;
            for (int row = 0; row < 8; row++)
            {
                uint term = ((row & 4) != 0 ? a : ~a) & ((row & 2) != 0 ? b : ~b) & ((row & 1) != 0 ? c : ~c);
                result |= (table >> row & 1) != 0 ? term : 0;
            }

            d[lane] = result;
        }
    }

    /// <summary>mov.b64 of {low, high}: two registers of 32 bits as one of 64.</summary>
    public static void Pack64(byte* registers, Instruction i, uint mask)
    {
        var d = (ulong*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = ((ulong)((uint*)(registers + i.B))[lane] << 32) | ((uint*)(registers + i.A))[lane];
        }
    }

    /// <summary>mov.b64 to {low, high}. The result of the high half is at <see cref="Instruction.E"/>.</summary>
    public static void Unpack64(byte* registers, Instruction i, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong a = ((ulong*)(registers + i.A))[lane];
            ((uint*)(registers + i.D))[lane] = (uint)a;
            ((uint*)(registers + i.E))[lane] = (uint)(a >> 32);
        }
    }

    /// <summary>mov.b32 of {low, high}: two registers of 16 bits as one of 32.</summary>
    public static void Pack32(byte* registers, Instruction i, uint mask)
    {
        var d = (uint*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = (((uint*)(registers + i.B))[lane] << 16) | (ushort)((uint*)(registers + i.A))[lane];
        }
    }

    /// <summary>mov.b32 to {low, high}.</summary>
    public static void Unpack32(byte* registers, Instruction i, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            uint a = ((uint*)(registers + i.A))[lane];
            ((uint*)(registers + i.D))[lane] = (ushort)a;
            ((uint*)(registers + i.E))[lane] = a >> 16;
        }
    }

    private static ulong Insert(ulong a, ulong b, uint position, uint length)
    {
        position &= 255;
        if (position > 63)
        {
            return b;
        }

        ulong field = ExtractBits.Mask((int)(length & 255)) << (int)position;
        return (b & ~field) | ((a << (int)position) & field);
    }
}
