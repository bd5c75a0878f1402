using System.Numerics;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Loads and stores, each lane checked: does the memory belong to somebody, was it written, does the access race.</summary>
internal sealed unsafe partial class KernelRun
{
    private MemoryRegion? _lastRegion;

    private void Load(Instruction i, uint mask)
    {
        MemoryOperand memory = i.Memory;
        if (memory.Space == PtxSpace.Parameter)
        {
            LoadParameter(i, mask);
            return;
        }

        int size = memory.Type.Bytes(), bytes = memory.Bytes;
        for (uint lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            MemoryRegion region = Region(i, lanes, lane, bytes, AccessKind.Read, out long offset);
            if (!region.IsWritten(offset, bytes))
            {
                ReportUnwritten(i, lanes, region, offset, bytes);
            }

            Touch(i, lanes, region, offset, bytes, AccessKind.Read);
            for (int e = 0; e < memory.Registers.Length; e++)
            {
                ToRegister(memory, memory.Registers[e], lane, region.Data + offset + (e * size));
            }
        }
    }

    private void LoadParameter(Instruction i, uint mask)
    {
        MemoryOperand memory = i.Memory;
        fixed (byte* parameters = _launch.Parameters)
        {
            for (uint lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                int lane = BitOperations.TrailingZeroCount(lanes);
                long offset = (long)Address(memory, lane);
                if (offset < 0 || offset > _launch.Parameters.Length - memory.Bytes)
                {
                    throw Fault(i, lanes, FindingKind.OutOfBounds, CudaResult.IllegalAddress, $"reads {memory.Bytes} bytes at offset {offset} of {_launch.Parameters.Length} bytes of parameters");
                }

                for (int e = 0; e < memory.Registers.Length; e++)
                {
                    ToRegister(memory, memory.Registers[e], lane, parameters + offset + (e * memory.Type.Bytes()));
                }
            }
        }
    }

    private void Store(Instruction i, uint mask)
    {
        MemoryOperand memory = i.Memory;
        int size = memory.Type.Bytes(), bytes = memory.Bytes;
        for (uint lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            MemoryRegion region = Region(i, lanes, lane, bytes, AccessKind.Write, out long offset);
            Touch(i, lanes, region, offset, bytes, AccessKind.Write);
            region.MarkWritten(offset, bytes);
            for (int e = 0; e < memory.Registers.Length; e++)
            {
                FromRegister(memory, memory.Registers[e], lane, region.Data + offset + (e * size));
            }
        }
    }

    private ulong Address(in MemoryOperand memory, int lane)
    {
        if (memory.Base < 0)
        {
            return (ulong)memory.Offset;
        }

        byte* register = _warp.Registers + memory.Base;
        return unchecked((memory.IsWide ? ((ulong*)register)[lane] : ((uint*)register)[lane]) + (ulong)memory.Offset);
    }

    /// <summary>The memory that a lane accesses, once the access is known to lie inside and to be aligned.</summary>
    private MemoryRegion Region(Instruction i, uint lanes, int lane, int bytes, AccessKind kind, out long offset)
    {
        ulong address = Address(i.Memory, lane);
        if ((address & (ulong)(bytes - 1)) != 0)
        {
            throw Fault(i, lanes, FindingKind.Misaligned, CudaResult.MisalignedAddress, $"{Verb(kind)} {bytes} bytes at 0x{address:X}, which is not a multiple of {bytes}");
        }

        MemoryRegion? region = Find(i.Memory.Space, ref address);
        if (region is null)
        {
            offset = 0;
            throw Fault(i, lanes, FindingKind.OutOfBounds, CudaResult.IllegalAddress, $"{Verb(kind)} {bytes} bytes at 0x{address:X}, where nothing is allocated");
        }

        offset = (long)(address - region.Start);
        if (region == _local)
        {
            if (offset < 0 || offset > _program.LocalBytes - bytes)
            {
                throw Fault(i, lanes, FindingKind.OutOfBounds, CudaResult.IllegalAddress, $"{Verb(kind)} {bytes} bytes at offset {offset} of {_program.LocalBytes} bytes of local memory");
            }

            offset += (long)_program.LocalBytes * ((_warp.Index * 32) + lane);
            return region;
        }

        if (region.IsFreed || !region.Contains(offset, bytes) || !region.IsAddressable(offset, bytes))
        {
            throw BadAddress(i, lanes, region, offset, bytes, kind);
        }

        return region;
    }

    private MemoryRegion? Find(PtxSpace space, ref ulong address)
    {
        switch (space)
        {
            case PtxSpace.Shared:
                address += AddressWindows.Shared;
                return _shared;
            case PtxSpace.Local:
                address += AddressWindows.Local;
                return _local;
            case PtxSpace.Register when address - AddressWindows.Shared < AddressWindows.Size:
                return _shared;
            case PtxSpace.Register when address - AddressWindows.Local < AddressWindows.Size:
                return _local;
            default:
                if (_lastRegion is { } last && address - last.Start < (ulong)last.Size)
                {
                    return last;
                }

                return _lastRegion = _memory.Find(address);
        }
    }

