using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Graphs;

/// <summary>
/// What a captured step reads from the host, in one piece of device memory whose address never changes: inputs, learning rates, random streams. Two page-locked copies take turns, so
/// that the host writes the next step's while the device still works on this one's.
/// </summary>
internal sealed unsafe class StagingBlock : IDisposable
{
    private const int Alignment = 64;
    private const int Turns = 2;

    private readonly CudaDevice _device;
    private readonly byte*[] _pinned = new byte*[Turns];
    private readonly ulong[] _incoming = new ulong[Turns];
    private readonly nint[] _sent = new nint[Turns];
    private readonly nint[] _arrived = new nint[Turns];
    private readonly ulong _memory;

    // Neighbouring values are sent together, room that a step leaves is left out.
    private readonly List<(int Start, int End)> _filled = [];
    private int _turn;
    private int _used;

    public StagingBlock(CudaDevice device, int bytes)
    {
        _device = device;
        Capacity = bytes;
        ICudaDriver driver = device.Driver;
        device.Check($"cuMemAlloc of {bytes} bytes", driver.MemAlloc(out _memory, (nuint)bytes));

        // A step copies whole rooms on, whatever lies in what it did not fill.
        device.Check("cuMemsetD8Async", driver.MemsetD8Async(_memory, 0, (nuint)bytes, device.ComputeStream));
        for (int i = 0; i < Turns; i++)
        {
            device.Check($"cuMemAlloc of {bytes} bytes", driver.MemAlloc(out _incoming[i], (nuint)bytes));
            device.Check($"cuMemHostAlloc of {bytes} bytes", driver.MemHostAlloc(out nint pinned, (nuint)bytes, CudaHostAllocFlags.Portable | CudaHostAllocFlags.WriteCombined));
            _pinned[i] = (byte*)pinned;
            device.Check("cuEventCreate", driver.EventCreate(out _sent[i], CudaEventFlags.DisableTiming));
            device.Check("cuEventCreate", driver.EventCreate(out _arrived[i], CudaEventFlags.DisableTiming));
        }
    }

    /// <summary>The bytes that a step can stage.</summary>
    public int Capacity { get; }

    /// <summary>What so many bytes take up.</summary>
    public static int RoundUp(int bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Begins a step's values; waits where the device has not yet taken those of two steps ago.</summary>
    public void Begin()
    {
        _turn = (_turn + 1) % Turns;
        _used = 0;
        _filled.Clear();
        _device.Check("cuEventSynchronize", _device.Driver.EventSynchronize(_sent[_turn]));
    }

    /// <summary>Adds values; false where the block is full.</summary>
    /// <param name="bytes">The values.</param>
    /// <param name="room">The bytes that they may take up in other steps, at least as many.</param>
    /// <param name="address">Where the step finds them.</param>
    public bool TryAdd(ReadOnlySpan<byte> bytes, int room, out ulong address)
    {
        address = _memory + (ulong)_used;
        if (_used + RoundUp(room) > Capacity)
        {
            return false;
        }

        bytes.CopyTo(new Span<byte>(_pinned[_turn] + _used, bytes.Length));
        int end = _used + RoundUp(bytes.Length);
        if (_filled.Count > 0 && _filled[^1].End == _used)
        {
            _filled[^1] = (_filled[^1].Start, end);
        }
        else if (end > _used)
        {
            _filled.Add((_used, end));
        }

        _used += RoundUp(room);
        return true;
    }

    /// <summary>Sends the values, so that commands launched from now on find them.</summary>
    public void Send()
    {
        if (_filled.Count == 0)
        {
            return;
        }

        ICudaDriver driver = _device.Driver;
        foreach ((int start, int end) in _filled)
        {
            _device.Check(
                "copying a step's inputs", driver.MemcpyHtoDAsync(_incoming[_turn] + (ulong)start, (nint)_pinned[_turn] + start, (nuint)(end - start), _device.CopyStream));
        }

        _device.Check("cuEventRecord", driver.EventRecord(_arrived[_turn], _device.CopyStream));
        _device.Check("cuStreamWaitEvent", driver.StreamWaitEvent(_device.ComputeStream, _arrived[_turn], 0));
        foreach ((int start, int end) in _filled)
        {
            _device.Check(
                "copying a step's inputs", driver.MemcpyDtoDAsync(_memory + (ulong)start, _incoming[_turn] + (ulong)start, (nuint)(end - start), _device.ComputeStream));
        }

        _device.Check("cuEventRecord", driver.EventRecord(_sent[_turn], _device.ComputeStream));
    }

    public void Dispose()
    {
        ICudaDriver driver = _device.Driver;
        driver.MemFree(_memory);
        for (int i = 0; i < Turns; i++)
        {
            driver.MemFree(_incoming[i]);
            driver.MemFreeHost((nint)_pinned[i]);
            driver.EventDestroy(_sent[i]);
            driver.EventDestroy(_arrived[i]);
        }
    }
}
