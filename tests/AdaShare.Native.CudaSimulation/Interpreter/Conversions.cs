using System.Numerics;
using System.Runtime.CompilerServices;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>A type of numbers as registers hold it: small integers are in 32 bits, floats are themselves.</summary>
internal unsafe interface IRegisterType
{
    /// <summary>The value as an integer; floating-point types don't have it.</summary>
    static abstract long Integer(byte* register, int lane);

    /// <summary>The value, exact for all types up to 32 bits.</summary>
    static abstract double Float(byte* register, int lane);

    /// <summary>Writes the low bits of an integer.</summary>
    static abstract void Truncate(byte* register, int lane, long value);

    /// <summary>Writes a number, rounded to the nearest of the type; of integer types clamped to their range.</summary>
    static abstract void Write(byte* register, int lane, double value);
}

/// <summary>Integers of up to 32 bits.</summary>
internal readonly unsafe struct Small<T> : IRegisterType where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public static long Integer(byte* register, int lane) => long.CreateTruncating(T.CreateTruncating(((uint*)register)[lane]));

    public static double Float(byte* register, int lane) => Integer(register, lane);

    // Sign-extended, because the register may be wider than the type.
    public static void Truncate(byte* register, int lane, long value) => ((uint*)register)[lane] = Narrow(uint.CreateTruncating(T.CreateTruncating(value)));

    public static void Write(byte* register, int lane, double value) => ((uint*)register)[lane] = Narrow(uint.CreateTruncating(T.CreateSaturating(value)));

    private static uint Narrow(uint value) => sizeof(T) == 2 ? (ushort)value : value;
}

/// <summary>Integers of 64 bits.</summary>
internal readonly unsafe struct Large<T> : IRegisterType where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public static long Integer(byte* register, int lane) => long.CreateTruncating(((T*)register)[lane]);

    public static double Float(byte* register, int lane) => double.CreateTruncating(((T*)register)[lane]);

    public static void Truncate(byte* register, int lane, long value) => ((T*)register)[lane] = T.CreateTruncating(value);

    public static void Write(byte* register, int lane, double value) => ((T*)register)[lane] = T.CreateSaturating(value);
}

internal readonly unsafe struct SingleType : IRegisterType
{
    public static long Integer(byte* register, int lane) => throw new NotSupportedException();

    public static double Float(byte* register, int lane) => ((float*)register)[lane];

    public static void Truncate(byte* register, int lane, long value) => throw new NotSupportedException();

    public static void Write(byte* register, int lane, double value) => ((float*)register)[lane] = (float)value;
}

internal readonly unsafe struct DoubleType : IRegisterType
{
    public static long Integer(byte* register, int lane) => throw new NotSupportedException();

    public static double Float(byte* register, int lane) => ((double*)register)[lane];

    public static void Truncate(byte* register, int lane, long value) => throw new NotSupportedException();

    public static void Write(byte* register, int lane, double value) => ((double*)register)[lane] = value;
}

internal readonly unsafe struct HalfType : IRegisterType
{
    public static long Integer(byte* register, int lane) => throw new NotSupportedException();

    public static double Float(byte* register, int lane) => (double)BitConverter.UInt16BitsToHalf((ushort)((uint*)register)[lane]);

    public static void Truncate(byte* register, int lane, long value) => throw new NotSupportedException();

    public static void Write(byte* register, int lane, double value) => ((uint*)register)[lane] = BitConverter.HalfToUInt16Bits((Half)value);
}

internal readonly unsafe struct BrainType : IRegisterType
{
    public static long Integer(byte* register, int lane) => throw new NotSupportedException();

    public static double Float(byte* register, int lane) => BitConverter.UInt32BitsToSingle(((uint*)register)[lane] << 16);

    public static void Truncate(byte* register, int lane, long value) => throw new NotSupportedException();

    public static void Write(byte* register, int lane, double value) => ((uint*)register)[lane] = Bfloat16.FromSingle((float)value);
}

internal static class Bfloat16
{
    /// <summary>The nearest bfloat16, of two equally near ones the even one.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FFF : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}

/// <summary>cvt between register types (PTX ISA, section 9.7.9.21).</summary>
internal static unsafe class Conversion
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Integers<TFrom, TTo>(byte* registers, Instruction i, uint mask) where TFrom : struct, IRegisterType where TTo : struct, IRegisterType
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            TTo.Truncate(registers + i.D, lane, TFrom.Integer(registers + i.A, lane));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FloatToInteger<TFrom, TTo, TRounding>(byte* registers, Instruction i, uint mask)
        where TFrom : struct, IRegisterType where TTo : struct, IRegisterType where TRounding : struct, IRounding
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            double value = TRounding.Integer(TFrom.Float(registers + i.A, lane));
            TTo.Write(registers + i.D, lane, double.IsNaN(value) ? 0 : value);
        }
    }

    /// <summary>To the nearest of the type; conversions of integers of 64 bits are in <see cref="LongToFloat{TFrom}"/>, because they don't fit a double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToFloat<TFrom, TTo>(byte* registers, Instruction i, uint mask) where TFrom : struct, IRegisterType where TTo : struct, IRegisterType
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            TTo.Write(registers + i.D, lane, TFrom.Float(registers + i.A, lane));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToFloatDirected<TFrom, TRounding>(byte* registers, Instruction i, uint mask) where TFrom : struct, IRegisterType where TRounding : struct, IRounding
    {
        var d = (float*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = Directed.Round<TRounding>(TFrom.Float(registers + i.A, lane), 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LongToFloat<TFrom>(byte* registers, Instruction i, uint mask) where TFrom : unmanaged, IBinaryInteger<TFrom>
    {
        var d = (float*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = float.CreateTruncating(((TFrom*)(registers + i.A))[lane]);
        }
    }

    /// <summary>To an integer of the same type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RoundToInteger<TType, TRounding>(byte* registers, Instruction i, uint mask) where TType : struct, IRegisterType where TRounding : struct, IRounding
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            TType.Write(registers + i.D, lane, TRounding.Integer(TType.Float(registers + i.A, lane)));
        }
    }
}

/// <summary>Two floats as a pair of bfloat16; the first is the high one.</summary>
internal readonly struct PackBrain : IBinary<float, float, uint>
{
    public static uint Apply(float a, float b) => ((uint)Bfloat16.FromSingle(a) << 16) | Bfloat16.FromSingle(b);
}

/// <summary>Two floats as a pair of halves; the first is the high one.</summary>
internal readonly struct PackHalf : IBinary<float, float, uint>
{
    public static uint Apply(float a, float b) => ((uint)BitConverter.HalfToUInt16Bits((Half)a) << 16) | BitConverter.HalfToUInt16Bits((Half)b);
}
