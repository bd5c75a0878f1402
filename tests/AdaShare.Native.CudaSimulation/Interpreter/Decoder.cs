using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Turns a kernel into instructions that are ready to run. Calls of device functions are replaced by their bodies.</summary>
internal sealed partial class Decoder
{
    private const int MaxDepth = 16;

    private readonly PtxModule _module;
    private readonly IReadOnlyDictionary<string, ulong> _addresses;
    private readonly RegisterFile _registers = new();
    private readonly KernelLayout _layout = new();
    private readonly List<Instruction> _instructions = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(Instruction Instruction, string Label, PtxLocation Location)> _branches = [];
    private int _frames;

    /// <summary>One expansion of a function: names in it are its own, except parameters that stand for variables of the caller.</summary>
    private sealed record Frame(PtxFunction Function, string Prefix, Dictionary<string, string> Aliases, int Depth)
    {
        public string ReturnLabel => Prefix + "return";
    }

    private Decoder(PtxModule module, IReadOnlyDictionary<string, ulong> addresses)
    {
        _module = module;
        _addresses = addresses;
    }

    /// <summary>Decodes a kernel.</summary>
    /// <param name="module">Its module.</param>
    /// <param name="kernel">Its name.</param>
    /// <param name="addresses">Where the module's global and constant variables are.</param>
    /// <exception cref="PtxException">The kernel uses something that this device does not know.</exception>
    public static KernelProgram Decode(PtxModule module, string kernel, IReadOnlyDictionary<string, ulong> addresses)
    {
        var decoder = new Decoder(module, addresses);
        PtxFunction function = module.Functions[kernel];
        decoder.Kernel(function);
        return new KernelProgram
        {
            Module = module,
            Name = kernel,
            Instructions = [.. decoder._instructions],
            RegisterBytes = decoder._registers.Bytes,
            Constants = decoder._registers.Constants,
            Specials = decoder._registers.Specials,
            Parameters = decoder._layout.Parameters,
            ParameterBytes = decoder._layout.ParameterBytes,
            SharedVariables = decoder._layout.SharedVariables,
            DynamicSharedOffset = decoder._layout.DynamicSharedOffset,
            StaticSharedBytes = decoder._layout.StaticSharedBytes,
            LocalBytes = decoder._layout.LocalBytes,
            MaxThreads = function.MaxThreads,
        };
    }

    private PtxException Error(PtxStatement statement, string problem) => new(_module.Name, statement.Location.Line, $"{problem}: {statement}");

    private void Kernel(PtxFunction function)
    {
        var frame = new Frame(function, "", [], 0);
        _layout.AddParameters(function.Parameters, "");
        _layout.AddShared(SharedVariables(function));
        Expand(frame);
        foreach ((Instruction instruction, string label, PtxLocation location) in _branches)
        {
            instruction.Target = _labels.TryGetValue(label, out int target) ? target : throw new PtxException(_module.Name, location.Line, $"no label {label}");
        }
    }

    /// <summary>The shared variables of a kernel and of the functions that it calls, and those of the module that any of them names.</summary>
    private IEnumerable<(string, PtxVariable)> SharedVariables(PtxFunction kernel)
    {
        var functions = new List<PtxFunction> { kernel };
        var names = new HashSet<string>();
        for (int i = 0; i < functions.Count; i++)
        {
            foreach (string name in functions[i].Body.SelectMany(static statement => Names(statement.Operands)))
            {
                if (names.Add(name) && _module.Functions.TryGetValue(name, out PtxFunction? called) && !functions.Contains(called))
                {
                    functions.Add(called);
                }
            }
        }

        return functions.SelectMany(static function => function.Variables.Values).Concat(_module.Variables.Values.Where(variable => names.Contains(variable.Name)))
            .Where(static variable => variable.Space == PtxSpace.Shared).Select(static variable => (variable.Name, variable));
    }

    private static IEnumerable<string> Names(IEnumerable<PtxOperand> operands) =>
        operands.SelectMany(static operand => operand.Items.Count > 0 ? Names(operand.Items) : [operand.Name]);

