using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Ops from outside the engine, timed as a whole under their own names.</summary>
internal sealed class ProfiledCustom(KernelRecorder recorder, ICustomKernels inner) : ICustomKernels
{
    /// <summary>Whether one of them is under way.</summary>
    public bool IsRunning { get; private set; }

    public void Run(CustomCall call)
    {
        using KernelTiming timing = recorder.Begin(call.Op, call.Kernel, [.. call.Reads, .. call.Writes]);
        IsRunning = true;
        try
        {
            inner.Run(call);
        }
        finally
        {
            IsRunning = false;
        }
    }
}
