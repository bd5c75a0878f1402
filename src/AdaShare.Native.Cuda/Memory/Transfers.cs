using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Memory;

/// <summary>
/// Copies between host and device through page-locked rings. Small ones go in the compute stream; large ones in the copy stream, where they run beside kernels that don't use their target.
/// </summary>
internal sealed unsafe class Transfers : IDisposable
{
    private const int RingBytes = 16 << 20;
    private const int ChunkBytes = 4 << 20;

    // Below this size two events and a wait cost more than the copy.
    private const int SmallBytes = 64 << 10;

    // Numbers of single launches go through a ring in device memory; the stream's order keeps a slot from being overwritten before it is read.
    private const int NumberBytes = 256 << 10;
    private const int NumberSlot = 64;

    private readonly CudaDevice _device;
    private readonly StreamClock _clock;
    private readonly PinnedRing _upward;
    private readonly PinnedRing _downward;
    private readonly ulong _numbers;
    private int _nextNumber;

    public Transfers(CudaDevice device, StreamClock clock)
    {
        _device = device;
        _clock = clock;
        _upward = new PinnedRing(device, clock.Events, RingBytes, CudaHostAllocFlags.WriteCombined);
        _downward = new PinnedRing(device, clock.Events, RingBytes, CudaHostAllocFlags.None);
        device.Check($"cuMemAlloc of {NumberBytes} bytes", device.Driver.MemAlloc(out _numbers, NumberBytes));
    }

    /// <summary>Copies to the device. The source may change as soon as the call returns.</summary>
    public void Upload(string what, ReadOnlySpan<byte> source, MemoryBlock block, ulong target)
    {
        bool small = source.Length <= SmallBytes;
        nint stream = small ? _device.ComputeStream : _device.CopyStream;
        if (!small)
        {
            _clock.Wait(stream, block.IsTouched ? _clock.Last : block.LastUse);
            block.IsStaged = true;
        }

        nint copied = 0;
        for (int done = 0; done < source.Length; done += ChunkBytes)
        {
            ReadOnlySpan<byte> chunk = source[done..Math.Min(source.Length, done + ChunkBytes)];
            copied = Enqueue(what, chunk, target + (ulong)done, stream);
        }

        if (!small)
        {
            _device.Check(what, _device.Driver.StreamWaitEvent(_device.ComputeStream, copied, 0));
        }

        _clock.Advance();
        block.IsTouched = true;
    }

    /// <summary>Copies one part to the device in a stream.</summary>
    public nint Enqueue(string what, ReadOnlySpan<byte> source, ulong target, nint stream)
    {
        byte* pinned = _upward.Take(source.Length);
        source.CopyTo(new Span<byte>(pinned, source.Length));
        _device.Check(what, _device.Driver.MemcpyHtoDAsync(target, (nint)pinned, (nuint)source.Length, stream));
        return _upward.Lent(source.Length, stream);
    }

    /// <summary>Copies to the host, once the work before is done; chunks follow one another while the host empties the one before.</summary>
    public void Download(string what, ulong source, Span<byte> target)
    {
        Span<nint> events = stackalloc nint[2];
        Span<nint> parts = stackalloc nint[2];
        int chunks = (target.Length + ChunkBytes - 1) / ChunkBytes;
        for (int i = 0; i <= chunks; i++)
        {
            if (i < chunks)
            {
                int bytes = Math.Min(ChunkBytes, target.Length - (i * ChunkBytes));
                byte* pinned = _downward.Take(bytes);
                _device.Check(what, _device.Driver.MemcpyDtoHAsync((nint)pinned, source + ((ulong)i * ChunkBytes), (nuint)bytes, _device.ComputeStream));
                events[i % 2] = _downward.Lent(bytes, _device.ComputeStream);
                parts[i % 2] = (nint)pinned;
            }

            if (i > 0)
            {
                int done = i - 1, start = done * ChunkBytes, bytes = Math.Min(ChunkBytes, target.Length - start);
                _device.Check(what, _device.Driver.EventSynchronize(events[done % 2]));
                new ReadOnlySpan<byte>((void*)parts[done % 2], bytes).CopyTo(target[start..]);
            }
        }
    }

    /// <summary>Numbers that a kernel reads from device memory, in order of the compute stream; at most 256 KiB.</summary>
    /// <returns>Their address, at a multiple of 64.</returns>
    public ulong Numbers(string what, ReadOnlySpan<byte> numbers)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Length, NumberBytes);
        int bytes = (numbers.Length + NumberSlot - 1) / NumberSlot * NumberSlot;
        int start = _nextNumber + bytes > NumberBytes ? 0 : _nextNumber;
        ulong target = _numbers + (ulong)start;
        _nextNumber = start + bytes;
        Enqueue(what, numbers, target, _device.ComputeStream);
        return target;
    }

    public void Dispose()
    {
        _upward.Dispose();
        _downward.Dispose();
        _device.Driver.MemFree(_numbers);
    }
}
