using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Streams and events.</summary>
internal sealed unsafe partial class SimulatedDriver
{
    /// <inheritdoc/>
    public CudaResult StreamCreate(out nint stream, CudaStreamFlags flags)
    {
        lock (state.Lock)
        {
            stream = 0;
            if (Refuse("cuStreamCreate") is { } error)
            {
                return error;
            }

            stream = state.Handles.Add(new SimulatedStream(state.Handles.Next, state.NewTimeline()));
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult StreamDestroy(nint stream)
    {
        lock (state.Lock)
        {
            if (Refuse("cuStreamDestroy_v2") is { } error && !error.IsSticky())
            {
                return error;
            }

            if (Get<SimulatedStream>("cuStreamDestroy_v2", stream) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            if (found.Capture is { } capture)
            {
                return SpoilCapture(capture, "cuStreamDestroy_v2", "a stream is destroyed while it is captured");
            }

            state.Drain();
            state.Handles.Remove(stream);
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult StreamSynchronize(nint stream)
    {
        lock (state.Lock)
        {
            return Refuse("cuStreamSynchronize", endsCapture: true) ?? (Get<SimulatedStream>("cuStreamSynchronize", stream) is { } found ? state.Synchronize(found.Last) : CudaResult.InvalidHandle);
        }
    }

    /// <inheritdoc/>
    public CudaResult StreamWaitEvent(nint stream, nint e, uint flags)
    {
        lock (state.Lock)
        {
            const string Call = "cuStreamWaitEvent";
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<SimulatedStream>(Call, stream) is not { } found || Get<SimulatedEvent>(Call, e) is not { } mark)
            {
                return CudaResult.InvalidHandle;
            }

            if (mark.Capture is { } capture)
            {
                return WaitInCapture(found, mark, capture);
            }

            if (found.Capture is { } own)
            {
                own.IsInvalid = true;
                state.Report(FindingKind.IllegalCapture, Call, "a captured stream waits for an event that was recorded outside the recording");
                return CudaResult.StreamCaptureIsolation;
            }

            if (mark.Mark is { } work)
            {
                state.EnqueueWait(found, work);
            }

            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult EventCreate(out nint e, CudaEventFlags flags)
    {
        lock (state.Lock)
        {
            e = 0;
            if (Refuse("cuEventCreate") is { } error)
            {
                return error;
            }

            e = state.Handles.Add(new SimulatedEvent(flags));
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult EventDestroy(nint e)
    {
        lock (state.Lock)
        {
            if (Get<SimulatedEvent>("cuEventDestroy_v2", e) is null)
            {
                return CudaResult.InvalidHandle;
            }

            state.Handles.Remove(e);
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult EventRecord(nint e, nint stream)
    {
        lock (state.Lock)
        {
            const string Call = "cuEventRecord";
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<SimulatedEvent>(Call, e) is not { } mark || Get<SimulatedStream>(Call, stream) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            mark.Capture = found.Capture;
            mark.CapturedAfter = found.Capture?.Add(found, WorkTemplate.Marker(Call));
            mark.Mark = found.Capture is null ? state.EnqueueMarker(found, Call) : null;
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult EventSynchronize(nint e)
    {
        lock (state.Lock)
        {
            const string Call = "cuEventSynchronize";
            return Refuse(Call, endsCapture: true) ?? (Get<SimulatedEvent>(Call, e) is not { } mark ? CudaResult.InvalidHandle
                : mark.Capture is { } capture ? CapturedEvent(Call, capture) : state.Synchronize(mark.Mark));
        }
    }

    /// <inheritdoc/>
    public CudaResult EventQuery(nint e)
    {
        lock (state.Lock)
        {
            const string Call = "cuEventQuery";
            if (Refuse(Call, endsCapture: true) is { } error)
            {
                return error;
            }

            if (Get<SimulatedEvent>(Call, e) is not { } mark)
            {
                return CudaResult.InvalidHandle;
            }

            if (mark.Capture is { } capture)
            {
                return CapturedEvent(Call, capture);
            }

            if (mark.Mark is not { IsDone: false } work)
            {
                return state.Synchronize(mark.Mark);
            }

            state.Progress(work);
            return state.Sticky == CudaResult.Success ? CudaResult.NotReady : state.Sticky;
        }
    }

    /// <inheritdoc/>
    public CudaResult EventElapsedTime(out float milliseconds, nint start, nint end)
    {
        lock (state.Lock)
        {
            const string Call = "cuEventElapsedTime";
            milliseconds = 0;
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<SimulatedEvent>(Call, start) is not { Mark: { } from } first || Get<SimulatedEvent>(Call, end) is not { Mark: { } to } second
                || (first.Flags & CudaEventFlags.DisableTiming) != 0 || (second.Flags & CudaEventFlags.DisableTiming) != 0)
            {
                return CudaResult.InvalidHandle;
            }

            milliseconds = (float)System.Diagnostics.Stopwatch.GetElapsedTime(from.DoneAt, to.DoneAt).TotalMilliseconds;
            return from.IsDone && to.IsDone ? CudaResult.Success : CudaResult.NotReady;
        }
    }

    private CudaResult CapturedEvent(string call, CaptureSession capture)
    {
        capture.IsInvalid = true;
        state.Report(FindingKind.IllegalCapture, call, "the host asks about an event that was recorded while its stream was captured");
        return CudaResult.CapturedEvent;
    }

    private CudaResult WaitInCapture(SimulatedStream stream, SimulatedEvent mark, CaptureSession capture)
    {
        bool isOver = capture.Origin.Capture != capture;
        if (isOver || (stream.Capture is { } own && own != capture) || mark.CapturedAfter is not { } node)
        {
            capture.IsInvalid = true;
            state.Report(FindingKind.IllegalCapture, "cuStreamWaitEvent", "a stream waits for an event of another recording");
            return isOver ? CudaResult.CapturedEvent : CudaResult.StreamCaptureMerge;
        }

        capture.Join(stream, node);
        return CudaResult.Success;
    }
}
