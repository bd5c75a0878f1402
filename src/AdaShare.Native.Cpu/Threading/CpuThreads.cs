using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using AdaShare.Native.Cpu.Memory;

namespace AdaShare.Native.Cpu.Threading;

/// <summary>
/// The backend's threads: they spin for a moment between loops, then park. Items of a loop are handed out one by one, so a thread that the system holds up
/// holds up one item only, and a loop never waits for a thread that has not joined it.
/// </summary>
/// <remarks>
/// The thread that calls <see cref="For{TBody}"/> works too. Kernels split work over outputs only, or over a fixed number of partial sums: results do not depend on <see cref="Count"/>.
/// </remarks>
internal sealed unsafe class CpuThreads : IDisposable
{
    // The state of the current loop in one word, so that joining is one compare-and-swap: generation, whether it takes more threads, and how many are in it.
    private const long MembersMask = 0xFFFF;
    private const long OpenFlag = 0x10000;
    private const long GenerationStep = 0x20000;

    // Kernels of a step follow each other within microseconds; waking a parked thread costs tens of them.
    private static readonly long SpinTicks = Stopwatch.Frequency / 5000;

    [ThreadStatic]
    private static int _currentIndex;

    [ThreadStatic]
    private static bool _inLoop;

    private readonly Worker[] _workers;
    private readonly bool _spin;
    private PaddedCounters _counters;
    private void* _body;
    private delegate*<CpuThreads, void> _run;
    private int _count;
    private Exception? _error;
    private volatile bool _disposed;

