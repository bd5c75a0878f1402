using System.Numerics;
using AdaShare.Native.CudaSimulation.Ptx;
using unsafe Handler = delegate*<byte*, AdaShare.Native.CudaSimulation.Interpreter.Instruction, uint, void>;

namespace AdaShare.Native.CudaSimulation.Interpreter;

internal static unsafe partial class ComputeTable
{
    private static Handler Comparison(Opcode o, bool toWord)
    {
        string relation = o.Which("eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan");
        bool flush = o.Has("ftz");
        return o.Type switch
        {
            PtxType.F32 => flush ? FlushedRelation(relation, toWord) : FloatRelation<float>(relation, toWord),
            PtxType.F64 => FloatRelation<double>(relation, toWord),
            PtxType.U16 => IntegerRelation16<ZeroExtended>(relation),
            PtxType.S16 => IntegerRelation16<SignExtended>(relation),
            PtxType.U32 => IntegerRelation<uint>(relation, toWord),
            PtxType.S32 => IntegerRelation<int>(relation, toWord),
            PtxType.U64 => IntegerRelation<ulong>(relation, toWord),
            PtxType.S64 => IntegerRelation<long>(relation, toWord),
            _ => null,
        };
    }

    private static Handler IntegerRelation<T>(string relation, bool toWord) where T : unmanaged, IBinaryInteger<T> => relation switch
    {
        "eq" => Compare<Equal<T>, T>(toWord),
        "ne" => Compare<Unless<Equal<T>, T>, T>(toWord),
        "lt" or "lo" => Compare<Less<T>, T>(toWord),
        "le" or "ls" => Compare<LessOrEqual<T>, T>(toWord),
        "gt" or "hi" => Compare<Greater<T>, T>(toWord),
        "ge" or "hs" => Compare<GreaterOrEqual<T>, T>(toWord),
        _ => null,
    };

    private static Handler FloatRelation<T>(string relation, bool toWord) where T : unmanaged, IFloatingPoint<T> => relation switch
    {
        "eq" => Compare<Equal<T>, T>(toWord),
        "ne" => Compare<OrderedNotEqual<T>, T>(toWord),
        "lt" => Compare<Less<T>, T>(toWord),
        "le" => Compare<LessOrEqual<T>, T>(toWord),
        "gt" => Compare<Greater<T>, T>(toWord),
        "ge" => Compare<GreaterOrEqual<T>, T>(toWord),
        "equ" => Compare<Unless<OrderedNotEqual<T>, T>, T>(toWord),
        "neu" => Compare<Unless<Equal<T>, T>, T>(toWord),
        "ltu" => Compare<Unless<GreaterOrEqual<T>, T>, T>(toWord),
        "leu" => Compare<Unless<Greater<T>, T>, T>(toWord),
        "gtu" => Compare<Unless<LessOrEqual<T>, T>, T>(toWord),
        "geu" => Compare<Unless<Less<T>, T>, T>(toWord),
        "num" => Compare<AreNumbers<T>, T>(toWord),
        "nan" => Compare<Unless<AreNumbers<T>, T>, T>(toWord),
        _ => null,
    };

    private static Handler FlushedRelation(string relation, bool toWord) => relation switch
    {
        "eq" => Compare<FlushComparison<Equal<float>>, float>(toWord),
        "ne" => Compare<FlushComparison<OrderedNotEqual<float>>, float>(toWord),
        "lt" => Compare<FlushComparison<Less<float>>, float>(toWord),
        "le" => Compare<FlushComparison<LessOrEqual<float>>, float>(toWord),
        "gt" => Compare<FlushComparison<Greater<float>>, float>(toWord),
        "ge" => Compare<FlushComparison<GreaterOrEqual<float>>, float>(toWord),
        "equ" => Compare<FlushComparison<Unless<OrderedNotEqual<float>, float>>, float>(toWord),
        "neu" => Compare<FlushComparison<Unless<Equal<float>, float>>, float>(toWord),
        "ltu" => Compare<FlushComparison<Unless<GreaterOrEqual<float>, float>>, float>(toWord),
        "leu" => Compare<FlushComparison<Unless<Greater<float>, float>>, float>(toWord),
        "gtu" => Compare<FlushComparison<Unless<LessOrEqual<float>, float>>, float>(toWord),
        "geu" => Compare<FlushComparison<Unless<Less<float>, float>>, float>(toWord),
        _ => FloatRelation<float>(relation, toWord),
    };

    private static Handler IntegerRelation16<TExtension>(string relation) where TExtension : struct, IUnary<uint, int> => relation switch
    {
        "eq" => &Lanes.Compare<Extended<Equal<int>, TExtension>, uint>,
        "ne" => &Lanes.Compare<Extended<Unless<Equal<int>, int>, TExtension>, uint>,
        "lt" or "lo" => &Lanes.Compare<Extended<Less<int>, TExtension>, uint>,
        "le" or "ls" => &Lanes.Compare<Extended<LessOrEqual<int>, TExtension>, uint>,
        "gt" or "hi" => &Lanes.Compare<Extended<Greater<int>, TExtension>, uint>,
        "ge" or "hs" => &Lanes.Compare<Extended<GreaterOrEqual<int>, TExtension>, uint>,
        _ => null,
    };

    private static Handler Compare<TOp, T>(bool toWord) where TOp : struct, IComparison<T> where T : unmanaged =>
        toWord ? &Lanes.CompareToWord<TOp, T> : &Lanes.Compare<TOp, T>;

    private static Handler TestProperty(Opcode o) => (o.Which("finite", "infinite", "number", "notanumber"), o.Type) switch
    {
        ("finite", PtxType.F32) => &Lanes.Compare<IsFinite, float>,
        ("infinite", PtxType.F32) => &Lanes.Compare<IsInfinite, float>,
        ("number", PtxType.F32) => &Lanes.Compare<IsNumber, float>,
        ("notanumber", PtxType.F32) => &Lanes.Compare<Unless<IsNumber, float>, float>,
        ("finite", PtxType.F64) => &Lanes.Compare<IsFinite, double>,
        ("infinite", PtxType.F64) => &Lanes.Compare<IsInfinite, double>,
        ("number", PtxType.F64) => &Lanes.Compare<IsNumber, double>,
        ("notanumber", PtxType.F64) => &Lanes.Compare<Unless<IsNumber, double>, double>,
        _ => null,
    };
}
