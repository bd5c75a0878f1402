using System.Numerics;
using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Atomic operations (PTX ISA, section 9.7.12.13), one lane after the other.</summary>
internal sealed unsafe partial class KernelRun
{
    private void Atomic(Instruction i, uint mask)
    {
        int bytes = i.Memory.Bytes;
        byte* registers = _warp.Registers;
        for (uint lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            MemoryRegion region = Region(i, lanes, lane, bytes, AccessKind.Atomic, out long offset);
            if (!region.IsWritten(offset, bytes))
            {
                ReportUnwritten(i, lanes, region, offset, bytes);
            }

            Touch(i, lanes, region, offset, bytes, AccessKind.Atomic);
            _order.Atomic(region.Start + (ulong)offset, Thread(lanes));
            byte* place = region.Data + offset;
            if (bytes == 4)
            {
                uint old = *(uint*)place;
                *(uint*)place = (uint)Next(i.Variant, i.Memory.Type, old, ((uint*)(registers + i.A))[lane], ((uint*)(registers + i.B))[lane]);
                ((uint*)(registers + i.D))[lane] = old;
            }
            else
            {
                ulong old = *(ulong*)place;
                *(ulong*)place = Next(i.Variant, i.Memory.Type, old, ((ulong*)(registers + i.A))[lane], ((ulong*)(registers + i.B))[lane]);
                ((ulong*)(registers + i.D))[lane] = old;
            }

            region.MarkWritten(offset, bytes);
        }
    }

    private static ulong Next(InstructionVariant variant, PtxType type, ulong old, ulong a, ulong b) => variant switch
    {
        InstructionVariant.AtomicAdd => Sum(type, old, a),
        InstructionVariant.AtomicExchange => a,
        InstructionVariant.AtomicCompareExchange => old == a ? b : old,
        InstructionVariant.AtomicMinimum => IsLess(type, a, old) ? a : old,
        InstructionVariant.AtomicMaximum => IsLess(type, old, a) ? a : old,
        InstructionVariant.AtomicAnd => old & a,
        InstructionVariant.AtomicOr => old | a,
        InstructionVariant.AtomicXor => old ^ a,
        InstructionVariant.AtomicIncrement => old >= a ? 0 : old + 1,
        _ => old == 0 || old > a ? a : old - 1,
    };

    private static ulong Sum(PtxType type, ulong a, ulong b) => type switch
    {
        PtxType.F32 => BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((uint)a) + BitConverter.UInt32BitsToSingle((uint)b)),
        PtxType.F64 => BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(a) + BitConverter.UInt64BitsToDouble(b)),
        _ => unchecked(a + b),
    };

    private static bool IsLess(PtxType type, ulong a, ulong b) => type switch
    {
        PtxType.S32 => (int)a < (int)b,
        PtxType.S64 => (long)a < (long)b,
        _ => a < b,
    };
}
