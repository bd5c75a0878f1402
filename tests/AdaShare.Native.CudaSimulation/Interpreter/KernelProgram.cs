using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>A kernel that is ready to run: its instructions, and the layout of registers, parameters, shared and local memory.</summary>
internal sealed class KernelProgram
{
    public required PtxModule Module { get; init; }

    public required string Name { get; init; }

    public required Instruction[] Instructions { get; init; }

    /// <summary>The bytes of a warp's registers.</summary>
    public required int RegisterBytes { get; init; }

    /// <summary>Registers that hold constants, in every lane: offset, value, whether of 64 bits. A predicate constant is 32 bits of lanes.</summary>
    public required IReadOnlyList<(int Offset, ulong Value, bool IsWide, bool IsPredicate)> Constants { get; init; }

    /// <summary>Registers that hold special registers: offset, name.</summary>
    public required IReadOnlyList<(int Offset, SpecialRegister Register)> Specials { get; init; }

    /// <summary>Offset and size of each parameter in the parameter block.</summary>
    public required IReadOnlyList<(int Offset, int Bytes)> Parameters { get; init; }

    /// <summary>The bytes of the parameter block.</summary>
    public required int ParameterBytes { get; init; }

    /// <summary>Shared variables: name, offset, bytes. Unowned bytes lie between them.</summary>
    public required IReadOnlyList<(string Name, int Offset, int Bytes)> SharedVariables { get; init; }

    /// <summary>Where the dynamic shared memory begins.</summary>
    public required int DynamicSharedOffset { get; init; }

    /// <summary>The bytes of shared memory that the kernel declares, as the hardware would lay them out.</summary>
    public required int StaticSharedBytes { get; init; }

    /// <summary>The bytes of local memory of a thread.</summary>
    public required int LocalBytes { get; init; }

    /// <summary>The most threads a block, or 0.</summary>
    public required int MaxThreads { get; init; }
}

/// <summary>The special registers that kernels may read.</summary>
internal enum SpecialRegister
{
    ThreadX,
    ThreadY,
    ThreadZ,
    BlockSizeX,
    BlockSizeY,
    BlockSizeZ,
    BlockX,
    BlockY,
    BlockZ,
    GridSizeX,
    GridSizeY,
    GridSizeZ,
    Lane,
    Warp,
    WarpCount,
    LanesBelow,
    LanesBelowOrEqual,
    LanesAbove,
    LanesAboveOrEqual,
    LaneBit,
}
