using System.Numerics;
using System.Runtime.InteropServices;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Why a warp does not go on.</summary>
internal enum WarpState
{
    Ready,
    AtBarrier,
    Done,
}

/// <summary>
/// 32 threads that run together. Where they diverge, those at the lowest instruction run first, and wait for nobody until they reach the instruction of others: compilers place the code that
/// follows a branch behind both of its sides, so this brings the lanes together again.
/// </summary>
internal sealed unsafe class Warp : IDisposable
{
    private readonly List<(int Pc, uint Mask)> _waiting = [];

    public Warp(int index, int registerBytes)
    {
        Index = index;
        Registers = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, registerBytes), 64);
        NativeMemory.Clear(Registers, (nuint)Math.Max(64, registerBytes));
    }

    /// <summary>The number of the warp in its block.</summary>
    public int Index { get; }

    public byte* Registers { get; private set; }

    /// <summary>The lanes that are threads of the block.</summary>
    public uint Threads { get; set; }

    /// <summary>The lanes that have ended, and those that are no threads.</summary>
    public uint Exited { get; private set; }

    /// <summary>The instruction that runs next.</summary>
    public int Pc { get; set; }

    /// <summary>The lanes that run it.</summary>
    public uint Mask { get; private set; }

    /// <summary>The lowest instruction at which other lanes wait.</summary>
    public int NextPc { get; private set; }

    public WarpState State { get; set; }

    /// <summary>Begins a block.</summary>
    public void Reset()
    {
        Pc = 0;
        Mask = Threads;
        Exited = ~Threads;
        NextPc = int.MaxValue;
        State = Threads == 0 ? WarpState.Done : WarpState.Ready;
        _waiting.Clear();
    }

    /// <summary>Sends some of the running lanes to another instruction.</summary>
    public void Branch(uint taken, int target)
    {
        if (taken == Mask)
        {
            Pc = target;
            return;
        }

        Park(target, taken);
        Mask &= ~taken;
        Pc++;
    }

    /// <summary>Ends some of the running lanes.</summary>
    public void Exit(uint lanes)
    {
        Exited |= lanes;
        Mask &= ~lanes;
        if (Mask != 0)
        {
            Pc++;
        }
        else if (_waiting.Count > 0)
        {
            Pc = int.MaxValue;
            Reschedule();
        }
        else
        {
            State = WarpState.Done;
        }
    }

    /// <summary>Lets the lanes at the lowest instruction run.</summary>
    public void Reschedule()
    {
        if (Mask != 0)
        {
            Park(Pc, Mask);
        }

        (int pc, uint mask) = _waiting[0];
        _waiting.RemoveAt(0);
        Pc = pc;
        Mask = mask;
        NextPc = _waiting.Count > 0 ? _waiting[0].Pc : int.MaxValue;
    }

    /// <summary>Keeps the waiting lanes in the order of their instructions, those at the same one together.</summary>
    private void Park(int pc, uint mask)
    {
        int at = 0;
        while (at < _waiting.Count && _waiting[at].Pc < pc)
        {
            at++;
        }

        if (at < _waiting.Count && _waiting[at].Pc == pc)
        {
            _waiting[at] = (pc, _waiting[at].Mask | mask);
        }
        else
        {
            _waiting.Insert(at, (pc, mask));
        }

        NextPc = _waiting[0].Pc;
    }

    /// <summary>Fills a register of 32 bits.</summary>
    public void Fill(int offset, uint value) => new Span<uint>(Registers + offset, 32).Fill(value);

    /// <summary>The value that the running lanes have in a register, where it is the same in all; that of the first one otherwise.</summary>
    public uint First(int offset, uint mask) => ((uint*)(Registers + offset))[BitOperations.TrailingZeroCount(mask)];

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Registers);
        Registers = null;
    }
}
