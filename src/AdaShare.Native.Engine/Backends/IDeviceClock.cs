using System.Diagnostics;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Points in the time of a backend's work. On a GPU they are events in the order of its work, so that what is measured is the device and not the host that feeds it.</summary>
/// <remarks>Several clocks of a backend measure independently. Used from the backend's thread.</remarks>
public interface IDeviceClock : IDisposable
{
    /// <summary>Marks the end of all work that was asked for so far. Does not wait.</summary>
    void Mark();

    /// <summary>Waits for the last mark, and forgets all of them.</summary>
    /// <returns>The milliseconds from each mark to the next: one number less than there were marks, none for fewer than two.</returns>
    double[] Read();
}

/// <summary>The clock of a backend whose work is done when its calls return: the host's own.</summary>
public sealed class HostClock : IDeviceClock
{
    private readonly List<long> _marks = [];

    /// <inheritdoc/>
    public void Mark() => _marks.Add(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public double[] Read()
    {
        var times = new double[Math.Max(0, _marks.Count - 1)];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = Stopwatch.GetElapsedTime(_marks[i], _marks[i + 1]).TotalMilliseconds;
        }

        _marks.Clear();
        return times;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
