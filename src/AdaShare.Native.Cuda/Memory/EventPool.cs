using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Memory;

/// <summary>Events without timing, used again and again.</summary>
internal sealed class EventPool(CudaDevice device) : IDisposable
{
    private readonly Stack<nint> _free = [];

    /// <summary>An event that nobody else records.</summary>
    public nint Rent()
    {
        if (_free.TryPop(out nint e))
        {
            return e;
        }

        device.Check("cuEventCreate", device.Driver.EventCreate(out e, CudaEventFlags.DisableTiming));
        return e;
    }

    /// <summary>Takes an event back.</summary>
    public void Return(nint e) => _free.Push(e);

    /// <summary>Destroys the events that have been returned.</summary>
    public void Dispose()
    {
        while (_free.TryPop(out nint e))
        {
            device.Driver.EventDestroy(e);
        }
    }
}
