using System.Numerics;

namespace AdaShare.Native.CudaSimulation.Interpreter;

// The operations on integers and bits (PTX ISA, sections 9.7.1 and 9.7.8). Sums and products wrap, as C#'s do here.
internal readonly struct Add<T> : IBinary<T, T, T> where T : unmanaged, IAdditionOperators<T, T, T>
{
    public static T Apply(T a, T b) => unchecked(a + b);
}

internal readonly struct Subtract<T> : IBinary<T, T, T> where T : unmanaged, ISubtractionOperators<T, T, T>
{
    public static T Apply(T a, T b) => unchecked(a - b);
}

/// <summary>The low half of a product, or the product of floating-point numbers.</summary>
internal readonly struct Multiply<T> : IBinary<T, T, T> where T : unmanaged, IMultiplyOperators<T, T, T>
{
    public static T Apply(T a, T b) => unchecked(a * b);
}

internal readonly struct MultiplyAdd<T> : ITernary<T, T, T, T> where T : unmanaged, IMultiplyOperators<T, T, T>, IAdditionOperators<T, T, T>
{
    public static T Apply(T a, T b, T c) => unchecked((a * b) + c);
}

/// <summary>The high half of a product.</summary>
internal readonly struct MultiplyHigh : IBinary<uint, uint, uint>, IBinary<int, int, int>, IBinary<ulong, ulong, ulong>, IBinary<long, long, long>
{
    public static uint Apply(uint a, uint b) => (uint)(((ulong)a * b) >> 32);

    public static int Apply(int a, int b) => (int)(((long)a * b) >> 32);

    public static ulong Apply(ulong a, ulong b) => Math.BigMul(a, b, out _);

    public static long Apply(long a, long b) => Math.BigMul(a, b, out _);
}

internal readonly struct MultiplyHighAdd : ITernary<uint, uint, uint, uint>, ITernary<int, int, int, int>, ITernary<ulong, ulong, ulong, ulong>, ITernary<long, long, long, long>
{
    public static uint Apply(uint a, uint b, uint c) => unchecked(MultiplyHigh.Apply(a, b) + c);

    public static int Apply(int a, int b, int c) => unchecked(MultiplyHigh.Apply(a, b) + c);

    public static ulong Apply(ulong a, ulong b, ulong c) => unchecked(MultiplyHigh.Apply(a, b) + c);

    public static long Apply(long a, long b, long c) => unchecked(MultiplyHigh.Apply(a, b) + c);
}

/// <summary>A product twice as wide as its factors.</summary>
internal readonly struct MultiplyWide : IBinary<uint, uint, ulong>, IBinary<int, int, long>
{
    public static ulong Apply(uint a, uint b) => (ulong)a * b;

    public static long Apply(int a, int b) => (long)a * b;
}

internal readonly struct MultiplyWide16 : IBinary<uint, uint, uint>, IBinary<int, int, int>
{
    public static uint Apply(uint a, uint b) => (uint)(ushort)a * (ushort)b;

    public static int Apply(int a, int b) => (short)a * (short)b;
}

internal readonly struct MultiplyWideAdd : ITernary<uint, uint, ulong, ulong>, ITernary<int, int, long, long>
{
    public static ulong Apply(uint a, uint b, ulong c) => unchecked(((ulong)a * b) + c);

    public static long Apply(int a, int b, long c) => unchecked(((long)a * b) + c);
}

/// <summary>A quotient rounded towards zero. Of a division by zero, which the warp reports, all bits are set.</summary>
internal readonly struct Divide : IBinary<uint, uint, uint>, IBinary<int, int, int>, IBinary<ulong, ulong, ulong>, IBinary<long, long, long>
{
    public static uint Apply(uint a, uint b) => b == 0 ? uint.MaxValue : a / b;

    public static int Apply(int a, int b) => b == 0 ? -1 : b == -1 ? unchecked(-a) : a / b;

    public static ulong Apply(ulong a, ulong b) => b == 0 ? ulong.MaxValue : a / b;

    public static long Apply(long a, long b) => b == 0 ? -1 : b == -1 ? unchecked(-a) : a / b;
}

internal readonly struct Remainder : IBinary<uint, uint, uint>, IBinary<int, int, int>, IBinary<ulong, ulong, ulong>, IBinary<long, long, long>
{
    public static uint Apply(uint a, uint b) => b == 0 ? uint.MaxValue : a % b;

    public static int Apply(int a, int b) => b == 0 ? -1 : b == -1 ? 0 : a % b;

    public static ulong Apply(ulong a, ulong b) => b == 0 ? ulong.MaxValue : a % b;

    public static long Apply(long a, long b) => b == 0 ? -1 : b == -1 ? 0 : a % b;
}

