using AdaShare.Native.CudaSimulation.Ptx;
using unsafe Handler = delegate*<byte*, AdaShare.Native.CudaSimulation.Interpreter.Instruction, uint, void>;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Finds the method that runs a computing instruction, by its operation, modifiers and types. Null where there is none.</summary>
internal static unsafe partial class ComputeTable
{
    /// <summary>The method for an instruction with source operands.</summary>
    public static Handler Find(Opcode o)
    {
        PtxType type = o.Type;
        return o.Name switch
        {
            "mov" or "cvta" => Move(type),
            "add" or "sub" or "mul" or "mad" or "fma" or "div" or "rcp" or "sqrt" or "min" or "max" or "neg" or "abs" => type.IsFloat() ? Float(o) : Integer(o),
            "rem" => Divisions(type, remainder: true),
            "and" or "or" or "xor" or "not" => Logic(o.Name, type),
            "shl" or "shr" => Shift(o.Name == "shl", type),
            "popc" => type.Bytes() == 8 ? &Lanes.Unary<PopulationCount, ulong, uint> : &Lanes.Unary<PopulationCount, uint, uint>,
            "clz" => type.Bytes() == 8 ? &Lanes.Unary<LeadingZeros, ulong, uint> : &Lanes.Unary<LeadingZeros, uint, uint>,
            "brev" => type.Bytes() == 8 ? &Lanes.Unary<ReverseBits, ulong, ulong> : &Lanes.Unary<ReverseBits, uint, uint>,
            "bfind" => HighestBits(type, o.Has("shiftamt")),
            "bfe" => BitFieldExtract(type),
            "bfi" => type.Bytes() == 8 ? &BitFields.Insert64 : &BitFields.Insert32,
            "prmt" => &Lanes.Ternary<Permute, uint, uint, uint, uint>,
            "shf" => Funnel(o),
            "lop3" => &BitFields.LogicOfThree,
            "setp" => Comparison(o, toWord: false),
            "set" => Comparison(o, toWord: true),
            "selp" => type.Bytes() == 8 ? &Lanes.Select<ulong> : &Lanes.Select<uint>,
            "cvt" => Convert(o),
            "copysign" => type == PtxType.F64 ? &Lanes.Binary<CopySign, double, double, double> : &Lanes.Binary<CopySign, float, float, float>,
            "testp" => TestProperty(o),
            _ => Approximation(o),
        };
    }

    private static Handler Move(PtxType type) =>
        type == PtxType.Predicate ? &Lanes.Predicate<First> : type.Bytes() == 8 ? &Lanes.Move<ulong> : &Lanes.Move<uint>;

    private static Handler Integer(Opcode o)
    {
        PtxType type = o.Type;
        bool wide = o.Has("wide"), high = o.Has("hi");
        _ = o.Has("lo");
        return (o.Name, type) switch
        {
            ("add", PtxType.U16 or PtxType.S16) => &Lanes.Binary<Unsigned16<Add<uint>>, uint, uint, uint>,
            ("add", PtxType.U32 or PtxType.S32) => &Lanes.Binary<Add<uint>, uint, uint, uint>,
            ("add", PtxType.U64 or PtxType.S64) => &Lanes.Binary<Add<ulong>, ulong, ulong, ulong>,
            ("sub", PtxType.U16 or PtxType.S16) => &Lanes.Binary<Unsigned16<Subtract<uint>>, uint, uint, uint>,
            ("sub", PtxType.U32 or PtxType.S32) => &Lanes.Binary<Subtract<uint>, uint, uint, uint>,
            ("sub", PtxType.U64 or PtxType.S64) => &Lanes.Binary<Subtract<ulong>, ulong, ulong, ulong>,
            ("mul", _) => Product(type, wide, high),
            ("mad", _) => ProductSum(type, wide, high),
            ("div", _) => Divisions(type, remainder: false),
            ("min", PtxType.U16) => &Lanes.Binary<Unsigned16<Minimum<uint>>, uint, uint, uint>,
            ("min", PtxType.S16) => &Lanes.Binary<Signed16<Minimum<int>>, uint, uint, uint>,
            ("min", PtxType.U32) => &Lanes.Binary<Minimum<uint>, uint, uint, uint>,
            ("min", PtxType.S32) => &Lanes.Binary<Minimum<int>, int, int, int>,
            ("min", PtxType.U64) => &Lanes.Binary<Minimum<ulong>, ulong, ulong, ulong>,
            ("min", PtxType.S64) => &Lanes.Binary<Minimum<long>, long, long, long>,
            ("max", PtxType.U16) => &Lanes.Binary<Unsigned16<Maximum<uint>>, uint, uint, uint>,
            ("max", PtxType.S16) => &Lanes.Binary<Signed16<Maximum<int>>, uint, uint, uint>,
            ("max", PtxType.U32) => &Lanes.Binary<Maximum<uint>, uint, uint, uint>,
            ("max", PtxType.S32) => &Lanes.Binary<Maximum<int>, int, int, int>,
            ("max", PtxType.U64) => &Lanes.Binary<Maximum<ulong>, ulong, ulong, ulong>,
            ("max", PtxType.S64) => &Lanes.Binary<Maximum<long>, long, long, long>,
            ("neg", PtxType.S16) => &Lanes.Unary<Signed16<NegateFirst>, uint, uint>,
            ("neg", PtxType.S32) => &Lanes.Unary<Negate<int>, int, int>,
            ("neg", PtxType.S64) => &Lanes.Unary<Negate<long>, long, long>,
            ("abs", PtxType.S16) => &Lanes.Unary<Signed16<AbsoluteFirst>, uint, uint>,
            ("abs", PtxType.S32) => &Lanes.Unary<Absolute, int, int>,
            ("abs", PtxType.S64) => &Lanes.Unary<Absolute, long, long>,
            _ => null,
        };
    }

