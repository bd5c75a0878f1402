namespace AdaShare.Native.Engine.Backends;

/// <summary>
/// The way into a device: one thread at a time is inside, and none once the device has been released. Backends that hand on to one another share it.
/// </summary>
internal sealed class BackendEntrance
{
    // The managed id of the thread that is inside, 0 for none. Only that thread sets it back, so one that finds its own id here goes on without an atomic operation.
    private int _thread;
    private int _openSteps;

    /// <summary>Whether the device has been released.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Steps that have begun and were not disposed.</summary>
    public int OpenSteps => Volatile.Read(ref _openSteps);

    /// <summary>See <see cref="Backend.Enter"/>.</summary>
    public BackendScope Enter(Backend backend, string op)
    {
        BackendScope scope = EnterToRelease(backend, op);
        if (IsClosed)
        {
            scope.Dispose();
            throw new ObjectDisposedException(null, $"{op}: the backend {backend.Name} has been disposed, and its memory with it; dispose the backend last");
        }

        return scope;
    }

    /// <summary>As <see cref="Enter"/>, for what lets go of memory: it may come after the device's release.</summary>
    public BackendScope EnterToRelease(Backend backend, string op)
    {
        int current = Environment.CurrentManagedThreadId;
        if (_thread == current)
        {
            return default;
        }

        int inside = Interlocked.CompareExchange(ref _thread, current, 0);
        return inside == 0
            ? new BackendScope(this)
            : throw new InvalidOperationException(
                $"{op}: thread {current} came to the backend {backend.Name} while thread {inside} was computing on it; a backend takes one thread at a time, so make one backend a thread or let them take turns");
    }

    /// <summary>Lets the next thread in.</summary>
    public void Leave() => Volatile.Write(ref _thread, 0);

    /// <summary>Lets nobody in any more.</summary>
    public void Close() => IsClosed = true;

    /// <summary>Takes note that a step has begun.</summary>
    public void StepBegun() => Interlocked.Increment(ref _openSteps);

    /// <summary>Takes note that a step was disposed.</summary>
    public void StepEnded() => Interlocked.Decrement(ref _openSteps);
}

/// <summary>The time during which a thread has a backend to itself; see <see cref="Backend.Enter"/>.</summary>
public readonly ref struct BackendScope
{
    private readonly BackendEntrance? _entrance;

    internal BackendScope(BackendEntrance entrance) => _entrance = entrance;

    /// <summary>Lets other threads in, unless the thread was inside before.</summary>
    public void Dispose() => _entrance?.Leave();
}
