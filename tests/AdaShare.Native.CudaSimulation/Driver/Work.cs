namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Work that is to be done on the device: what it is called, and how it is done. Captured work is done anew each time its graph is launched.</summary>
/// <param name="Name">What findings call it.</param>
/// <param name="Blocks">How many block numbers it needs.</param>
/// <param name="Run">Does it.</param>
internal sealed record WorkTemplate(string Name, long Blocks, Action<WorkContext> Run)
{
    /// <summary>A mark without anything to do.</summary>
    public static WorkTemplate Marker(string name) => new(name, 0, static _ => { });
}

/// <summary>A piece of work in a stream, or in a launched graph.</summary>
internal sealed class Work(WorkTemplate template, int timeline, int number, VectorClock clock)
{
    public WorkTemplate Template => template;

    /// <summary>The stream, or the branch of a graph, that it belongs to.</summary>
    public int Timeline => timeline;

    /// <summary>Its number in its timeline, from 1.</summary>
    public int Number => number;

    /// <summary>What came before it, itself included.</summary>
    public VectorClock Clock => clock;

    /// <summary>Work of another stream that must be done first: the mark of an event.</summary>
    public Work? WaitsFor { get; init; }

    /// <summary>The stream whose queue holds it.</summary>
    public SimulatedStream? Stream { get; init; }

    /// <summary>The parts of a launched graph, in an order that respects their dependencies.</summary>
    public IReadOnlyList<Work> Parts { get; init; } = [];

    public bool IsDone { get; set; }

    /// <summary>When it was done, in ticks of the stopwatch.</summary>
    public long DoneAt { get; set; }
}

/// <summary>What work may use while it is done.</summary>
/// <param name="Device">The device.</param>
/// <param name="Work">The work.</param>
/// <param name="FirstBlock">The first of its block numbers.</param>
internal sealed record WorkContext(DeviceState Device, Work Work, uint FirstBlock);