    private void Expand(Frame frame)
    {
        if (frame.Depth > MaxDepth)
        {
            throw new PtxException(_module.Name, frame.Function.Location.Line, $"{frame.Function.Name} is called more than {MaxDepth} deep: recursion is not simulated");
        }

        foreach (PtxVariable variable in frame.Function.Variables.Values)
        {
            if (variable.Space is PtxSpace.Local or PtxSpace.Parameter)
            {
                _layout.AddLocal(frame.Prefix + variable.Name, variable);
            }
        }

        foreach (PtxStatement statement in frame.Function.Body)
        {
            if (statement.Label.Length > 0)
            {
                _labels[frame.Prefix + statement.Label] = _instructions.Count;
            }
            else
            {
                Statement(frame, statement);
            }
        }

        if (frame.Depth > 0)
        {
            _labels[frame.ReturnLabel] = _instructions.Count;
        }
        else
        {
            // A body that ends without ret ends all the same.
            PtxLocation end = frame.Function.Body.Count > 0 ? frame.Function.Body[^1].Location : frame.Function.Location;
            _instructions.Add(new Instruction { Kind = InstructionKind.Exit, Location = end, Text = "end of the kernel" });
        }
    }

    private void Statement(Frame frame, PtxStatement statement)
    {
        var opcode = new Opcode(statement.Opcode);

        // .uni promises that no lane goes another way: the warp sees for itself.
        _ = opcode.Name is "bra" or "call" or "ret" && opcode.Has("uni");
        Instruction instruction = opcode.Name switch
        {
            "ret" or "exit" => Return(frame, statement, opcode),
            "bra" => Branch(frame, statement, statement.Operands[^1].Name),
            "call" => Call(frame, statement),
            "trap" or "brkpt" => Plain(frame, statement, InstructionKind.Trap),
            "ld" or "ldu" => Load(frame, statement, opcode),
            "st" => Store(frame, statement, opcode),
            "atom" or "red" => Atomic(frame, statement, opcode),
            "bar" or "barrier" => Barrier(frame, statement, opcode),
            "membar" or "fence" => Fence(frame, statement, opcode),
            "shfl" => Shuffle(frame, statement, opcode),
            "vote" or "activemask" => Vote(frame, statement, opcode),
            "mov" when statement.Operands.Any(static operand => operand.Kind == PtxOperandKind.Vector) => PackOrUnpack(frame, statement, opcode),
            "cvta" => ConvertAddress(frame, statement, opcode),
            _ => Compute(frame, statement, opcode),
        };
        if (opcode.Unused.FirstOrDefault() is { } unused)
        {
            throw Error(statement, $"the modifier .{unused} is not simulated");
        }

        _instructions.Add(instruction);
    }

    private int Guard(Frame frame, PtxStatement statement) =>
        statement.Guard.Length == 0 ? -1 : Register(frame, statement, statement.Guard, out _);

    private Instruction Plain(Frame frame, PtxStatement statement, InstructionKind kind) => new()
    {
        Kind = kind,
        Location = statement.Location,
        Text = statement.ToString(),
        Guard = Guard(frame, statement),
        IsGuardNegated = statement.IsGuardNegated,
    };

    private Instruction Return(Frame frame, PtxStatement statement, Opcode opcode)
    {
        return frame.Depth == 0 || opcode.Name == "exit" ? Plain(frame, statement, InstructionKind.Exit) : Branch(frame, statement, "return");
    }

    private Instruction Branch(Frame frame, PtxStatement statement, string label)
    {
        Instruction branch = Plain(frame, statement, InstructionKind.Branch);
        _branches.Add((branch, frame.Prefix + label, statement.Location));
        return branch;
    }

    /// <summary>Puts the called function's body here. Its parameters are the caller's variables.</summary>
    private Instruction Call(Frame frame, PtxStatement statement)
    {
        if (statement.Guard.Length > 0)
        {
            throw Error(statement, "a call under a predicate is not simulated");
        }

        PtxOperand? name = statement.Operands.FirstOrDefault(static operand => operand.Kind == PtxOperandKind.Name);
        if (name is null || !_module.Functions.TryGetValue(name.Name, out PtxFunction? function))
        {
            throw Error(statement, "the called function is not in the module; calls through pointers are not simulated");
        }

        if (!function.HasBody)
        {
            throw Error(statement, $"{function.Name} has no body: it is the compiler's own function, or a library's, and is not simulated");
        }

        List<PtxOperand> lists = [.. statement.Operands.Where(static operand => operand.Kind == PtxOperandKind.List)];
        List<PtxOperand> given = [.. lists.SelectMany(static list => list.Items)];
        List<PtxVariable> formal = [.. function.Results, .. function.Parameters];
        if (given.Count != formal.Count)
        {
            throw Error(statement, $"{function.Name} takes {formal.Count} results and parameters");
        }

        var aliases = new Dictionary<string, string>();
        for (int i = 0; i < formal.Count; i++)
        {
            aliases[formal[i].Name] = frame.Prefix + given[i].Name;
        }

        Expand(new Frame(function, $"{++_frames}:", aliases, frame.Depth + 1));
        return Plain(frame, statement, InstructionKind.Reconverge);
    }
}
