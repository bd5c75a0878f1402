namespace AdaShare.Native.CudaSimulation.Ptx;

/// <summary>Where a variable lies.</summary>
internal enum PtxSpace
{
    Register,
    Parameter,
    Global,
    Constant,
    Shared,
    Local,
}

/// <summary>A declared variable. <paramref name="Count"/> elements of <paramref name="Type"/>; 0 for the dynamic shared memory, whose size the launch gives.</summary>
internal sealed record PtxVariable(string Name, PtxSpace Space, PtxType Type, long Count, int Alignment, byte[]? Initializer)
{
    public long Bytes => Count * Type.Bytes();
}

/// <summary>A line of PTX, and of the CUDA source that it was compiled from: a number of <see cref="PtxModule.Files"/> and a line, 0 where line information is missing.</summary>
internal readonly record struct PtxLocation(int Line, int File, int SourceLine);

/// <summary>What an operand looks like.</summary>
internal enum PtxOperandKind
{
    /// <summary>A register, special register, label or variable.</summary>
    Name,

    /// <summary>An integer, or the bits of a floating-point number.</summary>
    Immediate,

    /// <summary>[name + offset] or [offset].</summary>
    Address,

    /// <summary>{a, b, …}.</summary>
    Vector,

    /// <summary>a|b.</summary>
    Pair,

    /// <summary>(a, b, …) of a call.</summary>
    List,
}

/// <summary>An operand as written.</summary>
internal sealed class PtxOperand
{
    public required PtxOperandKind Kind { get; init; }

    public string Name { get; init; } = "";

    public long Value { get; init; }

    public bool IsNegated { get; init; }

    public IReadOnlyList<PtxOperand> Items { get; init; } = [];

    public override string ToString() => Kind switch
    {
        PtxOperandKind.Name => (IsNegated ? "!" : "") + Name,
        PtxOperandKind.Immediate => Value.ToString(),
        PtxOperandKind.Address => $"[{Name}+{Value}]",
        PtxOperandKind.Vector => $"{{{string.Join(", ", Items)}}}",
        PtxOperandKind.Pair => string.Join("|", Items),
        _ => $"({string.Join(", ", Items)})",
    };
}

/// <summary>An instruction as written; a label where <see cref="Opcode"/> is empty.</summary>
internal sealed class PtxStatement
{
    public required PtxLocation Location { get; init; }

    public string Label { get; init; } = "";

    /// <summary>The opcode with all its suffixes, for example <c>ld.global.v4.f32</c>.</summary>
    public string Opcode { get; init; } = "";

    /// <summary>The guarding predicate, or empty.</summary>
    public string Guard { get; init; } = "";

    public bool IsGuardNegated { get; init; }

    public IReadOnlyList<PtxOperand> Operands { get; init; } = [];

    public override string ToString() => Label.Length > 0 ? Label + ":" : $"{(Guard.Length > 0 ? $"@{(IsGuardNegated ? "!" : "")}{Guard} " : "")}{Opcode} {string.Join(", ", Operands)}";
}

/// <summary>A kernel or a device function.</summary>
internal sealed class PtxFunction
{
    public required string Name { get; init; }

    public required bool IsKernel { get; init; }

    public required PtxLocation Location { get; init; }

    public List<PtxVariable> Parameters { get; } = [];

    public List<PtxVariable> Results { get; } = [];

    /// <summary>Registers, call parameters, shared and local variables. Names of inner scopes are made unique.</summary>
    public Dictionary<string, PtxVariable> Variables { get; } = [];

    public List<PtxStatement> Body { get; } = [];

    /// <summary>The most threads that a block may have (.maxntid), or 0 for no limit.</summary>
    public int MaxThreads { get; set; }

    public bool HasBody { get; set; }
}

/// <summary>A PTX module.</summary>
internal sealed class PtxModule
{
    public required string Name { get; init; }

    /// <summary>Major and minor version of the language.</summary>
    public (int Major, int Minor) Version { get; set; }

    /// <summary>The least compute capability, for example 80.</summary>
    public int Target { get; set; }

    public Dictionary<string, PtxFunction> Functions { get; } = [];

    public Dictionary<string, PtxVariable> Variables { get; } = [];

    /// <summary>Source files by the numbers that line information uses.</summary>
    public Dictionary<int, string> Files { get; } = [];

    /// <summary>"file:line" of the source, or null where line information is missing.</summary>
    public string? Source(PtxLocation location) =>
        location.SourceLine > 0 && Files.TryGetValue(location.File, out string? file) ? $"{file}:{location.SourceLine}" : null;
}