    private static Handler Product(PtxType type, bool wide, bool high) => type switch
    {
        PtxType.U16 when wide => &Lanes.Binary<MultiplyWide16, uint, uint, uint>,
        PtxType.S16 when wide => &Lanes.Binary<MultiplyWide16, int, int, int>,
        PtxType.U16 or PtxType.S16 when !high => &Lanes.Binary<Unsigned16<Multiply<uint>>, uint, uint, uint>,
        PtxType.U32 when wide => &Lanes.Binary<MultiplyWide, uint, uint, ulong>,
        PtxType.S32 when wide => &Lanes.Binary<MultiplyWide, int, int, long>,
        PtxType.U32 when high => &Lanes.Binary<MultiplyHigh, uint, uint, uint>,
        PtxType.S32 when high => &Lanes.Binary<MultiplyHigh, int, int, int>,
        PtxType.U32 or PtxType.S32 => &Lanes.Binary<Multiply<uint>, uint, uint, uint>,
        PtxType.U64 when high => &Lanes.Binary<MultiplyHigh, ulong, ulong, ulong>,
        PtxType.S64 when high => &Lanes.Binary<MultiplyHigh, long, long, long>,
        PtxType.U64 or PtxType.S64 => &Lanes.Binary<Multiply<ulong>, ulong, ulong, ulong>,
        _ => null,
    };

    private static Handler ProductSum(PtxType type, bool wide, bool high) => type switch
    {
        PtxType.U16 when wide => &Lanes.Ternary<MultiplyWideAdd16, uint, uint, uint, uint>,
        PtxType.S16 when wide => &Lanes.Ternary<MultiplyWideAdd16, int, int, int, int>,
        PtxType.U16 or PtxType.S16 when !high => &Lanes.Ternary<MultiplyAdd16, uint, uint, uint, uint>,
        PtxType.U32 when wide => &Lanes.Ternary<MultiplyWideAdd, uint, uint, ulong, ulong>,
        PtxType.S32 when wide => &Lanes.Ternary<MultiplyWideAdd, int, int, long, long>,
        PtxType.U32 when high => &Lanes.Ternary<MultiplyHighAdd, uint, uint, uint, uint>,
        PtxType.S32 when high => &Lanes.Ternary<MultiplyHighAdd, int, int, int, int>,
        PtxType.U32 or PtxType.S32 => &Lanes.Ternary<MultiplyAdd<uint>, uint, uint, uint, uint>,
        PtxType.U64 when high => &Lanes.Ternary<MultiplyHighAdd, ulong, ulong, ulong, ulong>,
        PtxType.S64 when high => &Lanes.Ternary<MultiplyHighAdd, long, long, long, long>,
        PtxType.U64 or PtxType.S64 => &Lanes.Ternary<MultiplyAdd<ulong>, ulong, ulong, ulong, ulong>,
        _ => null,
    };

    private static Handler Divisions(PtxType type, bool remainder) => type switch
    {
        PtxType.U16 => remainder ? &Lanes.Binary<Unsigned16<Remainder>, uint, uint, uint> : &Lanes.Binary<Unsigned16<Divide>, uint, uint, uint>,
        PtxType.S16 => remainder ? &Lanes.Binary<Signed16<Remainder>, uint, uint, uint> : &Lanes.Binary<Signed16<Divide>, uint, uint, uint>,
        PtxType.U32 => remainder ? &Lanes.Binary<Remainder, uint, uint, uint> : &Lanes.Binary<Divide, uint, uint, uint>,
        PtxType.S32 => remainder ? &Lanes.Binary<Remainder, int, int, int> : &Lanes.Binary<Divide, int, int, int>,
        PtxType.U64 => remainder ? &Lanes.Binary<Remainder, ulong, ulong, ulong> : &Lanes.Binary<Divide, ulong, ulong, ulong>,
        PtxType.S64 => remainder ? &Lanes.Binary<Remainder, long, long, long> : &Lanes.Binary<Divide, long, long, long>,
        _ => null,
    };

