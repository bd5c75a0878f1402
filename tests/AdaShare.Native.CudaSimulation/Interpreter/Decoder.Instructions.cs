using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

internal sealed unsafe partial class Decoder
{
    private Instruction Compute(Frame frame, PtxStatement statement, Opcode opcode)
    {
        delegate*<byte*, Instruction, uint, void> handler = ComputeTable.Find(opcode);
        if (handler == null)
        {
            throw Error(statement, $"the instruction {opcode.Text} is not simulated");
        }

        IReadOnlyList<PtxOperand> operands = statement.Operands;
        PtxType[] types = SourceTypes(opcode, operands.Count - 1);
        int Operand(int i) => i < operands.Count ? Source(frame, statement, operands[i], types[i - 1]) : i == 3 && opcode.Name == "setp" ? -1 : Source(frame, statement, operands[1], types[0]);

        bool isComparison = opcode.Name is "setp" or "testp";
        PtxOperand result = operands[0];
        PtxOperand first = result.Kind == PtxOperandKind.Pair ? result.Items[0] : result;
        int second = result.Kind == PtxOperandKind.Pair && result.Items[1].Name != "_" ? Register(frame, statement, result.Items[1].Name, out _) : -1;
        if (opcode.Name is "bfi" or "lop3")
        {
            second = Operand(4);
        }

        int combine = opcode.Name == "set" ? (opcode.Types[0] == PtxType.F32 ? 1 : 0) : !isComparison || operands.Count < 4 ? 0 : opcode.Which("and", "or", "xor") switch { "and" => 1, "or" => 2, "xor" => 3, _ => 0 };
        return new Instruction
        {
            Kind = InstructionKind.Compute,
            Location = statement.Location,
            Text = statement.ToString(),
            Guard = Guard(frame, statement),
            IsGuardNegated = statement.IsGuardNegated,
            Compute = handler,
            D = Destination(frame, statement, first, isComparison ? PtxType.Predicate : opcode.Types.Count > 0 ? opcode.Types[0] : PtxType.U32),
            E = second,
            A = Operand(1),
            B = Operand(2),
            C = operands.Count > 3 ? Operand(3) : 0,
            Combine = combine,
            IsPredicateNegated = operands.Count > 3 && operands[3].IsNegated,
            ChecksDivisor = opcode.Name is "div" or "rem" && !opcode.Type.IsFloat(),
            DivisorBytes = opcode.Type.Bytes() == 8 ? 8 : 4,
        };
    }

    /// <summary>The types of the source operands, of which immediates need the width.</summary>
    private static PtxType[] SourceTypes(Opcode opcode, int count)
    {
        PtxType type = opcode.Type;
        var types = new PtxType[Math.Max(4, count)];
        Array.Fill(types, type);
        switch (opcode.Name)
        {
            case "shl" or "shr":
                types[1] = PtxType.U32;
                break;
            case "bfe":
                types[1] = types[2] = PtxType.U32;
                break;
            case "bfi":
                types[2] = types[3] = PtxType.U32;
                break;
            case "selp" or "setp":
                types[2] = PtxType.Predicate;
                break;
            case "mad" when opcode.Has("wide"):
                types[2] = type.Bytes() == 4 ? PtxType.U64 : PtxType.U32;
                break;
        }

        return types;
    }

    private Instruction PackOrUnpack(Frame frame, PtxStatement statement, Opcode opcode)
    {
        (PtxOperand to, PtxOperand from) = (statement.Operands[0], statement.Operands[1]);
        bool packs = from.Kind == PtxOperandKind.Vector;
        IReadOnlyList<PtxOperand> halves = packs ? from.Items : to.Items;
        bool wide = opcode.Type.Bytes() == 8;
        if (halves.Count != 2 || opcode.Type.Bytes() < 4)
        {
            throw Error(statement, "only halves of 32 and 64 bits are packed and unpacked");
        }

        PtxType half = wide ? PtxType.U32 : PtxType.U16;
        return new Instruction
        {
            Kind = InstructionKind.Compute,
            Location = statement.Location,
            Text = statement.ToString(),
            Guard = Guard(frame, statement),
            IsGuardNegated = statement.IsGuardNegated,
            Compute = packs ? (wide ? &BitFields.Pack64 : &BitFields.Pack32) : wide ? &BitFields.Unpack64 : &BitFields.Unpack32,
            D = Destination(frame, statement, packs ? to : halves[0], packs ? opcode.Type : half),
            E = packs ? -1 : Destination(frame, statement, halves[1], half),
            A = packs ? Source(frame, statement, halves[0], half) : Source(frame, statement, from, opcode.Type),
            B = packs ? Source(frame, statement, halves[1], half) : 0,
        };
    }

    /// <summary>Generic addresses: those of global memory are themselves, shared and local memory have windows.</summary>
    private Instruction ConvertAddress(Frame frame, PtxStatement statement, Opcode opcode)
    {
        bool toSpace = opcode.Has("to");
        ulong window = opcode.Which("global", "const", "shared", "local") switch
        {
            "shared" => AddressWindows.Shared,
            "local" => AddressWindows.Local,
            _ => 0,
        };
        if (opcode.Type != PtxType.U64)
        {
            throw Error(statement, "addresses are not of 64 bits");
        }

        return new Instruction
        {
            Kind = InstructionKind.Compute,
            Location = statement.Location,
            Text = statement.ToString(),
            Guard = Guard(frame, statement),
            IsGuardNegated = statement.IsGuardNegated,
            Compute = &Lanes.Binary<Add<ulong>, ulong, ulong, ulong>,
            D = Destination(frame, statement, statement.Operands[0], PtxType.U64),
            A = Source(frame, statement, statement.Operands[1], PtxType.U64),
            B = _registers.Constant(toSpace ? 0 - window : window, PtxType.U64),
        };
    }

