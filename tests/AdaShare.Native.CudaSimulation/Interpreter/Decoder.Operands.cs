using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

internal sealed partial class Decoder
{
    /// <summary>The register that a name stands for; throws where it stands for none.</summary>
    private int Register(Frame frame, PtxStatement statement, string name, out PtxType type)
    {
        if (frame.Function.Variables.TryGetValue(name, out PtxVariable? variable) && variable.Space == PtxSpace.Register)
        {
            type = variable.Type;
            return _registers.Named(frame.Prefix + name, type);
        }

        throw Error(statement, $"{name} is not a register");
    }

    private bool IsRegister(Frame frame, string name) => frame.Function.Variables.TryGetValue(name, out PtxVariable? variable) && variable.Space == PtxSpace.Register;

    private bool IsWide(Frame frame, string name) => IsRegister(frame, name) && frame.Function.Variables[name].Type.Bytes() == 8;

    /// <summary>Where a destination goes; "_" is thrown away.</summary>
    private int Destination(Frame frame, PtxStatement statement, PtxOperand operand, PtxType type) =>
        operand.Name == "_" ? _registers.Scratch(type) : Register(frame, statement, operand.Name, out _);

    /// <summary>The register with a source operand's value.</summary>
    private int Source(Frame frame, PtxStatement statement, PtxOperand operand, PtxType type)
    {
        switch (operand.Kind)
        {
            case PtxOperandKind.Immediate:
                return _registers.Constant((ulong)operand.Value, type);
            case PtxOperandKind.Name when IsRegister(frame, operand.Name):
                return Register(frame, statement, operand.Name, out _);
            case PtxOperandKind.Name:
                int special = _registers.Special(operand.Name);
                return special >= 0 ? special : _registers.Constant((ulong)(Symbol(frame, statement, operand.Name, out _) + operand.Value), type);
            default:
                throw Error(statement, $"{operand} is not a value");
        }
    }

    /// <summary>The address of a variable in its own memory.</summary>
    private long Symbol(Frame frame, PtxStatement statement, string name, out PtxSpace space)
    {
        if (frame.Aliases.TryGetValue(name, out string? alias))
        {
            space = PtxSpace.Local;
            return _layout.TryGet(alias, out long passed) ? passed : throw Error(statement, $"{name} is not passed");
        }

        if (frame.Function.Variables.TryGetValue(name, out PtxVariable? variable))
        {
            // Variables in parameter space that a body declares are for calls; they live with the thread's local memory.
            space = variable.Space == PtxSpace.Parameter ? PtxSpace.Local : variable.Space;
            return _layout.TryGet(space == PtxSpace.Shared ? name : frame.Prefix + name, out long offset) ? offset : throw Error(statement, $"{name} has no address");
        }

        if (frame.Depth == 0 && frame.Function.Parameters.Exists(parameter => parameter.Name == name) && _layout.TryGet(name, out long parameterOffset))
        {
            space = PtxSpace.Parameter;
            return parameterOffset;
        }

        if (_module.Variables.TryGetValue(name, out PtxVariable? global))
        {
            space = global.Space;
            return space == PtxSpace.Shared && _layout.TryGet(name, out long shared) ? shared
                : _addresses.TryGetValue(name, out ulong address) ? (long)address
                : throw Error(statement, $"{name} has no address");
        }

        throw Error(statement, name.StartsWith('%') ? $"the special register {name} is not simulated" : $"{name} is not declared");
    }

    private MemoryOperand Memory(Frame frame, PtxStatement statement, PtxOperand address, PtxSpace space, PtxType type, int[] registers, int registerBytes)
    {
        if (address.Kind != PtxOperandKind.Address)
        {
            throw Error(statement, $"{address} is not an address");
        }

        if (address.Name.Length == 0)
        {
            return new MemoryOperand(space, -1, false, address.Value, type, registers, registerBytes);
        }

        if (IsRegister(frame, address.Name))
        {
            int register = Register(frame, statement, address.Name, out PtxType width);
            return new MemoryOperand(space, register, width.Bytes() == 8, address.Value, type, registers, registerBytes);
        }

        long offset = Symbol(frame, statement, address.Name, out PtxSpace own) + address.Value;
        PtxSpace used = own == PtxSpace.Constant ? PtxSpace.Global : own;
        if (space == PtxSpace.Register && used is PtxSpace.Shared or PtxSpace.Local)
        {
            throw Error(statement, $"{address.Name} is used as a generic address");
        }

        return new MemoryOperand(used, -1, false, offset, type, registers, registerBytes);
    }

