using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Memory;

/// <summary>
/// Numbers the compute stream's commands, and gives events that have passed when a numbered command is done: with it another stream waits for the last use of a buffer and no longer.
/// </summary>
internal sealed class StreamClock(CudaDevice device) : IDisposable
{
    private readonly Queue<(long Sequence, nint Event)> _marks = [];
    private readonly EventPool _events = new(device);
    private long _passed;

    /// <summary>The number of the next command.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>Whether commands wait to be launched together as the next one.</summary>
    public bool IsPending { get; set; }

    /// <summary>The number of the last command that is in the stream or waits to be.</summary>
    public long Last => IsPending ? Next : Next - 1;

    /// <summary>Events for other users of the device.</summary>
    public EventPool Events => _events;

    /// <summary>Says that the next command is now in the stream.</summary>
    public void Advance() => Next++;

    /// <summary>Marks the stream's present end, so that what came before can be waited for alone.</summary>
    public void Mark()
    {
        long last = Next - 1;
        if (last > _passed && (_marks.Count == 0 || _marks.Last().Sequence < last))
        {
            nint e = _events.Rent();
            device.Check("cuEventRecord", device.Driver.EventRecord(e, device.ComputeStream));
            _marks.Enqueue((last, e));
        }
    }

    /// <summary>Lets a stream wait until a command of the compute stream, and all before it, are done.</summary>
    public void Wait(nint stream, long sequence)
    {
        Prune();
        if (sequence <= _passed)
        {
            return;
        }

        if (_marks.Count == 0 || _marks.Last().Sequence < sequence)
        {
            Mark();
        }

        foreach ((long marked, nint e) in _marks)
        {
            if (marked >= sequence)
            {
                device.Check("cuStreamWaitEvent", device.Driver.StreamWaitEvent(stream, e, 0));
                return;
            }
        }
    }

    /// <summary>Says that the stream has been waited for.</summary>
    public void Synchronized()
    {
        _passed = Next - 1;
        Prune();
    }

    public void Dispose()
    {
        while (_marks.TryDequeue(out (long Sequence, nint Event) mark))
        {
            _events.Return(mark.Event);
        }

        _events.Dispose();
    }

    private void Prune()
    {
        while (_marks.TryPeek(out (long Sequence, nint Event) mark))
        {
            if (mark.Sequence > _passed)
            {
                CudaResult result = device.Driver.EventQuery(mark.Event);
                if (result == CudaResult.NotReady)
                {
                    return;
                }

                device.Check("cuEventQuery", result);
                _passed = mark.Sequence;
            }

            _events.Return(_marks.Dequeue().Event);
        }
    }
}