    private Instruction Barrier(Frame frame, PtxStatement statement, Opcode opcode)
    {
        _ = opcode.Which("cta", "aligned");
        if (opcode.Has("warp"))
        {
            _ = opcode.Has("sync");
            return WithSources(frame, statement, InstructionKind.WarpBarrier, InstructionVariant.None, -1, -1, Source(frame, statement, statement.Operands[0], PtxType.U32));
        }

        if (opcode.Has("red"))
        {
            InstructionVariant variant = opcode.Which("and", "or", "popc") switch
            {
                "and" => InstructionVariant.BarrierAnd,
                "or" => InstructionVariant.BarrierOr,
                _ => InstructionVariant.BarrierCount,
            };
            RequireWholeBlock(statement, statement.Operands[1], statement.Operands.Count == 3);
            PtxOperand predicate = statement.Operands[^1];
            return new Instruction
            {
                Kind = InstructionKind.Barrier,
                Variant = variant,
                Location = statement.Location,
                Text = statement.ToString(),
                D = Register(frame, statement, statement.Operands[0].Name, out _),
                A = Source(frame, statement, predicate, PtxType.Predicate),
                IsPredicateNegated = predicate.IsNegated,
                Guard = Guard(frame, statement),
                IsGuardNegated = statement.IsGuardNegated,
            };
        }

        if (!opcode.Has("sync"))
        {
            throw Error(statement, "barriers that a thread arrives at without waiting are not simulated");
        }

        RequireWholeBlock(statement, statement.Operands[0], statement.Operands.Count == 1);
        return WithSources(frame, statement, InstructionKind.Barrier, InstructionVariant.BarrierSync, -1, -1, 0);
    }

    private void RequireWholeBlock(PtxStatement statement, PtxOperand barrier, bool whole)
    {
        if (!whole || barrier.Kind != PtxOperandKind.Immediate || barrier.Value != 0)
        {
            throw Error(statement, "only barrier 0 of all threads of a block is simulated");
        }
    }

    private Instruction Fence(Frame frame, PtxStatement statement, Opcode opcode)
    {
        _ = opcode.Which("sc", "acq_rel");
        bool block = opcode.Which("gl", "gpu", "sys", "cta") == "cta";
        return Plain(frame, statement, block ? InstructionKind.Reconverge : InstructionKind.Fence);
    }

    private Instruction Shuffle(Frame frame, PtxStatement statement, Opcode opcode)
    {
        InstructionVariant variant = opcode.Which("up", "down", "bfly", "idx") switch
        {
            "up" => InstructionVariant.ShuffleUp,
            "down" => InstructionVariant.ShuffleDown,
            "bfly" => InstructionVariant.ShuffleButterfly,
            _ => InstructionVariant.ShuffleIndex,
        };
        if (!opcode.Has("sync"))
        {
            throw Error(statement, "shuffles without the lanes that take part (.sync) are not simulated");
        }

        PtxOperand result = statement.Operands[0];
        (PtxOperand value, PtxOperand? valid) = result.Kind == PtxOperandKind.Pair ? (result.Items[0], result.Items[1]) : (result, null);
        return new Instruction
        {
            Kind = InstructionKind.Shuffle,
            Variant = variant,
            Location = statement.Location,
            Text = statement.ToString(),
            Guard = Guard(frame, statement),
            IsGuardNegated = statement.IsGuardNegated,
            D = Destination(frame, statement, value, PtxType.U32),
            E = valid is null || valid.Name == "_" ? -1 : Register(frame, statement, valid.Name, out _),
            A = Source(frame, statement, statement.Operands[1], PtxType.U32),
            B = Source(frame, statement, statement.Operands[2], PtxType.U32),
            C = Source(frame, statement, statement.Operands[3], PtxType.U32),
            Members = Source(frame, statement, statement.Operands[4], PtxType.U32),
        };
    }

    private Instruction Vote(Frame frame, PtxStatement statement, Opcode opcode)
    {
        if (opcode.Name == "activemask")
        {
            return WithSources(frame, statement, InstructionKind.Vote, InstructionVariant.ActiveMask, Register(frame, statement, statement.Operands[0].Name, out _), -1, 0);
        }

        InstructionVariant variant = opcode.Which("all", "any", "uni", "ballot") switch
        {
            "all" => InstructionVariant.VoteAll,
            "any" => InstructionVariant.VoteAny,
            "uni" => InstructionVariant.VoteUniform,
            _ => InstructionVariant.VoteBallot,
        };
        if (!opcode.Has("sync"))
        {
            throw Error(statement, "votes without the lanes that take part (.sync) are not simulated");
        }

        PtxOperand predicate = statement.Operands[1];
        return new Instruction
        {
            Kind = InstructionKind.Vote,
            Variant = variant,
            Location = statement.Location,
            Text = statement.ToString(),
            Guard = Guard(frame, statement),
            IsGuardNegated = statement.IsGuardNegated,
            D = Register(frame, statement, statement.Operands[0].Name, out _),
            A = Source(frame, statement, predicate, PtxType.Predicate),
            IsPredicateNegated = predicate.IsNegated,
            Members = Source(frame, statement, statement.Operands[2], PtxType.U32),
        };
    }

    private Instruction WithSources(Frame frame, PtxStatement statement, InstructionKind kind, InstructionVariant variant, int d, int e, int members) => new()
    {
        Kind = kind,
        Variant = variant,
        Location = statement.Location,
        Text = statement.ToString(),
        Guard = Guard(frame, statement),
        IsGuardNegated = statement.IsGuardNegated,
        D = d,
        E = e,
        Members = members,
    };
}