internal readonly struct Minimum<T> : IBinary<T, T, T> where T : unmanaged, IComparisonOperators<T, T, bool>
{
    public static T Apply(T a, T b) => a < b ? a : b;
}

internal readonly struct Maximum<T> : IBinary<T, T, T> where T : unmanaged, IComparisonOperators<T, T, bool>
{
    public static T Apply(T a, T b) => a > b ? a : b;
}

internal readonly struct Negate<T> : IUnary<T, T> where T : unmanaged, IUnaryNegationOperators<T, T>
{
    public static T Apply(T a) => unchecked(-a);
}

internal readonly struct Absolute : IUnary<int, int>, IUnary<long, long>
{
    public static int Apply(int a) => a < 0 ? unchecked(-a) : a;

    public static long Apply(long a) => a < 0 ? unchecked(-a) : a;
}

internal readonly struct And<T> : IBinary<T, T, T> where T : unmanaged, IBitwiseOperators<T, T, T>
{
    public static T Apply(T a, T b) => a & b;
}

internal readonly struct Or<T> : IBinary<T, T, T> where T : unmanaged, IBitwiseOperators<T, T, T>
{
    public static T Apply(T a, T b) => a | b;
}

internal readonly struct Xor<T> : IBinary<T, T, T> where T : unmanaged, IBitwiseOperators<T, T, T>
{
    public static T Apply(T a, T b) => a ^ b;
}

/// <summary>Of predicates: not a, whatever b is.</summary>
internal readonly struct NotFirst : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => ~a;
}

/// <summary>Of predicates: a, whatever b is.</summary>
internal readonly struct First : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => a;
}

internal readonly struct Not<T> : IUnary<T, T> where T : unmanaged, IBitwiseOperators<T, T, T>
{
    public static T Apply(T a) => ~a;
}

internal readonly struct Not16 : IUnary<uint, uint>
{
    public static uint Apply(uint a) => (ushort)~a;
}

/// <summary>Left by b, or 0 where b is the width or more.</summary>
internal readonly struct ShiftLeft : IBinary<uint, uint, uint>, IBinary<ulong, uint, ulong>
{
    public static uint Apply(uint a, uint b) => b > 31 ? 0 : a << (int)b;

    public static ulong Apply(ulong a, uint b) => b > 63 ? 0 : a << (int)b;
}

/// <summary>Right by b; what comes in is 0, or the sign of signed numbers.</summary>
internal readonly struct ShiftRight : IBinary<uint, uint, uint>, IBinary<ulong, uint, ulong>, IBinary<int, uint, int>, IBinary<long, uint, long>
{
    public static uint Apply(uint a, uint b) => b > 31 ? 0 : a >> (int)b;

    public static ulong Apply(ulong a, uint b) => b > 63 ? 0 : a >> (int)b;

    public static int Apply(int a, uint b) => a >> (int)Math.Min(b, 31);

    public static long Apply(long a, uint b) => a >> (int)Math.Min(b, 63);
}

internal readonly struct ShiftLeft16 : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b > 15 ? 0u : (ushort)(a << (int)b);
}

internal readonly struct ShiftRight16 : IBinary<uint, uint, uint>, IBinary<int, uint, uint>
{
    public static uint Apply(uint a, uint b) => b > 15 ? 0 : a >> (int)b;

    public static uint Apply(int a, uint b) => (ushort)((short)a >> (int)Math.Min(b, 15));
}

internal readonly struct NegateFirst : IBinary<int, int, int>
{
    public static int Apply(int a, int b) => -a;
}

internal readonly struct AbsoluteFirst : IBinary<int, int, int>
{
    public static int Apply(int a, int b) => Math.Abs(a);
}

/// <summary>An operation on numbers of 16 bits, signed, in registers of 32.</summary>
internal readonly struct Signed16<TOp> : IBinary<uint, uint, uint>, IUnary<uint, uint> where TOp : struct, IBinary<int, int, int>
{
    public static uint Apply(uint a, uint b) => (ushort)TOp.Apply((short)a, (short)b);

    public static uint Apply(uint a) => (ushort)TOp.Apply((short)a, 0);
}

/// <summary>An operation on numbers of 16 bits, unsigned, in registers of 32.</summary>
internal readonly struct Unsigned16<TOp> : IBinary<uint, uint, uint> where TOp : struct, IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => (ushort)TOp.Apply((ushort)a, (ushort)b);
}

