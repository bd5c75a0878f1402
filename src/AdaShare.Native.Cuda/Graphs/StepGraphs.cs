using AdaShare.Native.Cuda.Device;

namespace AdaShare.Native.Cuda.Graphs;

/// <summary>The captured steps of a backend, by key.</summary>
internal sealed class StepGraphs(DeviceContext context) : IDisposable
{
    private const int MostGraphs = 16;

    // In the order of their last use.
    private readonly List<StepGraph> _graphs = [];

    /// <summary>The step that is under way.</summary>
    public StepGraph? Current { get; private set; }

    /// <summary>What became of the steps.</summary>
    public StepStatistics Statistics { get; private set; } = new(0, 0, 0, null);

    /// <summary>Runs a step; see <see cref="Engine.Backends.IStepCapture"/>.</summary>
    public void Run(string key, Action body)
    {
        if (Current is not null || !context.Options.CaptureSteps || context.Options.SynchronizeLaunches)
        {
            body();
            return;
        }

        context.Device.Activate();
        StepGraph graph = Take(key);
        Current = graph;
        try
        {
            graph.Begin();
            body();
            Count(graph.End());
        }
        catch
        {
            graph.Abandon();
            throw;
        }
        finally
        {
            Current = null;
        }
    }

    /// <summary>Has everything done that a step holds back; the rest of the step runs op by op.</summary>
    public void Flush() => Current?.Flush();

    public void Dispose()
    {
        foreach (StepGraph graph in _graphs)
        {
            graph.Dispose();
        }

        _graphs.Clear();
    }

    private StepGraph Take(string key)
    {
        StepGraph? graph = _graphs.Find(g => g.Key == key);
        if (graph is not null)
        {
            _graphs.Remove(graph);
        }
        else if (_graphs.Count == MostGraphs)
        {
            context.Device.Synchronize("waiting before a captured step is forgotten");
            _graphs[0].Dispose();
            _graphs.RemoveAt(0);
        }

        graph ??= new StepGraph(context, key);
        _graphs.Add(graph);
        return graph;
    }

    private void Count(StepOutcome outcome)
    {
        StepStatistics s = Statistics;
        Statistics = outcome.Kind switch
        {
            StepKind.Captured => s with { Captured = s.Captured + 1 },
            StepKind.Replayed => s with { Replayed = s.Replayed + 1 },
            _ => s with { OpByOp = s.OpByOp + 1, Failure = outcome.Failure ?? s.Failure },
        };
    }
}

/// <summary>How a step was done.</summary>
internal enum StepKind
{
    /// <summary>Command by command.</summary>
    OpByOp,

    /// <summary>By a graph recorded for it.</summary>
    Captured,

    /// <summary>By a graph recorded before.</summary>
    Replayed,
}

/// <summary>How a step was done, and why not otherwise.</summary>
internal readonly record struct StepOutcome(StepKind Kind, string? Failure = null);
