using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>A stream: work that is done in order, and only when somebody waits for it.</summary>
internal sealed class SimulatedStream(nint handle, int timeline)
{
    public nint Handle => handle;

    public int Timeline => timeline;

    public Queue<Work> Pending { get; } = new();

    /// <summary>What came before the next work.</summary>
    public VectorClock Tail { get; } = new();

    public int Count { get; set; }

    /// <summary>The latest work.</summary>
    public Work? Last { get; set; }

    /// <summary>The recording that the stream takes part in.</summary>
    public CaptureSession? Capture { get; set; }
}

/// <summary>An event.</summary>
internal sealed class SimulatedEvent(CudaEventFlags flags)
{
    public CudaEventFlags Flags => flags;

    /// <summary>The mark at which it was recorded last.</summary>
    public Work? Mark { get; set; }

    /// <summary>The recording in which it was recorded last, and what of it came before.</summary>
    public CaptureSession? Capture { get; set; }

    public GraphNode? CapturedAfter { get; set; }
}

/// <summary>Work of a graph, and the work that must be done before.</summary>
/// <param name="Template">What to do.</param>
/// <param name="Branch">The number of the captured stream, from 0.</param>
/// <param name="Dependencies">Work that comes before.</param>
internal sealed record GraphNode(WorkTemplate Template, int Branch, IReadOnlyList<GraphNode> Dependencies);

/// <summary>A recording of streams.</summary>
internal sealed class CaptureSession(SimulatedStream origin, CudaCaptureMode mode, int thread)
{
    public SimulatedStream Origin => origin;

    public CudaCaptureMode Mode => mode;

    /// <summary>The thread that began it.</summary>
    public int Thread => thread;

    public List<GraphNode> Nodes { get; } = [];

    /// <summary>The streams that take part, each with what its next work comes after.</summary>
    public Dictionary<SimulatedStream, List<GraphNode>> Tails { get; } = new() { [origin] = [] };

    /// <summary>The numbers of the streams.</summary>
    public List<SimulatedStream> Branches { get; } = [origin];

    /// <summary>Whether a call that is not allowed has spoilt it.</summary>
    public bool IsInvalid { get; set; }

    /// <summary>Records work of a stream.</summary>
    public GraphNode Add(SimulatedStream stream, WorkTemplate template)
    {
        var node = new GraphNode(template, Branches.IndexOf(stream), [.. Tails[stream]]);
        Nodes.Add(node);
        Tails[stream] = [node];
        return node;
    }

    /// <summary>Lets a stream's next work come after a node too; the stream joins the recording.</summary>
    public void Join(SimulatedStream stream, GraphNode node)
    {
        if (!Tails.TryGetValue(stream, out List<GraphNode>? tail))
        {
            Branches.Add(stream);
            Tails[stream] = tail = [];
            stream.Capture = this;
        }

        tail.Add(node);
    }

    /// <summary>Whether everything recorded comes before the end of the stream that began it.</summary>
    public bool IsJoined()
    {
        var reached = new HashSet<GraphNode>();
        var next = new Stack<GraphNode>(Tails[origin]);
        while (next.TryPop(out GraphNode? node))
        {
            if (reached.Add(node))
            {
                foreach (GraphNode dependency in node.Dependencies)
                {
                    next.Push(dependency);
                }
            }
        }

        return reached.Count == Nodes.Count;
    }
}

/// <summary>A recorded graph.</summary>
internal sealed record SimulatedGraph(IReadOnlyList<GraphNode> Nodes, int Branches);

/// <summary>A graph that can be launched: a copy, with timelines of its own.</summary>
internal sealed class ExecutableGraph(SimulatedGraph graph, int firstTimeline)
{
    public SimulatedGraph Graph => graph;

    public int FirstTimeline => firstTimeline;

    /// <summary>How much work each branch has done.</summary>
    public int[] Counts { get; } = new int[graph.Branches];

    /// <summary>What came before the end of the last launch: launches of one graph don't overlap.</summary>
    public VectorClock End { get; } = new();
}
