using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Interpreter;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Device memory, page-locked host memory, copies and fills.</summary>
internal sealed unsafe partial class SimulatedDriver
{
    private readonly SortedDictionary<nint, nuint> _pinned = [];

    /// <summary>Page-locked allocations that were not freed: their sizes.</summary>
    public IReadOnlyCollection<nuint> Pinned => _pinned.Values;

    /// <inheritdoc/>
    public CudaResult MemGetInfo(out nuint free, out nuint total)
    {
        lock (state.Lock)
        {
            total = (nuint)state.Options.MemoryBytes;
            free = (nuint)(state.Options.MemoryBytes - state.Memory.LiveBytes);
            return Refuse("cuMemGetInfo_v2") ?? CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult MemAlloc(out ulong pointer, nuint bytes)
    {
        lock (state.Lock)
        {
            pointer = 0;
            if (Refuse("cuMemAlloc_v2", endsCapture: true) is { } error)
            {
                return error;
            }

            if (bytes == 0)
            {
                return CudaResult.InvalidValue;
            }

            if ((long)bytes > state.Options.MemoryBytes - state.Memory.LiveBytes)
            {
                return CudaResult.OutOfMemory;
            }

            pointer = state.Memory.Allocate((long)bytes, "allocation").Start;
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult MemFree(ulong pointer)
    {
        lock (state.Lock)
        {
            // A context that a fault has ended still gives its memory back here, so that what is left at the end is a leak.
            if (Refuse("cuMemFree_v2", endsCapture: true) is { } error && !error.IsSticky())
            {
                return error;
            }

            if (pointer == 0)
            {
                return CudaResult.Success;
            }

            MemoryRegion? region = state.Memory.Find(pointer);
            if (region is null || region.Start != pointer || region.IsFreed)
            {
                state.Report(FindingKind.InvalidCall, "cuMemFree_v2", $"0x{pointer:X} {(region is { IsFreed: true } ? "was freed before" : "is not the start of an allocation")}");
                return CudaResult.InvalidValue;
            }

            // As the real call does: what was enqueued before may use the memory.
            state.Drain();
            state.Memory.Free(region);
            return state.Sticky;
        }
    }

    /// <inheritdoc/>
    public CudaResult MemHostAlloc(out nint pointer, nuint bytes, CudaHostAllocFlags flags)
    {
        lock (state.Lock)
        {
            pointer = 0;
            if (Refuse("cuMemHostAlloc", endsCapture: true) is { } error)
            {
                return error;
            }

            if (bytes == 0)
            {
                return CudaResult.InvalidValue;
            }

            pointer = (nint)NativeMemory.AlignedAlloc(bytes, 4096);
            NativeMemory.Fill((void*)pointer, bytes, MemoryRegion.Poison);
            _pinned[pointer] = bytes;
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult MemFreeHost(nint pointer)
    {
        lock (state.Lock)
        {
            if (Refuse("cuMemFreeHost", endsCapture: true) is { } error && !error.IsSticky())
            {
                return error;
            }

            if (!_pinned.Remove(pointer))
            {
                state.Report(FindingKind.InvalidCall, "cuMemFreeHost", "the pointer is not the start of page-locked memory");
                return CudaResult.InvalidValue;
            }

            NativeMemory.AlignedFree((void*)pointer);
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult MemcpyHtoDAsync(ulong target, nint source, nuint bytes, nint stream)
    {
        lock (state.Lock)
        {
            return Copy("cuMemcpyHtoDAsync_v2", stream, source, bytes, context =>
            {
                CheckPinned(context, source, bytes);
                new ReadOnlySpan<byte>((void*)source, checked((int)bytes)).CopyTo(new RangeAccess(context).Write(target, (long)bytes, "the target of a copy"));
            });
        }
    }

    /// <inheritdoc/>
    public CudaResult MemcpyDtoHAsync(nint target, ulong source, nuint bytes, nint stream)
    {
        lock (state.Lock)
        {
            return Copy("cuMemcpyDtoHAsync_v2", stream, target, bytes, context =>
            {
                CheckPinned(context, target, bytes);
                new RangeAccess(context).Read(source, (long)bytes, "the source of a copy").CopyTo(new Span<byte>((void*)target, checked((int)bytes)));
            });
        }
    }

    /// <inheritdoc/>
    public CudaResult MemcpyDtoDAsync(ulong target, ulong source, nuint bytes, nint stream)
    {
        lock (state.Lock)
        {
            if (source < target + bytes && target < source + bytes && bytes > 0)
            {
                state.Report(FindingKind.InvalidCall, "cuMemcpyDtoDAsync_v2", "the source and the target of a copy overlap");
                return CudaResult.InvalidValue;
            }

            return Enqueue("cuMemcpyDtoDAsync_v2", stream, context =>
            {
                var access = new RangeAccess(context);
                access.Read(source, (long)bytes, "the source of a copy").CopyTo(access.Write(target, (long)bytes, "the target of a copy"));
            });
        }
    }

    /// <inheritdoc/>
    public CudaResult MemsetD8Async(ulong target, byte value, nuint count, nint stream)
    {
        lock (state.Lock)
        {
            return Enqueue("cuMemsetD8Async", stream, context => new RangeAccess(context).Write(target, (long)count, "the target of a fill").Fill(value));
        }
    }

    /// <inheritdoc/>
    public CudaResult MemsetD16Async(ulong target, ushort value, nuint count, nint stream)
    {
        lock (state.Lock)
        {
            if ((target & 1) != 0)
            {
                state.Report(FindingKind.Misaligned, "cuMemsetD16Async", $"the target 0x{target:X} is not a multiple of 2");
                return CudaResult.InvalidValue;
            }

            return Enqueue("cuMemsetD16Async", stream, context =>
                MemoryMarshal.Cast<byte, ushort>(new RangeAccess(context).Write(target, checked((long)count * 2), "the target of a fill")).Fill(value));
        }
    }

    /// <inheritdoc/>
    public CudaResult MemsetD32Async(ulong target, uint value, nuint count, nint stream)
    {
        lock (state.Lock)
        {
            if ((target & 3) != 0)
            {
                state.Report(FindingKind.Misaligned, "cuMemsetD32Async", $"the target 0x{target:X} is not a multiple of 4");
                return CudaResult.InvalidValue;
            }

            return Enqueue("cuMemsetD32Async", stream, context =>
                MemoryMarshal.Cast<byte, uint>(new RangeAccess(context).Write(target, checked((long)count * 4), "the target of a fill")).Fill(value));
        }
    }

    /// <summary>A copy between device and host. The host's side must be page-locked: the real call would wait for it silently, and spoil a recording.</summary>
    private CudaResult Copy(string call, nint stream, nint host, nuint bytes, Action<WorkContext> run)
    {
        if (bytes > 0 && !IsPinned(host, bytes))
        {
            SimulatedStream? captured = state.Handles.Get<SimulatedStream>(stream);
            if (captured?.Capture is { } capture)
            {
                return SpoilCapture(capture, call, "host memory that is not page-locked is copied while its stream is captured");
            }

            state.Report(FindingKind.InvalidCall, call, "the host memory is not page-locked, or ends before the copy does: the copy would not be asynchronous");
            return CudaResult.InvalidValue;
        }

        return Enqueue(call, stream, run);
    }

    private CudaResult Enqueue(string call, nint stream, Action<WorkContext> run)
    {
        if (Refuse(call) is { } error)
        {
            return error;
        }

        if (Get<SimulatedStream>(call, stream) is not { } found)
        {
            return CudaResult.InvalidHandle;
        }

        state.Enqueue(found, new WorkTemplate(call, 1, run));
        return CudaResult.Success;
    }

    private bool IsPinned(nint pointer, nuint bytes)
    {
        foreach ((nint start, nuint size) in _pinned)
        {
            if (pointer >= start && (nuint)(pointer - start) <= size && bytes <= size - (nuint)(pointer - start))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>When a copy is done its host memory must still be there.</summary>
    private void CheckPinned(WorkContext context, nint pointer, nuint bytes)
    {
        if (bytes > 0 && !IsPinned(pointer, bytes))
        {
            state.Report(FindingKind.UseAfterFree, context.Work.Template.Name, "the page-locked memory was freed before the copy was done");
            throw new DeviceFault(CudaResult.IllegalAddress, "page-locked memory was freed too early");
        }
    }
}
