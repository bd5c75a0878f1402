using AdaShare.Native.CudaSimulation.Ptx;
using unsafe Handler = delegate*<byte*, AdaShare.Native.CudaSimulation.Interpreter.Instruction, uint, void>;

namespace AdaShare.Native.CudaSimulation.Interpreter;

internal static unsafe partial class ComputeTable
{
    private static Handler Convert(Opcode o)
    {
        if (o.Types.Count != 2)
        {
            return null;
        }

        (PtxType to, PtxType from) = (o.Types[0], o.Types[1]);
        string rounding = o.Which("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi");
        if (o.TypeNames[0] is "bf16x2" or "f16x2")
        {
            return rounding != "rn" || from != PtxType.F32 ? null : o.TypeNames[0] == "bf16x2" ? &Lanes.Binary<PackBrain, float, float, uint> : &Lanes.Binary<PackHalf, float, float, uint>;
        }

        return (to.IsFloat(), from.IsFloat()) switch
        {
            (false, false) => o.Has("sat") ? SaturatedIntegers(to, from) : Integers(to, from),
            (false, true) => FloatToInteger(to, from, rounding),
            (true, false) => IntegerToFloat(to, from, rounding),
            _ => FloatToFloat(o, to, from, rounding),
        };
    }

    private static Handler Integers(PtxType to, PtxType from) => from switch
    {
        PtxType.U8 => IntegersFrom<Small<byte>>(to),
        PtxType.S8 => IntegersFrom<Small<sbyte>>(to),
        PtxType.U16 => IntegersFrom<Small<ushort>>(to),
        PtxType.S16 => IntegersFrom<Small<short>>(to),
        PtxType.U32 => IntegersFrom<Small<uint>>(to),
        PtxType.S32 => IntegersFrom<Small<int>>(to),
        PtxType.U64 => IntegersFrom<Large<ulong>>(to),
        PtxType.S64 => IntegersFrom<Large<long>>(to),
        _ => null,
    };

    private static Handler IntegersFrom<TFrom>(PtxType to) where TFrom : struct, IRegisterType => to switch
    {
        PtxType.U8 => &Conversion.Integers<TFrom, Small<byte>>,
        PtxType.S8 => &Conversion.Integers<TFrom, Small<sbyte>>,
        PtxType.U16 => &Conversion.Integers<TFrom, Small<ushort>>,
        PtxType.S16 => &Conversion.Integers<TFrom, Small<short>>,
        PtxType.U32 => &Conversion.Integers<TFrom, Small<uint>>,
        PtxType.S32 => &Conversion.Integers<TFrom, Small<int>>,
        PtxType.U64 => &Conversion.Integers<TFrom, Large<ulong>>,
        PtxType.S64 => &Conversion.Integers<TFrom, Large<long>>,
        _ => null,
    };

    /// <summary>Integers of up to 32 bits, clamped; they fit a double.</summary>
    private static Handler SaturatedIntegers(PtxType to, PtxType from) => from switch
    {
        PtxType.U32 => RoundedFrom<Small<uint>, TowardsZero>(to),
        PtxType.S32 => RoundedFrom<Small<int>, TowardsZero>(to),
        PtxType.U16 => RoundedFrom<Small<ushort>, TowardsZero>(to),
        PtxType.S16 => RoundedFrom<Small<short>, TowardsZero>(to),
        _ => null,
    };

    private static Handler FloatToInteger(PtxType to, PtxType from, string rounding) => from switch
    {
        PtxType.F32 => Rounded<SingleType>(to, rounding),
        PtxType.F64 => Rounded<DoubleType>(to, rounding),
        PtxType.F16 => Rounded<HalfType>(to, rounding),
        _ => null,
    };

    private static Handler Rounded<TFrom>(PtxType to, string rounding) where TFrom : struct, IRegisterType => rounding switch
    {
        "rni" => RoundedFrom<TFrom, ToNearest>(to),
        "rzi" => RoundedFrom<TFrom, TowardsZero>(to),
        "rmi" => RoundedFrom<TFrom, Downwards>(to),
        "rpi" => RoundedFrom<TFrom, Upwards>(to),
        _ => null,
    };

    private static Handler RoundedFrom<TFrom, TRounding>(PtxType to) where TFrom : struct, IRegisterType where TRounding : struct, IRounding => to switch
    {
        PtxType.U8 => &Conversion.FloatToInteger<TFrom, Small<byte>, TRounding>,
        PtxType.S8 => &Conversion.FloatToInteger<TFrom, Small<sbyte>, TRounding>,
        PtxType.U16 => &Conversion.FloatToInteger<TFrom, Small<ushort>, TRounding>,
        PtxType.S16 => &Conversion.FloatToInteger<TFrom, Small<short>, TRounding>,
        PtxType.U32 => &Conversion.FloatToInteger<TFrom, Small<uint>, TRounding>,
        PtxType.S32 => &Conversion.FloatToInteger<TFrom, Small<int>, TRounding>,
        PtxType.U64 => &Conversion.FloatToInteger<TFrom, Large<ulong>, TRounding>,
        PtxType.S64 => &Conversion.FloatToInteger<TFrom, Large<long>, TRounding>,
        _ => null,
    };

