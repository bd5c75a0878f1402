using System.Numerics;
using System.Runtime.CompilerServices;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>An operation on one value.</summary>
internal interface IUnary<TA, TD>
{
    static abstract TD Apply(TA a);
}

/// <summary>An operation on two values.</summary>
internal interface IBinary<TA, TB, TD>
{
    static abstract TD Apply(TA a, TB b);
}

/// <summary>An operation on three values.</summary>
internal interface ITernary<TA, TB, TC, TD>
{
    static abstract TD Apply(TA a, TB b, TC c);
}

/// <summary>A comparison.</summary>
internal interface IComparison<T>
{
    static abstract bool Apply(T a, T b);
}

/// <summary>
/// Runs an operation for the lanes of a mask: one generic method for each number of operands, which the compiler specialises for each operation.
/// </summary>
internal static unsafe class Lanes
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Fast)]
    public static void Unary<TOp, TA, TD>(byte* registers, Instruction i, uint mask)
        where TOp : struct, IUnary<TA, TD> where TA : unmanaged where TD : unmanaged
    {
        var a = (TA*)(registers + i.A);
        var d = (TD*)(registers + i.D);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                d[lane] = TOp.Apply(a[lane]);
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = TOp.Apply(a[lane]);
        }
    }

    [MethodImpl(Fast)]
    public static void Binary<TOp, TA, TB, TD>(byte* registers, Instruction i, uint mask)
        where TOp : struct, IBinary<TA, TB, TD> where TA : unmanaged where TB : unmanaged where TD : unmanaged
    {
        var a = (TA*)(registers + i.A);
        var b = (TB*)(registers + i.B);
        var d = (TD*)(registers + i.D);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                d[lane] = TOp.Apply(a[lane], b[lane]);
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = TOp.Apply(a[lane], b[lane]);
        }
    }

    [MethodImpl(Fast)]
    public static void Ternary<TOp, TA, TB, TC, TD>(byte* registers, Instruction i, uint mask)
        where TOp : struct, ITernary<TA, TB, TC, TD> where TA : unmanaged where TB : unmanaged where TC : unmanaged where TD : unmanaged
    {
        var a = (TA*)(registers + i.A);
        var b = (TB*)(registers + i.B);
        var c = (TC*)(registers + i.C);
        var d = (TD*)(registers + i.D);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                d[lane] = TOp.Apply(a[lane], b[lane], c[lane]);
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = TOp.Apply(a[lane], b[lane], c[lane]);
        }
    }

    [MethodImpl(Fast)]
    public static void Compare<TOp, T>(byte* registers, Instruction i, uint mask)
        where TOp : struct, IComparison<T> where T : unmanaged
    {
        var a = (T*)(registers + i.A);
        var b = (T*)(registers + i.B);
        uint bits = 0;
        for (int lane = 0; lane < 32; lane++)
        {
            bits |= (TOp.Apply(a[lane], b[lane]) ? 1u : 0u) << lane;
        }

        SetPredicates(registers, i, mask, bits);
    }

    /// <summary>set: all ones, or 1.0, where a comparison holds.</summary>
    [MethodImpl(Fast)]
    public static void CompareToWord<TOp, T>(byte* registers, Instruction i, uint mask)
        where TOp : struct, IComparison<T> where T : unmanaged
    {
        var a = (T*)(registers + i.A);
        var b = (T*)(registers + i.B);
        var d = (uint*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = !TOp.Apply(a[lane], b[lane]) ? 0u : i.Combine == 0 ? uint.MaxValue : 0x3F800000u;
        }
    }

    /// <summary>selp: a where the predicate at C holds, else b.</summary>
    [MethodImpl(Fast)]
    public static void Select<T>(byte* registers, Instruction i, uint mask) where T : unmanaged
    {
        var a = (T*)(registers + i.A);
        var b = (T*)(registers + i.B);
        var d = (T*)(registers + i.D);
        uint chosen = *(uint*)(registers + i.C) ^ (i.IsPredicateNegated ? uint.MaxValue : 0);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = (chosen >> lane & 1) != 0 ? a[lane] : b[lane];
        }
    }

    /// <summary>mov, and conversions that change no bit.</summary>
    [MethodImpl(Fast)]
    public static void Move<T>(byte* registers, Instruction i, uint mask) where T : unmanaged
    {
        var a = (T*)(registers + i.A);
        var d = (T*)(registers + i.D);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                d[lane] = a[lane];
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = a[lane];
        }
    }

    /// <summary>Logic on predicates: all lanes at once.</summary>
    public static void Predicate<TOp>(byte* registers, Instruction i, uint mask) where TOp : struct, IBinary<uint, uint, uint>
    {
        uint result = TOp.Apply(*(uint*)(registers + i.A), *(uint*)(registers + i.B));
        uint* d = (uint*)(registers + i.D);
        *d = (*d & ~mask) | (result & mask);
    }

    /// <summary>Writes the results of a comparison, joined with another predicate where the instruction says so.</summary>
    private static void SetPredicates(byte* registers, Instruction i, uint mask, uint bits)
    {
        uint other = i.Combine == 0 ? 0 : *(uint*)(registers + i.C) ^ (i.IsPredicateNegated ? uint.MaxValue : 0);
        Put(registers + i.D, mask, Join(i.Combine, bits, other));
        if (i.E >= 0)
        {
            Put(registers + i.E, mask, Join(i.Combine, ~bits, other));
        }
    }

    private static uint Join(int combine, uint bits, uint other) => combine switch
    {
        1 => bits & other,
        2 => bits | other,
        3 => bits ^ other,
        _ => bits,
    };

    private static void Put(byte* register, uint mask, uint bits) => *(uint*)register = (*(uint*)register & ~mask) | (bits & mask);
}