    private static Handler Logic(string name, PtxType type) => (name, type) switch
    {
        ("and", PtxType.Predicate) => &Lanes.Predicate<And<uint>>,
        ("or", PtxType.Predicate) => &Lanes.Predicate<Or<uint>>,
        ("xor", PtxType.Predicate) => &Lanes.Predicate<Xor<uint>>,
        ("not", PtxType.Predicate) => &Lanes.Predicate<NotFirst>,
        ("and", PtxType.U64) => &Lanes.Binary<And<ulong>, ulong, ulong, ulong>,
        ("or", PtxType.U64) => &Lanes.Binary<Or<ulong>, ulong, ulong, ulong>,
        ("xor", PtxType.U64) => &Lanes.Binary<Xor<ulong>, ulong, ulong, ulong>,
        ("not", PtxType.U64) => &Lanes.Unary<Not<ulong>, ulong, ulong>,
        ("and", PtxType.U16 or PtxType.U32) => &Lanes.Binary<And<uint>, uint, uint, uint>,
        ("or", PtxType.U16 or PtxType.U32) => &Lanes.Binary<Or<uint>, uint, uint, uint>,
        ("xor", PtxType.U16 or PtxType.U32) => &Lanes.Binary<Xor<uint>, uint, uint, uint>,
        ("not", PtxType.U16) => &Lanes.Unary<Not16, uint, uint>,
        ("not", PtxType.U32) => &Lanes.Unary<Not<uint>, uint, uint>,
        _ => null,
    };

    private static Handler Shift(bool left, PtxType type) => type switch
    {
        PtxType.U16 => left ? &Lanes.Binary<ShiftLeft16, uint, uint, uint> : &Lanes.Binary<ShiftRight16, uint, uint, uint>,
        PtxType.S16 => left ? null : &Lanes.Binary<ShiftRight16, int, uint, uint>,
        PtxType.U32 => left ? &Lanes.Binary<ShiftLeft, uint, uint, uint> : &Lanes.Binary<ShiftRight, uint, uint, uint>,
        PtxType.S32 => left ? null : &Lanes.Binary<ShiftRight, int, uint, int>,
        PtxType.U64 => left ? &Lanes.Binary<ShiftLeft, ulong, uint, ulong> : &Lanes.Binary<ShiftRight, ulong, uint, ulong>,
        PtxType.S64 => left ? null : &Lanes.Binary<ShiftRight, long, uint, long>,
        _ => null,
    };

    private static Handler HighestBits(PtxType type, bool shift) => type switch
    {
        PtxType.U32 => shift ? &Lanes.Unary<HighestBitShift, uint, uint> : &Lanes.Unary<HighestBit, uint, uint>,
        PtxType.S32 => shift ? &Lanes.Unary<HighestBitShift, int, uint> : &Lanes.Unary<HighestBit, int, uint>,
        PtxType.U64 => shift ? &Lanes.Unary<HighestBitShift, ulong, uint> : &Lanes.Unary<HighestBit, ulong, uint>,
        PtxType.S64 => shift ? &Lanes.Unary<HighestBitShift, long, uint> : &Lanes.Unary<HighestBit, long, uint>,
        _ => null,
    };

    private static Handler BitFieldExtract(PtxType type) => type switch
    {
        PtxType.U32 => &Lanes.Ternary<ExtractBits, uint, uint, uint, uint>,
        PtxType.S32 => &Lanes.Ternary<ExtractBits, int, uint, uint, int>,
        PtxType.U64 => &Lanes.Ternary<ExtractBits, ulong, uint, uint, ulong>,
        PtxType.S64 => &Lanes.Ternary<ExtractBits, long, uint, uint, long>,
        _ => null,
    };

    private static Handler Funnel(Opcode o)
    {
        bool wrap = o.Which("wrap", "clamp") == "wrap";
        return o.Which("l", "r") == "l"
            ? wrap ? &Lanes.Ternary<FunnelLeftWrap, uint, uint, uint, uint> : &Lanes.Ternary<FunnelLeftClamp, uint, uint, uint, uint>
            : wrap ? &Lanes.Ternary<FunnelRightWrap, uint, uint, uint, uint> : &Lanes.Ternary<FunnelRightClamp, uint, uint, uint, uint>;
    }
}
