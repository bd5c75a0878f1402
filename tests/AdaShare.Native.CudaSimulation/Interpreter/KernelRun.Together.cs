using System.Numerics;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>What threads do together: barriers, shuffles and votes (PTX ISA, sections 9.7.12 and 9.7.8.6).</summary>
internal sealed unsafe partial class KernelRun
{
    private void ArriveAtBarrier(Warp warp, Instruction i, uint mask)
    {
        uint alive = ~warp.Exited;
        if (mask != alive)
        {
            throw Fault(i, alive & ~mask, FindingKind.Divergence, CudaResult.LaunchFailed,
                $"{BitOperations.PopCount(mask)} of {BitOperations.PopCount(alive)} threads of warp {warp.Index} reach a barrier that the others do not");
        }

        if ((warp.Exited & warp.Threads) != 0)
        {
            Report(i, warp.Exited & warp.Threads, FindingKind.Divergence, "threads wait at a barrier after this thread of their warp has ended");
        }

        warp.State = WarpState.AtBarrier;
    }

    /// <summary>All warps wait or have ended: those that wait go on.</summary>
    private void ReleaseBarrier()
    {
        int pc = -1;
        foreach (Warp warp in _warps)
        {
            _warp = warp;
            if (warp.State == WarpState.AtBarrier && pc >= 0 && warp.Pc != pc)
            {
                Report(_instructions[warp.Pc], warp.Mask, FindingKind.Divergence, $"this thread waits at another barrier than threads at PTX line {_instructions[pc].Location.Line} do");
            }

            pc = warp.State == WarpState.AtBarrier && pc < 0 ? warp.Pc : pc;
        }

        uint count = 0, arrived = 0;
        foreach (Warp warp in _warps)
        {
            _warp = warp;
            if (warp.State == WarpState.Done)
            {
                Report(_instructions[pc], warp.Threads, FindingKind.Divergence, "threads wait at a barrier after this thread has ended");
                continue;
            }

            Instruction i = _instructions[warp.Pc];
            arrived += (uint)BitOperations.PopCount(warp.Mask);
            count += i.Variant == InstructionVariant.BarrierSync ? 0 : (uint)BitOperations.PopCount(Predicate(i, i.A) & warp.Mask);
        }

        foreach (Warp warp in _warps)
        {
            if (warp.State == WarpState.AtBarrier)
            {
                BarrierResult(warp, _instructions[warp.Pc], count, arrived);
                warp.State = WarpState.Ready;
                warp.Pc++;
            }
        }

        _order.Barrier();
    }

    private static void BarrierResult(Warp warp, Instruction i, uint count, uint arrived)
    {
        switch (i.Variant)
        {
            case InstructionVariant.BarrierAnd:
                SetPredicate(warp, i.D, warp.Mask, count == arrived ? uint.MaxValue : 0);
                break;
            case InstructionVariant.BarrierOr:
                SetPredicate(warp, i.D, warp.Mask, count > 0 ? uint.MaxValue : 0);
                break;
            case InstructionVariant.BarrierCount:
                SetLanes(warp, i.D, warp.Mask, count);
                break;
            default:
                break;
        }
    }

    private uint Predicate(Instruction i, int register) => *(uint*)(_warp.Registers + register) ^ (i.IsPredicateNegated ? uint.MaxValue : 0);

    private static void SetPredicate(Warp warp, int register, uint mask, uint bits)
    {
        uint* d = (uint*)(warp.Registers + register);
        *d = (*d & ~mask) | (bits & mask);
    }

    private static void SetLanes(Warp warp, int register, uint mask, uint value)
    {
        uint* d = (uint*)(warp.Registers + register);
        for (; mask != 0; mask &= mask - 1)
        {
            d[BitOperations.TrailingZeroCount(mask)] = value;
        }
    }

    /// <summary>The lanes that the instruction says take part must be those that run it.</summary>
    private uint CheckMembers(Instruction i, uint mask)
    {
        uint members = _warp.First(i.Members, mask);
        uint missing = members & ~mask & ~_warp.Exited, strangers = mask & ~members;
        if (missing != 0)
        {
            Report(i, missing, FindingKind.Divergence, $"this thread is named by the mask 0x{members:X8} and does not take part");
        }

        if (strangers != 0)
        {
            Report(i, strangers, FindingKind.Divergence, $"this thread takes part and is not named by the mask 0x{members:X8}");
        }

        return members;
    }

    private void Shuffle(Instruction i, uint mask)
    {
        CheckMembers(i, mask);
        byte* registers = _warp.Registers;
        uint* a = (uint*)(registers + i.A), b = (uint*)(registers + i.B), c = (uint*)(registers + i.C), d = (uint*)(registers + i.D);
        uint* results = stackalloc uint[32];
        uint valid = 0;
        for (uint lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            (int source, bool inside) = ShuffleSource(i.Variant, lane, b[lane], c[lane]);
            valid |= inside ? 1u << lane : 0;
            if ((mask >> source & 1) == 0)
            {
                Report(i, lanes, FindingKind.Divergence, $"the value comes from lane {source}, which does not take part");
            }

            results[lane] = a[source];
        }

        for (uint lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            d[lane] = results[lane];
        }

        if (i.E >= 0)
        {
            SetPredicate(_warp, i.E, mask, valid);
        }
    }

    /// <summary>The lane that a value comes from, and whether it lies inside the segment; outside, a lane keeps its own value.</summary>
    private static (int Source, bool IsInside) ShuffleSource(InstructionVariant variant, int lane, uint b, uint c)
    {
        int offset = (int)(b & 31), clamp = (int)(c & 31), segment = (int)(c >> 8 & 31);
        int lowest = lane & segment, highest = lowest | (clamp & ~segment);
        int source = variant switch
        {
            InstructionVariant.ShuffleUp => lane - offset,
            InstructionVariant.ShuffleDown => lane + offset,
            InstructionVariant.ShuffleButterfly => lane ^ offset,
            _ => lowest | (offset & ~segment),
        };
        bool inside = variant == InstructionVariant.ShuffleUp ? source >= highest : source <= highest;
        return inside ? (source, true) : (lane, false);
    }

    private void Vote(Instruction i, uint mask)
    {
        if (i.Variant == InstructionVariant.ActiveMask)
        {
            SetLanes(_warp, i.D, mask, mask);
            return;
        }

        CheckMembers(i, mask);
        uint votes = Predicate(i, i.A) & mask;
        switch (i.Variant)
        {
            case InstructionVariant.VoteBallot:
                SetLanes(_warp, i.D, mask, votes);
                break;
            case InstructionVariant.VoteAll:
                SetPredicate(_warp, i.D, mask, votes == mask ? uint.MaxValue : 0);
                break;
            case InstructionVariant.VoteAny:
                SetPredicate(_warp, i.D, mask, votes != 0 ? uint.MaxValue : 0);
                break;
            default:
                SetPredicate(_warp, i.D, mask, votes == mask || votes == 0 ? uint.MaxValue : 0);
                break;
        }
    }
}
