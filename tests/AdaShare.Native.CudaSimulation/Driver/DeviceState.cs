using System.Diagnostics;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Interpreter;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>
/// The device behind the libraries: memory, streams, the order of work, findings. Work is done when the host waits for it or asks about it, and then only what it really depends on, so that a
/// missing wait shows as old data instead of luck.
/// </summary>
internal sealed class DeviceState(SimulatedDeviceOptions options, FindingLog log)
{
    private readonly VectorClock _host = new();
    private int _timelines;

    public SimulatedDeviceOptions Options => options;

    public FindingLog Log => log;

    public DeviceMemory Memory { get; } = new();

    public WorkHistory History { get; } = new();

    public HandleTable Handles { get; } = new();

    /// <summary>All calls of all libraries take this lock.</summary>
    public Lock Lock { get; } = new();

    /// <summary>The fault that ended the context, or success.</summary>
    public CudaResult Sticky { get; private set; }

    /// <summary>Kernel instructions that ran, counted once a lane.</summary>
    public long LaneInstructions { get; set; }

    /// <summary>Kernels that ran, those of graphs included.</summary>
    public long KernelLaunches { get; set; }

    public int NewTimeline(int count = 1)
    {
        int first = _timelines;
        _timelines += count;
        return first;
    }

    /// <summary>Notes a fault of a call.</summary>
    public void Report(FindingKind kind, string call, string problem) => log.Add(new Finding(kind, problem, call));

    /// <summary>Puts work at the end of a stream, or into its recording.</summary>
    public void Enqueue(SimulatedStream stream, WorkTemplate template)
    {
        if (stream.Capture is { } capture)
        {
            capture.Add(stream, template);
        }
        else
        {
            Append(stream, template, null, []);
        }
    }

    /// <summary>Puts a mark at the end of a stream.</summary>
    public Work EnqueueMarker(SimulatedStream stream, string name) => Append(stream, WorkTemplate.Marker(name), null, []);

    /// <summary>Lets a stream wait for work of another one.</summary>
    public void EnqueueWait(SimulatedStream stream, Work mark)
    {
        stream.Tail.Merge(mark.Clock);
        Append(stream, WorkTemplate.Marker("cuStreamWaitEvent"), mark, []);
    }

    /// <summary>Launches a graph in a stream.</summary>
    public void EnqueueGraph(SimulatedStream stream, ExecutableGraph graph)
    {
        VectorClock start = stream.Tail.Copy();
        start.Merge(_host);
        start.Merge(graph.End);
        var works = new Dictionary<GraphNode, Work>();
        var parts = new List<Work>();
        foreach (GraphNode node in graph.Graph.Nodes)
        {
            VectorClock clock = start.Copy();
            foreach (GraphNode dependency in node.Dependencies)
            {
                clock.Merge(works[dependency].Clock);
            }

            int number = ++graph.Counts[node.Branch], timeline = graph.FirstTimeline + node.Branch;
            clock[timeline] = number;
            works[node] = new Work(node.Template, timeline, number, clock);
            parts.Add(works[node]);
        }

        foreach (Work part in parts)
        {
            stream.Tail.Merge(part.Clock);
            graph.End.Merge(part.Clock);
        }

        Append(stream, WorkTemplate.Marker("cuGraphLaunch"), null, parts);
    }

    /// <summary>Waits on the host for work, and all that came before it.</summary>
    public CudaResult Synchronize(Work? work)
    {
        if (work is not null)
        {
            Advance(work);
            _host.Merge(work.Clock);
            History.Forget(_host);
        }

        return Sticky;
    }

    /// <summary>Waits on the host for all work.</summary>
    public CudaResult SynchronizeAll()
    {
        Drain();
        foreach (SimulatedStream stream in Handles.All<SimulatedStream>())
        {
            _host.Merge(stream.Tail);
        }

        History.Forget(_host);
        return Sticky;
    }

    /// <summary>Does all work without the host knowing.</summary>
    public void Drain()
    {
        foreach (SimulatedStream stream in Handles.All<SimulatedStream>())
        {
            if (stream.Last is { } last)
            {
                Advance(last);
            }
        }
    }

    /// <summary>Does one more piece of the work that something waits for: the device goes on while the host asks.</summary>
    public void Progress(Work work)
    {
        if (!work.IsDone && work.Stream is { } stream)
        {
            Step(stream);
        }
    }

    private Work Append(SimulatedStream stream, WorkTemplate template, Work? waitsFor, List<Work> parts)
    {
        stream.Tail.Merge(_host);
        stream.Tail[stream.Timeline] = ++stream.Count;
        var work = new Work(template, stream.Timeline, stream.Count, stream.Tail.Copy()) { WaitsFor = waitsFor, Stream = stream, Parts = parts };
        stream.Pending.Enqueue(work);
        stream.Last = work;
        return work;
    }

    private void Advance(Work work)
    {
        while (!work.IsDone)
        {
            Step(work.Stream!);
        }
    }

    /// <summary>Does the next piece of a stream's work, and first what it waits for.</summary>
    private void Step(SimulatedStream stream)
    {
        Work work = stream.Pending.Peek();
        if (work.WaitsFor is { IsDone: false } mark)
        {
            Advance(mark);
        }

        stream.Pending.Dequeue();
        foreach (Work part in work.Parts)
        {
            Do(part);
        }

        Do(work);
    }

    private void Do(Work work)
    {
        if (Sticky == CudaResult.Success)
        {
            try
            {
                uint first = work.Template.Blocks > 0 ? History.Begin(work) : 0;
                work.Template.Run(new WorkContext(this, work, first));
            }
            catch (DeviceFault fault)
            {
                Sticky = fault.Result;
            }
        }

        work.IsDone = true;
        work.DoneAt = Stopwatch.GetTimestamp();
    }
}
