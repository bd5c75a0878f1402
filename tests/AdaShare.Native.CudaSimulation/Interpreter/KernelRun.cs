using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Runs the blocks of one launch, one after the other, and the warps of a block in turns between barriers.</summary>
internal sealed unsafe partial class KernelRun : IDisposable
{
    private readonly Launch _launch;
    private readonly KernelProgram _program;
    private readonly Instruction[] _instructions;
    private readonly DeviceMemory _memory;
    private readonly ILaunchHistory _history;
    private readonly FindingLog _log;
    private readonly AccessOrder _order;
    private readonly Warp[] _warps;
    private readonly MemoryRegion _shared;
    private readonly MemoryRegion? _local;
    private readonly int _threads;
    private readonly uint _firstBlock;
    private readonly long _limit;
    private (int X, int Y, int Z) _block;
    private Warp _warp = null!;
    private long _executed;

    /// <param name="launch">What to run.</param>
    /// <param name="memory">Global memory.</param>
    /// <param name="history">What ran before.</param>
    /// <param name="log">Where findings go.</param>
    /// <param name="firstBlock">The number of the first block.</param>
    /// <param name="instructionLimit">The most instructions that a warp runs between two barriers before it counts as endless.</param>
    public KernelRun(Launch launch, DeviceMemory memory, ILaunchHistory history, FindingLog log, uint firstBlock, long instructionLimit)
    {
        _launch = launch;
        _program = launch.Program;
        _instructions = _program.Instructions;
        _memory = memory;
        _history = history;
        _log = log;
        _firstBlock = firstBlock;
        _limit = instructionLimit;
        _threads = (int)launch.Block.Count;
        _order = new AccessOrder(history);
        _shared = new MemoryRegion("shared memory", AddressWindows.Shared, _program.DynamicSharedOffset + launch.DynamicSharedBytes, ByteState.Unaddressable);
        _local = _program.LocalBytes > 0 ? new MemoryRegion("local memory", AddressWindows.Local, (long)_program.LocalBytes * _threads, ByteState.Allocated) : null;
        _warps = new Warp[(_threads + 31) / 32];
        for (int w = 0; w < _warps.Length; w++)
        {
            int lanes = Math.Min(32, _threads - (w * 32));
            _warps[w] = new Warp(w, _program.RegisterBytes) { Threads = lanes == 32 ? uint.MaxValue : (1u << lanes) - 1 };
            SetConstants(_warps[w]);
        }
    }

    /// <summary>The instructions that ran, counted once a warp.</summary>
    public long WarpInstructions { get; private set; }

    /// <summary>The instructions that ran, counted once a lane.</summary>
    public long LaneInstructions { get; private set; }