    /// <summary>Starts <paramref name="count"/> - 1 threads.</summary>
    /// <param name="count">The threads that compute, the caller included; at least 1.</param>
    /// <param name="allocator">Where scratch memory comes from.</param>
    public CpuThreads(int count, CpuAllocator allocator)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (int)MembersMask);
        Count = count;
        Scratch = new CpuScratch(allocator, count);
        _spin = count <= Environment.ProcessorCount;
        _workers = new Worker[count - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Worker();
        }

        for (int i = 0; i < _workers.Length; i++)
        {
            int index = i + 1;
            _workers[i].Thread = new Thread(() => Work(index)) { IsBackground = true, Name = $"adashare-cpu-{index}" };
            _workers[i].Thread!.Start();
        }
    }

    /// <summary>The index of the calling thread among those of its loop: 0 for the one that called, 1 … <see cref="Count"/> - 1 for the others.</summary>
    public static int CurrentIndex => _currentIndex;

    /// <summary>Whether the calling thread is inside a loop.</summary>
    public static bool IsInLoop => _inLoop;

    /// <summary>The number of threads, the caller included.</summary>
    public int Count { get; }

    /// <summary>Scratch memory of kernels on these threads.</summary>
    public CpuScratch Scratch { get; }

    /// <summary>Runs items 0 … count - 1 on all threads and returns when all are done. Inside another loop the items run in order on the calling thread.</summary>
    /// <exception cref="Exception">The first exception that an item threw; items that had not started are left out.</exception>
    public void For<TBody>(int count, TBody body) where TBody : struct, IParallelBody
    {
        if (count <= 1 || Count == 1 || _inLoop)
        {
            for (int i = 0; i < count; i++)
            {
                body.Invoke(i);
            }

            return;
        }

        ObjectDisposedException.ThrowIf(_disposed, this);

        // The body lies on this stack frame, which outlives the loop; the collector updates references in it in place.
        _body = Unsafe.AsPointer(ref body);
        _run = &RunItems<TBody>;
        _count = count;
        _counters.Next = -1;
        Interlocked.Exchange(ref _counters.State, ((_counters.State & ~(MembersMask | OpenFlag)) + GenerationStep) | OpenFlag);
        Wake(Math.Min(count - 1, _workers.Length));
        RunItems<TBody>(this);
        Close();
        Exception? error = _error;
        _error = null;
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    /// <summary>The same for a delegate; its closure is one small allocation.</summary>
    public void For(int count, Action<int> body) => For(count, new DelegateBody(body));

    /// <summary>Stops the threads and frees the scratch memory.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Thread.MemoryBarrier();
        Wake(_workers.Length);
        foreach (Worker worker in _workers)
        {
            worker.Thread!.Join();
            worker.Dispose();
        }

        Scratch.Dispose();
    }

    private static void RunItems<TBody>(CpuThreads threads) where TBody : struct, IParallelBody
    {
        _inLoop = true;
        try
        {
            TBody body = Unsafe.AsRef<TBody>(threads._body);
            int count = threads._count;
            for (int i = Interlocked.Increment(ref threads._counters.Next); i < count; i = Interlocked.Increment(ref threads._counters.Next))
            {
                body.Invoke(i);
            }
        }
#pragma warning disable CA1031 // whatever an item throws goes to the caller of the loop
        catch (Exception error)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref threads._error, error, null);
            Interlocked.Exchange(ref threads._counters.Next, int.MaxValue / 2);
        }
        finally
        {
            _inLoop = false;
        }
    }

    private void Close()
    {
        Interlocked.And(ref _counters.State, ~OpenFlag);
        var spin = default(SpinWait);
        long start = Stopwatch.GetTimestamp();
        while ((Volatile.Read(ref _counters.State) & MembersMask) != 0)
        {
            if (_spin && Stopwatch.GetTimestamp() - start < SpinTicks)
            {
                Thread.SpinWait(10);
            }
            else
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    private void Wake(int wanted)
    {
        for (int i = 0; i < wanted; i++)
        {
            Worker worker = _workers[i];
            if (Volatile.Read(ref worker.Parked) == 1 && Interlocked.Exchange(ref worker.Parked, 0) == 1)
            {
                worker.Signal.Release();
            }
        }
    }

    private void Work(int index)
    {
        _currentIndex = index;
        Worker self = _workers[index - 1];
        long seen = 0;
        while (!_disposed)
        {
            if (TryJoin(ref seen))
            {
                _run(this);
                Interlocked.Decrement(ref _counters.State);
            }
            else
            {
                Idle(self, seen);
            }
        }
    }

    private bool TryJoin(ref long seen)
    {
        long state = Volatile.Read(ref _counters.State);
        while ((state & OpenFlag) != 0 && Generation(state) != seen)
        {
            long found = Interlocked.CompareExchange(ref _counters.State, state + 1, state);
            if (found == state)
            {
                seen = Generation(state);
                return true;
            }

            state = found;
        }

        return false;
    }

    private void Idle(Worker self, long seen)
    {
        long start = Stopwatch.GetTimestamp();
        while (_spin && Stopwatch.GetTimestamp() - start < SpinTicks)
        {
            Thread.SpinWait(20);
            if (HasWork(seen))
            {
                return;
            }
        }

        // Announce the intention to park before looking once more: either this thread sees the new loop, or the one that opens it sees the flag.
        Interlocked.Exchange(ref self.Parked, 1);
        if (HasWork(seen) && Interlocked.Exchange(ref self.Parked, 0) == 1)
        {
            return;
        }

        self.Signal.Wait();
    }

    private bool HasWork(long seen)
    {
        long state = Volatile.Read(ref _counters.State);
        return _disposed || ((state & OpenFlag) != 0 && Generation(state) != seen);
    }

    private static long Generation(long state) => state & ~(MembersMask | OpenFlag);

    /// <summary>The contended words, each on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct PaddedCounters
    {
        [FieldOffset(128)]
        public int Next;

        [FieldOffset(256)]
        public long State;
    }

    private readonly struct DelegateBody(Action<int> body) : IParallelBody
    {
        public void Invoke(int index) => body(index);
    }

    private sealed class Worker : IDisposable
    {
        public readonly SemaphoreSlim Signal = new(0);
        public Thread? Thread;
        public int Parked;

        public void Dispose() => Signal.Dispose();
    }
}
