namespace AdaShare.Native.CudaSimulation.Ptx;

/// <summary>The fundamental types of PTX (PTX ISA, section 5.2). Untyped bits count as unsigned.</summary>
internal enum PtxType
{
    Predicate,
    U8,
    S8,
    U16,
    S16,
    U32,
    S32,
    U64,
    S64,
    F16,
    BF16,
    F32,
    F64,
}

/// <summary>Names, sizes and classes of the types.</summary>
internal static class PtxTypes
{
    /// <summary>The type that a suffix without its dot names, or null where it names none.</summary>
    public static PtxType? Parse(string suffix) => suffix switch
    {
        "pred" => PtxType.Predicate,
        "b8" or "u8" => PtxType.U8,
        "s8" => PtxType.S8,
        "b16" or "u16" => PtxType.U16,
        "s16" => PtxType.S16,
        "b32" or "u32" or "f16x2" or "bf16x2" => PtxType.U32,
        "s32" => PtxType.S32,
        "b64" or "u64" => PtxType.U64,
        "s64" => PtxType.S64,
        "f16" => PtxType.F16,
        "bf16" => PtxType.BF16,
        "f32" => PtxType.F32,
        "f64" => PtxType.F64,
        _ => null,
    };

    /// <summary>The bytes of a value in memory.</summary>
    public static int Bytes(this PtxType type) => type switch
    {
        PtxType.U8 or PtxType.S8 => 1,
        PtxType.U16 or PtxType.S16 or PtxType.F16 or PtxType.BF16 => 2,
        PtxType.U32 or PtxType.S32 or PtxType.F32 => 4,
        PtxType.U64 or PtxType.S64 or PtxType.F64 => 8,
        _ => 0,
    };

    /// <summary>Whether values are negative when their highest bit is set.</summary>
    public static bool IsSigned(this PtxType type) => type is PtxType.S8 or PtxType.S16 or PtxType.S32 or PtxType.S64;

    /// <summary>Whether values are floating-point numbers.</summary>
    public static bool IsFloat(this PtxType type) => type is PtxType.F16 or PtxType.BF16 or PtxType.F32 or PtxType.F64;
}