internal readonly struct MultiplyAdd16 : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => (ushort)((a * b) + c);
}

internal readonly struct MultiplyWideAdd16 : ITernary<uint, uint, uint, uint>, ITernary<int, int, int, int>
{
    public static uint Apply(uint a, uint b, uint c) => unchecked(((uint)(ushort)a * (ushort)b) + c);

    public static int Apply(int a, int b, int c) => unchecked(((short)a * (short)b) + c);
}

internal readonly struct PopulationCount : IUnary<uint, uint>, IUnary<ulong, uint>
{
    public static uint Apply(uint a) => (uint)BitOperations.PopCount(a);

    public static uint Apply(ulong a) => (uint)BitOperations.PopCount(a);
}

internal readonly struct LeadingZeros : IUnary<uint, uint>, IUnary<ulong, uint>
{
    public static uint Apply(uint a) => (uint)BitOperations.LeadingZeroCount(a);

    public static uint Apply(ulong a) => (uint)BitOperations.LeadingZeroCount(a);
}

/// <summary>The highest bit that differs from the sign, or all ones.</summary>
internal readonly struct HighestBit : IUnary<uint, uint>, IUnary<ulong, uint>, IUnary<int, uint>, IUnary<long, uint>
{
    public static uint Apply(uint a) => a == 0 ? uint.MaxValue : 31 - LeadingZeros.Apply(a);

    public static uint Apply(ulong a) => a == 0 ? uint.MaxValue : 63 - LeadingZeros.Apply(a);

    public static uint Apply(int a) => Apply((uint)(a < 0 ? ~a : a));

    public static uint Apply(long a) => Apply((ulong)(a < 0 ? ~a : a));
}

/// <summary>How far the highest bit that differs from the sign is from the top, or all ones.</summary>
internal readonly struct HighestBitShift : IUnary<uint, uint>, IUnary<ulong, uint>, IUnary<int, uint>, IUnary<long, uint>
{
    public static uint Apply(uint a) => a == 0 ? uint.MaxValue : LeadingZeros.Apply(a);

    public static uint Apply(ulong a) => a == 0 ? uint.MaxValue : LeadingZeros.Apply(a);

    public static uint Apply(int a) => Apply((uint)(a < 0 ? ~a : a));

    public static uint Apply(long a) => Apply((ulong)(a < 0 ? ~a : a));
}

internal readonly struct ReverseBits : IUnary<uint, uint>, IUnary<ulong, ulong>
{
    public static uint Apply(uint a)
    {
        a = ((a >> 1) & 0x55555555) | ((a & 0x55555555) << 1);
        a = ((a >> 2) & 0x33333333) | ((a & 0x33333333) << 2);
        a = ((a >> 4) & 0x0F0F0F0F) | ((a & 0x0F0F0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(a);
    }

    public static ulong Apply(ulong a) => ((ulong)Apply((uint)a) << 32) | Apply((uint)(a >> 32));
}

/// <summary>prmt in its default mode: each nibble of c chooses a byte of b:a, or with its high bit the sign of that byte eight times.</summary>
internal readonly struct Permute : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c)
    {
        ulong bytes = ((ulong)b << 32) | a;
        uint result = 0;
        for (int i = 0; i < 4; i++)
        {
            uint selector = (c >> (4 * i)) & 15;
            var chosen = (byte)(bytes >> (int)((selector & 7) * 8));
            uint value = (selector & 8) == 0 ? chosen : (chosen & 0x80) != 0 ? 0xFFu : 0;
            result |= value << (8 * i);
        }

        return result;
    }
}

/// <summary>shf.l: the high word of b:a shifted left by c, which wraps.</summary>
internal readonly struct FunnelLeftWrap : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => (uint)(((((ulong)b << 32) | a) << (int)(c & 31)) >> 32);
}

/// <summary>shf.l: the high word of b:a shifted left by c, at most 32.</summary>
internal readonly struct FunnelLeftClamp : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => c > 31 ? a : FunnelLeftWrap.Apply(a, b, c);
}

/// <summary>shf.r: the low word of b:a shifted right by c, which wraps.</summary>
internal readonly struct FunnelRightWrap : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => (uint)((((ulong)b << 32) | a) >> (int)(c & 31));
}

/// <summary>shf.r: the low word of b:a shifted right by c, at most 32.</summary>
internal readonly struct FunnelRightClamp : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => c > 31 ? b : FunnelRightWrap.Apply(a, b, c);
}
