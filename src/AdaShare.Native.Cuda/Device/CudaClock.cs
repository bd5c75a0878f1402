using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Cuda.Device;

/// <summary>Timed events in the compute stream. A mark within a step that would be replayed has it run op by op from there on, because a graph has no points between.</summary>
internal sealed class CudaClock(CudaDevice device, StepGraphs steps) : IDeviceClock
{
    private readonly List<nint> _events = [];
    private int _marks;

    /// <inheritdoc/>
    public void Mark()
    {
        steps.Flush();
        device.Activate();
        if (_marks == _events.Count)
        {
            device.Check("cuEventCreate", device.Driver.EventCreate(out nint created, CudaEventFlags.Default));
            _events.Add(created);
        }

        device.Check("cuEventRecord", device.Driver.EventRecord(_events[_marks], device.ComputeStream));
        _marks++;
    }

    /// <inheritdoc/>
    public double[] Read()
    {
        var times = new double[Math.Max(0, _marks - 1)];
        if (_marks > 0)
        {
            device.Activate();
            device.Check("waiting for a mark of the clock", device.Driver.EventSynchronize(_events[_marks - 1]));
        }

        for (int i = 0; i < times.Length; i++)
        {
            device.Check("cuEventElapsedTime", device.Driver.EventElapsedTime(out float milliseconds, _events[i], _events[i + 1]));
            times[i] = milliseconds;
        }

        _marks = 0;
        return times;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint e in _events)
        {
            device.Driver.EventDestroy(e);
        }

        _events.Clear();
        _marks = 0;
    }
}
