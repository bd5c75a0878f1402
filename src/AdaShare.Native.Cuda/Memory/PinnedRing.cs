using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Memory;

/// <summary>
/// Page-locked host memory through which copies go, used round and round: a part is lent again once the copy from or to it is done, and whoever comes too early waits for that copy alone.
/// </summary>
internal sealed unsafe class PinnedRing : IDisposable
{
    private const int Alignment = 64;
    private const int ManyInFlight = 16;
    private const int MostInFlight = 256;

    private readonly CudaDevice _device;
    private readonly EventPool _events;
    private readonly Queue<(int Start, int End, nint Event)> _inFlight = [];
    private readonly byte* _memory;
    private int _head;

    /// <summary>Allocates the ring.</summary>
    /// <param name="device">Whose copies.</param>
    /// <param name="events">Where events come from.</param>
    /// <param name="bytes">The size; the largest part is half of it.</param>
    /// <param name="flags">Write-combined where the host only writes.</param>
    public PinnedRing(CudaDevice device, EventPool events, int bytes, CudaHostAllocFlags flags)
    {
        _device = device;
        _events = events;
        Capacity = bytes;
        device.Check($"cuMemHostAlloc of {bytes} bytes", device.Driver.MemHostAlloc(out nint memory, (nuint)bytes, CudaHostAllocFlags.Portable | flags));
        _memory = (byte*)memory;
    }

    /// <summary>Bytes of the ring.</summary>
    public int Capacity { get; }

    /// <summary>The most bytes of one part.</summary>
    public int LargestPart => Capacity / 2;

    /// <summary>A part that no copy uses. Enqueue the copy, then call <see cref="Lent"/>.</summary>
    public byte* Take(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, LargestPart);
        if (_head + bytes > Capacity)
        {
            _head = 0;
        }

        int start = _head, end = start + bytes;
        ForgetDone();
        while (_inFlight.Count == MostInFlight || _inFlight.Any(part => part.Start < end && start < part.End))
        {
            nint e = _inFlight.Peek().Event;
            _device.Check("cuEventSynchronize", _device.Driver.EventSynchronize(e));
            _events.Return(_inFlight.Dequeue().Event);
        }

        return _memory + start;
    }

    /// <summary>Says that a stream's present end is the copy of the part that was last taken.</summary>
    /// <returns>An event that passes with it; it belongs to the ring until the part is lent again.</returns>
    public nint Lent(int bytes, nint stream)
    {
        nint e = _events.Rent();
        _device.Check("cuEventRecord", _device.Driver.EventRecord(e, stream));
        _inFlight.Enqueue((_head, _head + bytes, e));
        _head = (_head + bytes + Alignment - 1) / Alignment * Alignment;
        return e;
    }

    public void Dispose()
    {
        while (_inFlight.TryDequeue(out (int Start, int End, nint Event) part))
        {
            _events.Return(part.Event);
        }

        _device.Driver.MemFreeHost((nint)_memory);
    }

    /// <summary>Forgets copies that are done, where there are many: looking costs a call each.</summary>
    private void ForgetDone()
    {
        while (_inFlight.Count > ManyInFlight)
        {
            CudaResult result = _device.Driver.EventQuery(_inFlight.Peek().Event);
            if (result == CudaResult.NotReady)
            {
                return;
            }

            _device.Check("cuEventQuery", result);
            _events.Return(_inFlight.Dequeue().Event);
        }
    }
}