    private static PtxSpace Space(Opcode opcode)
    {
        // Modifiers that tell caches what to expect change no result here; volatile, relaxed and acquire accesses are what all accesses are: performed at once, in order.
        _ = opcode.Which("ca", "cg", "cs", "lu", "cv", "wb", "wt", "nc");
        _ = opcode.Which("weak", "volatile", "relaxed", "acquire", "release", "acq_rel");
        _ = opcode.Which("cta", "gpu", "sys");
        return opcode.Which("global", "shared", "local", "param", "const") switch
        {
            "global" or "const" => PtxSpace.Global,
            "shared" => PtxSpace.Shared,
            "local" => PtxSpace.Local,
            "param" => PtxSpace.Parameter,
            _ => PtxSpace.Register,
        };
    }

    private Instruction Load(Frame frame, PtxStatement statement, Opcode opcode)
    {
        PtxSpace space = Space(opcode);
        _ = opcode.Which("v2", "v4");
        IReadOnlyList<PtxOperand> targets = statement.Operands[0].Kind == PtxOperandKind.Vector ? statement.Operands[0].Items : [statement.Operands[0]];
        int bytes = opcode.Type.Bytes() == 8 || targets.Any(operand => IsWide(frame, operand.Name)) ? 8 : 4;
        int[] registers = [.. targets.Select(operand => Destination(frame, statement, operand, opcode.Type))];
        MemoryOperand memory = Memory(frame, statement, statement.Operands[1], space, opcode.Type, registers, bytes);
        return Access(frame, statement, InstructionKind.Load, memory);
    }

    private Instruction Store(Frame frame, PtxStatement statement, Opcode opcode)
    {
        PtxSpace space = Space(opcode);
        _ = opcode.Which("v2", "v4");
        IReadOnlyList<PtxOperand> sources = statement.Operands[1].Kind == PtxOperandKind.Vector ? statement.Operands[1].Items : [statement.Operands[1]];
        int[] registers = [.. sources.Select(operand => Source(frame, statement, operand, opcode.Type))];
        int bytes = opcode.Type.Bytes() == 8 || sources.Any(operand => IsWide(frame, operand.Name)) ? 8 : 4;
        return Access(frame, statement, InstructionKind.Store, Memory(frame, statement, statement.Operands[0], space, opcode.Type, registers, bytes));
    }

    private Instruction Access(Frame frame, PtxStatement statement, InstructionKind kind, MemoryOperand memory) => new()
    {
        Kind = kind,
        Location = statement.Location,
        Text = statement.ToString(),
        Guard = Guard(frame, statement),
        IsGuardNegated = statement.IsGuardNegated,
        Memory = memory,
    };

    private Instruction Atomic(Frame frame, PtxStatement statement, Opcode opcode)
    {
        bool returns = opcode.Name == "atom";
        PtxSpace space = Space(opcode);
        InstructionVariant variant = opcode.Which("add", "exch", "cas", "min", "max", "and", "or", "xor", "inc", "dec") switch
        {
            "add" => InstructionVariant.AtomicAdd,
            "exch" => InstructionVariant.AtomicExchange,
            "cas" => InstructionVariant.AtomicCompareExchange,
            "min" => InstructionVariant.AtomicMinimum,
            "max" => InstructionVariant.AtomicMaximum,
            "and" => InstructionVariant.AtomicAnd,
            "or" => InstructionVariant.AtomicOr,
            "xor" => InstructionVariant.AtomicXor,
            "inc" => InstructionVariant.AtomicIncrement,
            "dec" => InstructionVariant.AtomicDecrement,
            _ => throw Error(statement, "this atomic operation is not simulated"),
        };
        if (opcode.Type.Bytes() < 4)
        {
            throw Error(statement, "atomics on less than 32 bits are not simulated");
        }

        int first = returns ? 1 : 0;
        PtxOperand[] values = [.. statement.Operands.Skip(first + 1)];
        int target = returns ? Destination(frame, statement, statement.Operands[0], opcode.Type) : _registers.Scratch(opcode.Type);
        return new Instruction
        {
            Kind = InstructionKind.Atomic,
            Variant = variant,
            Location = statement.Location,
            Text = statement.ToString(),
            Guard = Guard(frame, statement),
            IsGuardNegated = statement.IsGuardNegated,
            D = target,
            A = Source(frame, statement, values[0], opcode.Type),
            B = values.Length > 1 ? Source(frame, statement, values[1], opcode.Type) : 0,
            Memory = Memory(frame, statement, statement.Operands[first], space, opcode.Type, [target], opcode.Type.Bytes()),
        };
    }
}
