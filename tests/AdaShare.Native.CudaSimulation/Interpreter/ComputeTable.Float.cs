using AdaShare.Native.CudaSimulation.Ptx;
using unsafe Handler = delegate*<byte*, AdaShare.Native.CudaSimulation.Interpreter.Instruction, uint, void>;

namespace AdaShare.Native.CudaSimulation.Interpreter;

internal static unsafe partial class ComputeTable
{
    private static Handler Float(Opcode o)
    {
        if (o.Type is PtxType.F16 or PtxType.BF16)
        {
            return null;
        }

        string rounding = o.Which("rn", "rz", "rm", "rp");
        if (o.Type == PtxType.F64)
        {
            return rounding is "rn" or "" ? Double(o) : null;
        }

        if (o.Has("approx") || o.Has("full"))
        {
            return ApproximateDivision(o);
        }

        return rounding switch
        {
            "rz" => DirectedFloat<TowardsZero>(o),
            "rm" => DirectedFloat<Downwards>(o),
            "rp" => DirectedFloat<Upwards>(o),
            _ => Single(o),
        };
    }

    private static Handler Double(Opcode o) => o.Name switch
    {
        "add" => &Lanes.Binary<Add<double>, double, double, double>,
        "sub" => &Lanes.Binary<Subtract<double>, double, double, double>,
        "mul" => &Lanes.Binary<Multiply<double>, double, double, double>,
        "fma" or "mad" => &Lanes.Ternary<FusedMultiplyAdd, double, double, double, double>,
        "div" => &Lanes.Binary<Quotient, double, double, double>,
        "rcp" => o.Has("approx") && o.Has("ftz") ? &Lanes.Unary<ApproximateReciprocal64, double, double> : &Lanes.Unary<Reciprocal, double, double>,
        "sqrt" => &Lanes.Unary<SquareRoot, double, double>,
        "min" => &Lanes.Binary<FloatMinimum, double, double, double>,
        "max" => &Lanes.Binary<FloatMaximum, double, double, double>,
        "neg" => &Lanes.Unary<Negate<double>, double, double>,
        "abs" => &Lanes.Unary<FloatAbsolute, double, double>,
        _ => null,
    };

    private static Handler Single(Opcode o)
    {
        bool nan = o.Has("NaN");
        return o.Name switch
        {
            "add" => Binary<Add<float>>(o),
            "sub" => Binary<Subtract<float>>(o),
            "mul" => Binary<Multiply<float>>(o),
            "fma" or "mad" => Ternary<FusedMultiplyAdd>(o),
            "div" => Binary<Quotient>(o),
            "rcp" => Unary<Reciprocal>(o),
            "sqrt" => Unary<SquareRoot>(o),
            "min" => nan ? Binary<NanMinimum>(o) : Binary<FloatMinimum>(o),
            "max" => nan ? Binary<NanMaximum>(o) : Binary<FloatMaximum>(o),
            "neg" => Unary<Negate<float>>(o),
            "abs" => Unary<FloatAbsolute>(o),
            _ => null,
        };
    }

    private static Handler DirectedFloat<TRounding>(Opcode o) where TRounding : struct, IRounding => o.Name switch
    {
        "add" => Binary<DirectedAdd<TRounding>>(o),
        "sub" => Binary<DirectedSubtract<TRounding>>(o),
        "mul" => Binary<DirectedMultiply<TRounding>>(o),
        "fma" or "mad" => Ternary<DirectedMultiplyAdd<TRounding>>(o),
        "div" => Binary<DirectedDivide<TRounding>>(o),
        "sqrt" => Unary<DirectedSquareRoot<TRounding>>(o),
        _ => null,
    };

    private static Handler ApproximateDivision(Opcode o) => o.Name switch
    {
        "div" => Binary<Quotient>(o),
        "rcp" => Unary<ApproximateReciprocal>(o),
        "sqrt" => Unary<SquareRoot>(o),
        _ => null,
    };

    private static Handler Approximation(Opcode o)
    {
        if (!o.Has("approx"))
        {
            return null;
        }

        return (o.Name, o.Type) switch
        {
            ("ex2", PtxType.F32) => Unary<ApproximateExp2>(o),
            ("lg2", PtxType.F32) => Unary<ApproximateLog2>(o),
            ("rsqrt", PtxType.F32) => Unary<ApproximateReciprocalSquareRoot>(o),
            ("rsqrt", PtxType.F64) when o.Has("ftz") => &Lanes.Unary<ApproximateReciprocalSquareRoot64, double, double>,
            ("sin", PtxType.F32) => Unary<ApproximateSine>(o),
            ("cos", PtxType.F32) => Unary<ApproximateCosine>(o),
            ("tanh", PtxType.F32) => Unary<ApproximateHyperbolicTangent>(o),
            _ => null,
        };
    }

    // The modifiers .ftz and .sat around an operation in single precision.
    private static Handler Unary<TOp>(Opcode o) where TOp : struct, IUnary<float, float> => (o.Has("ftz"), o.Has("sat")) switch
    {
        (false, false) => &Lanes.Unary<TOp, float, float>,
        (true, false) => &Lanes.Unary<FlushUnary<TOp>, float, float>,
        (false, true) => &Lanes.Unary<SaturateUnary<TOp>, float, float>,
        _ => &Lanes.Unary<SaturateUnary<FlushUnary<TOp>>, float, float>,
    };

    private static Handler Binary<TOp>(Opcode o) where TOp : struct, IBinary<float, float, float> => (o.Has("ftz"), o.Has("sat")) switch
    {
        (false, false) => &Lanes.Binary<TOp, float, float, float>,
        (true, false) => &Lanes.Binary<FlushBinary<TOp>, float, float, float>,
        (false, true) => &Lanes.Binary<SaturateBinary<TOp>, float, float, float>,
        _ => &Lanes.Binary<SaturateBinary<FlushBinary<TOp>>, float, float, float>,
    };

    private static Handler Ternary<TOp>(Opcode o) where TOp : struct, ITernary<float, float, float, float> => (o.Has("ftz"), o.Has("sat")) switch
    {
        (false, false) => &Lanes.Ternary<TOp, float, float, float, float>,
        (true, false) => &Lanes.Ternary<FlushTernary<TOp>, float, float, float, float>,
        (false, true) => &Lanes.Ternary<SaturateTernary<TOp>, float, float, float, float>,
        _ => &Lanes.Ternary<SaturateTernary<FlushTernary<TOp>>, float, float, float, float>,
    };
}