    /// <summary>Runs all blocks.</summary>
    /// <exception cref="DeviceFault">An access or instruction that ends the launch.</exception>
    public void Run()
    {
        long blocks = _launch.Grid.Count;
        _order.BeginLaunch(_firstBlock);
        for (long b = 0; b < blocks; b++)
        {
            _block = _launch.Grid.At(b);
            _order.BeginBlock(_firstBlock + (uint)b);
            BeginBlock();
            RunBlock();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _shared.Dispose();
        _local?.Dispose();
        foreach (Warp warp in _warps)
        {
            warp.Dispose();
        }
    }

    private void SetConstants(Warp warp)
    {
        foreach ((int offset, ulong value, bool isWide, bool isPredicate) in _program.Constants)
        {
            if (isPredicate)
            {
                *(uint*)(warp.Registers + offset) = (uint)value;
            }
            else if (isWide)
            {
                new Span<ulong>(warp.Registers + offset, 32).Fill(value);
            }
            else
            {
                warp.Fill(offset, (uint)value);
            }
        }

        foreach ((int offset, SpecialRegister register) in _program.Specials)
        {
            var lanes = new Span<uint>(warp.Registers + offset, 32);
            for (int lane = 0; lane < 32; lane++)
            {
                lanes[lane] = Special(register, warp.Index, lane);
            }
        }
    }

    private uint Special(SpecialRegister register, int warp, int lane)
    {
        (int x, int y, int z) = _launch.Block.At((warp * 32) + lane);
        uint bit = 1u << lane;
        return register switch
        {
            SpecialRegister.ThreadX => (uint)x,
            SpecialRegister.ThreadY => (uint)y,
            SpecialRegister.ThreadZ => (uint)z,
            SpecialRegister.BlockSizeX => _launch.Block.X,
            SpecialRegister.BlockSizeY => _launch.Block.Y,
            SpecialRegister.BlockSizeZ => _launch.Block.Z,
            SpecialRegister.GridSizeX => _launch.Grid.X,
            SpecialRegister.GridSizeY => _launch.Grid.Y,
            SpecialRegister.GridSizeZ => _launch.Grid.Z,
            SpecialRegister.Lane => (uint)lane,
            SpecialRegister.Warp => (uint)warp,
            SpecialRegister.WarpCount => (uint)_warps.Length,
            SpecialRegister.LanesBelow => bit - 1,
            SpecialRegister.LanesBelowOrEqual => bit | (bit - 1),
            SpecialRegister.LanesAbove => ~(bit | (bit - 1)),
            SpecialRegister.LanesAboveOrEqual => ~(bit - 1),
            SpecialRegister.LaneBit => bit,
            _ => 0,
        };
    }

    private void BeginBlock()
    {
        _shared.Reset(0, _shared.Size, ByteState.Unaddressable);
        foreach ((_, int offset, int bytes) in _program.SharedVariables)
        {
            new Span<byte>(_shared.State + offset, bytes).Fill(ByteState.Allocated);
        }

        new Span<byte>(_shared.State + _program.DynamicSharedOffset, _launch.DynamicSharedBytes).Fill(ByteState.Allocated);
        _local?.Reset(0, _local.Size, ByteState.Allocated);
        foreach (Warp warp in _warps)
        {
            foreach ((int offset, SpecialRegister register) in _program.Specials)
            {
                if (register is SpecialRegister.BlockX or SpecialRegister.BlockY or SpecialRegister.BlockZ)
                {
                    warp.Fill(offset, (uint)(register == SpecialRegister.BlockX ? _block.X : register == SpecialRegister.BlockY ? _block.Y : _block.Z));
                }
            }

            warp.Reset();
        }
    }

    private void RunBlock()
    {
        while (true)
        {
            bool waiting = false;
            foreach (Warp warp in _warps)
            {
                if (warp.State == WarpState.Ready)
                {
                    _warp = warp;
                    _executed = 0;
                    RunWarp(warp);
                    WarpInstructions += _executed;
                }

                waiting |= warp.State == WarpState.AtBarrier;
            }

            if (!waiting)
            {
                return;
            }

            ReleaseBarrier();
        }
    }

    /// <summary>Runs a warp until it waits at a barrier or has ended.</summary>
    private void RunWarp(Warp warp)
    {
        byte* registers = warp.Registers;
        Instruction[] instructions = _instructions;
        while (warp.State == WarpState.Ready)
        {
            if (warp.Pc >= warp.NextPc)
            {
                warp.Reschedule();
            }

            Instruction i = instructions[warp.Pc];
            uint mask = warp.Mask;
            if (i.Guard >= 0)
            {
                mask &= *(uint*)(registers + i.Guard) ^ (i.IsGuardNegated ? uint.MaxValue : 0);
            }

            LaneInstructions += System.Numerics.BitOperations.PopCount(mask);
            if (++_executed > _limit)
            {
                throw Fault(i, mask, FindingKind.Fault, CudaResult.LaunchTimeout, $"a warp ran {_limit} instructions without reaching a barrier or its end: it waits for something that never comes");
            }

            if (i.Kind == InstructionKind.Compute)
            {
                if (mask != 0)
                {
                    if (i.ChecksDivisor)
                    {
                        CheckDivisor(i, mask);
                    }

                    i.Compute(registers, i, mask);
                }

                warp.Pc++;
            }
            else
            {
                Execute(warp, i, mask);
            }
        }
    }

    private void Execute(Warp warp, Instruction i, uint mask)
    {
        switch (i.Kind)
        {
            case InstructionKind.Branch:
                if (mask == 0)
                {
                    warp.Pc++;
                }
                else
                {
                    warp.Branch(mask, i.Target);
                }

                return;
            case InstructionKind.Exit:
                warp.Exit(mask);
                return;
            case InstructionKind.Barrier:
                ArriveAtBarrier(warp, i, mask);
                return;
            default:
                if (mask != 0)
                {
                    ExecuteForLanes(i, mask);
                }

                warp.Pc++;
                return;
        }
    }

    private void ExecuteForLanes(Instruction i, uint mask)
    {
        switch (i.Kind)
        {
            case InstructionKind.Load:
                Load(i, mask);
                break;
            case InstructionKind.Store:
                Store(i, mask);
                break;
            case InstructionKind.Atomic:
                Atomic(i, mask);
                break;
            case InstructionKind.Shuffle:
                Shuffle(i, mask);
                break;
            case InstructionKind.Vote:
                Vote(i, mask);
                break;
            case InstructionKind.WarpBarrier:
                CheckMembers(i, mask);
                _order.WarpBarrier(_warp.Index, mask);
                break;
            case InstructionKind.Fence:
                for (uint lanes = mask; lanes != 0; lanes &= lanes - 1)
                {
                    _order.Fence(Thread(lanes));
                }

                break;
            case InstructionKind.Trap:
                throw Fault(i, mask, FindingKind.Fault, CudaResult.LaunchFailed, "the kernel stops itself");
            default:
                break;
        }
    }

    private void CheckDivisor(Instruction i, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = System.Numerics.BitOperations.TrailingZeroCount(mask);
            byte* divisor = _warp.Registers + i.B;
            if (i.DivisorBytes == 8 ? ((ulong*)divisor)[lane] == 0 : ((uint*)divisor)[lane] == 0)
            {
                Report(i, mask, FindingKind.Fault, "an integer is divided by zero");
                return;
            }
        }
    }

    /// <summary>The thread of the lowest lane of a mask, as its number in the block.</summary>
    private int Thread(uint mask) => (_warp.Index * 32) + System.Numerics.BitOperations.TrailingZeroCount(mask);

    private void Report(Instruction i, uint mask, FindingKind kind, string problem) => _log.Add(new Finding(kind, problem, _program.Name)
    {
        Block = _block,
        Thread = _launch.Block.At(Thread(mask)),
        PtxLine = i.Location.Line,
        Source = _program.Module.Source(i.Location),
    });

    private DeviceFault Fault(Instruction i, uint mask, FindingKind kind, CudaResult result, string problem)
    {
        Report(i, mask, kind, problem);
        return new DeviceFault(result, $"{_program.Name}: {problem}");
    }
}
