using AdaShare.Native.Engine.Backends;
using Perfolizer.Horology;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>
/// The clock by which BenchmarkDotNet measures: the backend's own. On a GPU a timestamp is an event after all work so far, waited for, so that a measured region begins and ends with an idle
/// device and its length is what the device says.
/// </summary>
internal sealed class DeviceTimestamps(IDeviceClock clock) : IClock
{
    private const double NanosecondsOfAMillisecond = 1e6;

    private double _nanoseconds;
    private bool _running;

    /// <inheritdoc/>
    public string Title => "device";

    /// <inheritdoc/>
    public bool IsAvailable => true;

    /// <inheritdoc/>
    public Frequency Frequency => Frequency.GHz;

    /// <inheritdoc/>
    public long GetTimestamp()
    {
        clock.Mark();
        if (_running)
        {
            // Reading waits for the mark and forgets it; the next region begins with one of its own.
            _nanoseconds += clock.Read()[^1] * NanosecondsOfAMillisecond;
            clock.Mark();
        }

        _running = true;
        return (long)_nanoseconds;
    }
}
