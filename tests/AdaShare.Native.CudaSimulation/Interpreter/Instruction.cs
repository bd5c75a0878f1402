using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>What the warp does with an instruction.</summary>
internal enum InstructionKind
{
    /// <summary>Registers to registers, lane by lane.</summary>
    Compute,
    Branch,

    /// <summary>Nothing: where lanes meet after the body of a called function.</summary>
    Reconverge,
    Exit,
    Load,
    Store,
    Atomic,
    Barrier,
    WarpBarrier,
    Fence,
    Shuffle,
    Vote,
    Trap,
}

/// <summary>The operation of an instruction whose kind has several.</summary>
internal enum InstructionVariant
{
    None,
    ShuffleUp,
    ShuffleDown,
    ShuffleButterfly,
    ShuffleIndex,
    VoteAll,
    VoteAny,
    VoteUniform,
    VoteBallot,
    ActiveMask,
    BarrierSync,
    BarrierAnd,
    BarrierOr,
    BarrierCount,
    AtomicAdd,
    AtomicExchange,
    AtomicCompareExchange,
    AtomicMinimum,
    AtomicMaximum,
    AtomicAnd,
    AtomicOr,
    AtomicXor,
    AtomicIncrement,
    AtomicDecrement,
}

/// <summary>
/// An instruction ready to run. Operands are byte offsets into the register file of a warp, where a register is 32 lanes of 4 or 8 bytes, and a predicate one word with a bit a lane;
/// immediates are registers that nobody writes. Values of 8 and 16 bits fill 4 bytes, zero-extended.
/// </summary>
internal sealed unsafe class Instruction
{
    public required InstructionKind Kind { get; init; }

    public required PtxLocation Location { get; init; }

    /// <summary>The instruction as written, for findings.</summary>
    public required string Text { get; init; }

    /// <summary>Runs it for the lanes of a mask, where <see cref="Kind"/> is Compute.</summary>
    public delegate*<byte*, Instruction, uint, void> Compute { get; init; }

    public InstructionVariant Variant { get; init; }

    /// <summary>The predicate that guards it, or -1.</summary>
    public int Guard { get; init; } = -1;

    public bool IsGuardNegated { get; init; }

    /// <summary>The result.</summary>
    public int D { get; init; }

    /// <summary>A second result: the predicate of a shuffle or setp.p|q; -1 for none.</summary>
    public int E { get; init; } = -1;

    public int A { get; init; }

    public int B { get; init; }

    public int C { get; init; }

    /// <summary>Where a predicate is an operand: whether its complement counts.</summary>
    public bool IsPredicateNegated { get; init; }

    /// <summary>Of a setp: how the result joins the predicate at <see cref="C"/>: 0 not at all, 1 and, 2 or, 3 xor.</summary>
    public int Combine { get; init; }

    /// <summary>The instruction to go to.</summary>
    public int Target { get; set; } = -1;

    /// <summary>Of a memory access: where.</summary>
    public MemoryOperand Memory { get; init; }

    /// <summary>Of a shuffle, vote or warp barrier: the register with the lanes that take part.</summary>
    public int Members { get; init; }

    /// <summary>Whether it divides integers, and B must not be 0.</summary>
    public bool ChecksDivisor { get; init; }

    /// <summary>The bytes of a lane of the divisor.</summary>
    public int DivisorBytes { get; init; }
}

/// <summary>The memory side of a load, store or atomic.</summary>
/// <param name="Space">Which memory; Register means a generic address.</param>
/// <param name="Base">The register with the address, or -1.</param>
/// <param name="IsWide">Whether that register has 64 bits.</param>
/// <param name="Offset">Added to the address, in bytes.</param>
/// <param name="Type">The type of an element.</param>
/// <param name="Registers">The registers of the elements.</param>
/// <param name="RegisterBytes">The bytes of a lane of these registers.</param>
internal readonly record struct MemoryOperand(PtxSpace Space, int Base, bool IsWide, long Offset, PtxType Type, int[] Registers, int RegisterBytes)
{
    /// <summary>The bytes of the whole access.</summary>
    public int Bytes => Type.Bytes() * Registers.Length;
}
