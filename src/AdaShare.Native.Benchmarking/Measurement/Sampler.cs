using System.Diagnostics;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Benchmarking.Measurement;

/// <summary>How often something is timed.</summary>
/// <param name="Rounds">Samples, at least 5 for a median worth reporting.</param>
/// <param name="LeastMilliseconds">Work that is shorter is repeated within a sample, so that neither the clock nor the processor's frequency decides; 0 for each time by itself.</param>
public sealed record Sampling(int Rounds = 7, double LeastMilliseconds = 200)
{
    /// <summary>The fewest samples.</summary>
    public const int LeastRounds = 5;
}

/// <summary>The time of some work.</summary>
/// <param name="Device">Milliseconds of one time by the backend's clock, from the end of the work before to the end of this: what the host takes in between is included.</param>
/// <param name="Wall">The same by the host's clock, until the device has nothing left to do.</param>
/// <param name="Repeats">How often the work was done within each sample.</param>
public sealed record Timing(Spread Device, Spread Wall, int Repeats)
{
    private const double Notable = 0.02;

    /// <summary>Whether the two clocks differ by so much that it should be said.</summary>
    public bool Differs => Math.Abs(Wall.Median - Device.Median) > Notable * Device.Median;
}

/// <summary>Times work.</summary>
public static class Sampler
{
    // A step is run op by op, then captured, then replayed: what comes after is like what follows.
    private const int WarmUps = 3;

    // Keeps the number of repeats within bounds.
    private const double Shortest = 1e-3;

    /// <summary>Warms up, and times some work again and again.</summary>
    /// <param name="backend">Where the work is done.</param>
    /// <param name="work">The work.</param>
    /// <param name="sampling">How often.</param>
    /// <param name="stop">Stops between two times.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public static Timing Measure(Backend backend, Action work, Sampling sampling, CancellationToken stop = default) => Measure(backend, [work], sampling, stop)[0];

    /// <summary>Warms up, and times several kinds of work by turns, so that what else the machine does falls on all of them.</summary>
    /// <param name="backend">Where the work is done.</param>
    /// <param name="works">The kinds of work.</param>
    /// <param name="sampling">How often each is timed.</param>
    /// <param name="stop">Stops between two times.</param>
    /// <returns>The time of each.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public static IReadOnlyList<Timing> Measure(Backend backend, IReadOnlyList<Action> works, Sampling sampling, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(works);
        ArgumentNullException.ThrowIfNull(sampling);
        using IDeviceClock clock = backend.CreateClock();
        int[] repeats = [.. works.Select(work => Math.Max(1, (int)Math.Ceiling(sampling.LeastMilliseconds / Math.Max(WarmUp(backend, work, sampling, stop), Shortest))))];
        List<(double Device, double Wall)>[] samples = [.. works.Select(static _ => new List<(double Device, double Wall)>())];
        for (int round = 0; round < sampling.Rounds; round++)
        {
            for (int w = 0; w < works.Count; w++)
            {
                samples[w].Add(Sample(backend, clock, works[w], repeats[w], stop));
            }
        }

        return [.. samples.Select((taken, w) => new Timing(Spread.Of(taken.Select(static s => s.Device)), Spread.Of(taken.Select(static s => s.Wall)), repeats[w]))];
    }

    private static (double Device, double Wall) Sample(Backend backend, IDeviceClock clock, Action work, int repeats, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        clock.Mark();
        for (int i = 0; i < repeats; i++)
        {
            stop.ThrowIfCancellationRequested();
            work();
        }

        clock.Mark();
        backend.Synchronize();
        double wall = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return (clock.Read()[0] / repeats, wall / repeats);
    }

    /// <summary>Does the work a few times, and for at least the time of a sample; returns the milliseconds of the shortest time, which nothing disturbed.</summary>
    private static double WarmUp(Backend backend, Action work, Sampling sampling, CancellationToken stop)
    {
        double shortest = double.MaxValue, sum = 0;
        for (int i = 0; i < WarmUps || sum < sampling.LeastMilliseconds; i++)
        {
            stop.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            work();
            backend.Synchronize();
            double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            (shortest, sum) = (Math.Min(shortest, time), sum + time);
        }

        return shortest;
    }
}
