namespace AdaShare.Native.Host.Predictions;

/// <summary>Does pieces of work on other threads, at most so many at once, and hands over what they return in the order in which they were begun, on the thread that begins them.</summary>
/// <typeparam name="T">What a piece returns.</typeparam>
/// <param name="most">How many pieces may run or wait to be handed over, at least 1.</param>
/// <param name="take">Takes a result. It is not called again once a piece has failed.</param>
internal sealed class OrderedWork<T>(int most, Action<T> take) : IDisposable
{
    private readonly Queue<Task<T>> _running = new(most);

    /// <summary>How many pieces of painting and writing go on at once: as there are processors, but not so many that pictures fill the memory.</summary>
    public static int Most { get; } = Math.Clamp(Environment.ProcessorCount, 2, 16);

    /// <summary>Begins a piece; waits for the oldest one where there are too many. What a piece threw is thrown here, or in <see cref="Finish"/>.</summary>
    public void Begin(Func<T> work)
    {
        while (_running.Count >= most || (_running.TryPeek(out Task<T>? first) && first.IsCompleted))
        {
            TakeFirst();
        }

        _running.Enqueue(Task.Run(work));
    }

    /// <summary>Waits for all pieces.</summary>
    public void Finish()
    {
        while (_running.Count > 0)
        {
            TakeFirst();
        }
    }

    /// <summary>Waits for the pieces that still run, whose results nobody wants after an error: nothing is written behind the back of whoever goes on.</summary>
    public void Dispose()
    {
        Task.WhenAll(_running).ContinueWith(static all => _ = all.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        _running.Clear();
    }

    private void TakeFirst() => take(_running.Dequeue().GetAwaiter().GetResult());
}
