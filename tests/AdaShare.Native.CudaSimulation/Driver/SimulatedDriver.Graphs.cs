using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Recording streams into graphs, and launching graphs.</summary>
internal sealed unsafe partial class SimulatedDriver
{
    /// <inheritdoc/>
    public CudaResult StreamBeginCapture(nint stream, CudaCaptureMode mode)
    {
        lock (state.Lock)
        {
            const string Call = "cuStreamBeginCapture_v2";
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<SimulatedStream>(Call, stream) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            if (found.Capture is { } capture)
            {
                SpoilCapture(capture, Call, "the stream is captured already");
                return CudaResult.InvalidValue;
            }

            found.Capture = new CaptureSession(found, mode, Environment.CurrentManagedThreadId);
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult StreamEndCapture(nint stream, out nint graph)
    {
        lock (state.Lock)
        {
            const string Call = "cuStreamEndCapture";
            graph = 0;
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<SimulatedStream>(Call, stream) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            if (found.Capture is not { } capture || capture.Origin != found)
            {
                state.Report(FindingKind.IllegalCapture, Call, "the stream did not begin a recording");
                return found.Capture is null ? CudaResult.InvalidValue : CudaResult.StreamCaptureUnmatched;
            }

            CudaResult result = End(capture);
            if (result == CudaResult.Success)
            {
                graph = state.Handles.Add(new SimulatedGraph(capture.Nodes, capture.Branches.Count));
            }

            return result;
        }
    }

    private CudaResult End(CaptureSession capture)
    {
        if (capture.Mode != CudaCaptureMode.Relaxed && capture.Thread != Environment.CurrentManagedThreadId)
        {
            state.Report(FindingKind.IllegalCapture, "cuStreamEndCapture", "another thread began the recording");
            return CudaResult.StreamCaptureWrongThread;
        }

        foreach (SimulatedStream branch in capture.Branches)
        {
            branch.Capture = null;
        }

        if (capture.IsInvalid)
        {
            return CudaResult.StreamCaptureInvalidated;
        }

        if (!capture.IsJoined())
        {
            state.Report(FindingKind.IllegalCapture, "cuStreamEndCapture", "a stream that joined the recording is not waited for before its end");
            return CudaResult.StreamCaptureUnjoined;
        }

        return CudaResult.Success;
    }

    /// <inheritdoc/>
    public CudaResult GraphInstantiate(out nint executable, nint graph, ulong flags)
    {
        lock (state.Lock)
        {
            const string Call = "cuGraphInstantiateWithFlags";
            executable = 0;
            if (Refuse(Call, endsCapture: true) is { } error)
            {
                return error;
            }

            if (flags != 0 || Get<SimulatedGraph>(Call, graph) is not { } found)
            {
                return flags != 0 ? CudaResult.InvalidValue : CudaResult.InvalidHandle;
            }

            executable = state.Handles.Add(new ExecutableGraph(found, state.NewTimeline(found.Branches)));
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult GraphLaunch(nint executable, nint stream)
    {
        lock (state.Lock)
        {
            const string Call = "cuGraphLaunch";
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<ExecutableGraph>(Call, executable) is not { } graph || Get<SimulatedStream>(Call, stream) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            if (found.Capture is { } capture)
            {
                return SpoilCapture(capture, Call, "graphs in graphs are not simulated");
            }

            state.EnqueueGraph(found, graph);
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult GraphGetNodes(nint graph, nint* nodes, ref nuint count)
    {
        lock (state.Lock)
        {
            if (Get<SimulatedGraph>("cuGraphGetNodes", graph) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            // Marks of events are no nodes in a real graph, only edges.
            int total = found.Nodes.Count(static node => node.Template.Blocks > 0);
            if (nodes is not null)
            {
                for (int i = 0; i < Math.Min(total, (int)count); i++)
                {
                    nodes[i] = graph + i + 1;
                }
            }

            count = (nuint)total;
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult GraphExecDestroy(nint executable)
    {
        lock (state.Lock)
        {
            if (Get<ExecutableGraph>("cuGraphExecDestroy", executable) is null)
            {
                return CudaResult.InvalidHandle;
            }

            state.Handles.Remove(executable);
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult GraphDestroy(nint graph)
    {
        lock (state.Lock)
        {
            if (Get<SimulatedGraph>("cuGraphDestroy", graph) is null)
            {
                return CudaResult.InvalidHandle;
            }

            state.Handles.Remove(graph);
            return CudaResult.Success;
        }
    }
}