    private static Handler IntegerToFloat(PtxType to, PtxType from, string rounding) => (to, from, rounding) switch
    {
        (PtxType.F32, PtxType.U64, "rn") => &Conversion.LongToFloat<ulong>,
        (PtxType.F32, PtxType.S64, "rn") => &Conversion.LongToFloat<long>,
        (PtxType.F32, PtxType.U64 or PtxType.S64, _) => null,
        (PtxType.F64, PtxType.U64, "rn") => &Conversion.ToFloat<Large<ulong>, DoubleType>,
        (PtxType.F64, PtxType.S64, "rn") => &Conversion.ToFloat<Large<long>, DoubleType>,
        (PtxType.F16, PtxType.U64 or PtxType.S64, _) => null,
        (_, PtxType.U8, _) => Exact<Small<byte>>(to, rounding),
        (_, PtxType.S8, _) => Exact<Small<sbyte>>(to, rounding),
        (_, PtxType.U16, _) => Exact<Small<ushort>>(to, rounding),
        (_, PtxType.S16, _) => Exact<Small<short>>(to, rounding),
        (_, PtxType.U32, _) => Exact<Small<uint>>(to, rounding),
        (_, PtxType.S32, _) => Exact<Small<int>>(to, rounding),
        _ => null,
    };

    /// <summary>From a type whose values a double holds exactly.</summary>
    private static Handler Exact<TFrom>(PtxType to, string rounding) where TFrom : struct, IRegisterType => (to, rounding) switch
    {
        (PtxType.F32, "rn") => &Conversion.ToFloat<TFrom, SingleType>,
        (PtxType.F32, "rz") => &Conversion.ToFloatDirected<TFrom, TowardsZero>,
        (PtxType.F32, "rm") => &Conversion.ToFloatDirected<TFrom, Downwards>,
        (PtxType.F32, "rp") => &Conversion.ToFloatDirected<TFrom, Upwards>,
        (PtxType.F64, _) => &Conversion.ToFloat<TFrom, DoubleType>,
        (PtxType.F16, "rn") => &Conversion.ToFloat<TFrom, HalfType>,
        _ => null,
    };

    private static Handler FloatToFloat(Opcode o, PtxType to, PtxType from, string rounding)
    {
        if (to == PtxType.F32 && from == PtxType.F32)
        {
            return rounding switch
            {
                "" => Unary<Same<float>>(o),
                "rni" => Unary<ToInteger<ToNearest>>(o),
                "rzi" => Unary<ToInteger<TowardsZero>>(o),
                "rmi" => Unary<ToInteger<Downwards>>(o),
                "rpi" => Unary<ToInteger<Upwards>>(o),
                _ => null,
            };
        }

        return (to, from, rounding) switch
        {
            (PtxType.F64, PtxType.F64, "rni") => &Conversion.RoundToInteger<DoubleType, ToNearest>,
            (PtxType.F64, PtxType.F64, "rzi") => &Conversion.RoundToInteger<DoubleType, TowardsZero>,
            (PtxType.F64, PtxType.F64, "rmi") => &Conversion.RoundToInteger<DoubleType, Downwards>,
            (PtxType.F64, PtxType.F64, "rpi") => &Conversion.RoundToInteger<DoubleType, Upwards>,
            (PtxType.F64, PtxType.F64, "") => &Lanes.Move<ulong>,
            (PtxType.F64, PtxType.F32, "") => &Conversion.ToFloat<SingleType, DoubleType>,
            (PtxType.F32, PtxType.F64, _) => Exact<DoubleType>(PtxType.F32, rounding),
            (PtxType.F32, PtxType.F16, "") => &Conversion.ToFloat<HalfType, SingleType>,
            (PtxType.F64, PtxType.F16, "") => &Conversion.ToFloat<HalfType, DoubleType>,
            (PtxType.F16, PtxType.F32, "rn") => &Conversion.ToFloat<SingleType, HalfType>,
            (PtxType.F16, PtxType.F64, "rn") => &Conversion.ToFloat<DoubleType, HalfType>,
            (PtxType.F32, PtxType.BF16, "") => &Conversion.ToFloat<BrainType, SingleType>,
            (PtxType.BF16, PtxType.F32, "rn") => &Conversion.ToFloat<SingleType, BrainType>,
            _ => null,
        };
    }
}