    private DeviceFault BadAddress(Instruction i, uint lanes, MemoryRegion region, long offset, int bytes, AccessKind kind)
    {
        string access = $"{Verb(kind)} {bytes} bytes at offset {offset} of {region.Name}";
        if (region.IsFreed)
        {
            return Fault(i, lanes, FindingKind.UseAfterFree, CudaResult.IllegalAddress, $"{access}, which was freed");
        }

        bool returned = region.Contains(offset, bytes) && region.Bytes(offset, 0).Length == 0 && new ReadOnlySpan<byte>(region.State + offset, bytes).Contains(ByteState.Returned);
        if (returned)
        {
            return Fault(i, lanes, FindingKind.UseAfterFree, CudaResult.IllegalAddress, $"{access}, where a buffer was returned to its allocator");
        }

        string place = region == _shared ? $": {SharedPlace(offset)}" : region.Contains(offset, bytes) ? ", which belongs to no buffer" : "";
        return Fault(i, lanes, FindingKind.OutOfBounds, CudaResult.IllegalAddress, access + place);
    }

    private string SharedPlace(long offset)
    {
        foreach ((string name, int start, int bytes) in _program.SharedVariables)
        {
            if (offset >= start - (KernelLayout.Gap / 2) && offset < start + bytes + (KernelLayout.Gap / 2))
            {
                return $"byte {offset - start} of {name}, which has {bytes}";
            }
        }

        return $"byte {offset - _program.DynamicSharedOffset} of the dynamic shared memory, which has {_launch.DynamicSharedBytes}";
    }

    private void ReportUnwritten(Instruction i, uint lanes, MemoryRegion region, long offset, int bytes) =>
        Report(i, lanes, FindingKind.UninitializedRead, $"reads {bytes} bytes at offset {offset} of {region.Name}, which nobody has written");

    /// <summary>Notes the access and reports an earlier one that it races with.</summary>
    private void Touch(Instruction i, uint lanes, MemoryRegion region, long offset, int bytes, AccessKind kind)
    {
        if (region == _local)
        {
            return;
        }

        _order.SetThread(Thread(lanes), region == _shared);
        ulong other = region.Accesses.Touch(offset, bytes, kind, _order);
        if (other != 0)
        {
            ReportRace(i, lanes, region, offset, bytes, kind, other);
        }
    }

    private void ReportRace(Instruction i, uint lanes, MemoryRegion region, long offset, int bytes, AccessKind kind, ulong other)
    {
        uint block = AccessOrder.BlockOf(other);
        string access = $"{Verb(kind)} {bytes} bytes at offset {offset} of {(region == _shared ? $"shared memory ({SharedPlace(offset)})" : region.Name)}";
        if (block < _firstBlock)
        {
            Report(i, lanes, FindingKind.StreamRace, $"{access}, which {_history.Describe(block)} accessed, and nothing puts the two in order");
            return;
        }

        (int x, int y, int z) = _launch.Block.At(AccessOrder.ThreadOf(other));
        string thread = block == _order.Block ? $"thread ({x}, {y}, {z})" : $"thread ({x}, {y}, {z}) of block {_launch.Grid.At(block - _firstBlock)}";
        Report(i, lanes, region == _shared ? FindingKind.SharedRace : FindingKind.GlobalRace, $"{access}, which {thread} accessed with no barrier between");
    }

    private static string Verb(AccessKind kind) => kind switch
    {
        AccessKind.Read => "reads",
        AccessKind.Write => "writes",
        _ => "changes",
    };

    private void ToRegister(in MemoryOperand memory, int register, int lane, byte* source)
    {
        byte* d = _warp.Registers + register;
        switch (memory.Type)
        {
            case PtxType.U32 or PtxType.F32 when memory.RegisterBytes == 4:
                ((uint*)d)[lane] = *(uint*)source;
                return;
            case PtxType.U64 or PtxType.S64 or PtxType.F64:
                ((ulong*)d)[lane] = *(ulong*)source;
                return;
        }

        long value = memory.Type switch
        {
            PtxType.U8 => *source,
            PtxType.S8 => *(sbyte*)source,
            PtxType.S16 => *(short*)source,
            PtxType.U16 or PtxType.F16 or PtxType.BF16 => *(ushort*)source,
            PtxType.S32 => *(int*)source,
            _ => *(uint*)source,
        };
        if (memory.RegisterBytes == 8)
        {
            ((ulong*)d)[lane] = (ulong)value;
        }
        else
        {
            ((uint*)d)[lane] = (uint)value;
        }
    }

    private void FromRegister(in MemoryOperand memory, int register, int lane, byte* target)
    {
        byte* s = _warp.Registers + register;
        ulong value = memory.RegisterBytes == 8 ? ((ulong*)s)[lane] : ((uint*)s)[lane];
        switch (memory.Type.Bytes())
        {
            case 1:
                *target = (byte)value;
                break;
            case 2:
                *(ushort*)target = (ushort)value;
                break;
            case 4:
                *(uint*)target = (uint)value;
                break;
            default:
                *(ulong*)target = value;
                break;
        }
    }
}
