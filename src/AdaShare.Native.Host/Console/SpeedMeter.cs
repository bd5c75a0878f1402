using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Images a second and the time left in a phase, from a moving average over about the last twenty steps.</summary>
public sealed class SpeedMeter
{
    private const double NewShare = 0.05;

    private double _secondsPerStep;
    private double _secondsPerImage;
    private int _steps;

    /// <summary>Forgets what was measured: the next phase has its own speed.</summary>
    public void Reset() => (_secondsPerStep, _secondsPerImage, _steps) = (0, 0, 0);

    /// <summary>Takes a step into account.</summary>
    public void Add(StepRecord record)
    {
        // A plain mean until there are enough steps for the moving one, so that the first, slow step does not count for long.
        double share = Math.Max(NewShare, 1.0 / ++_steps);
        _secondsPerStep += share * (record.Seconds - _secondsPerStep);
        _secondsPerImage += share * ((record.Seconds / Math.Max(1, record.Images)) - _secondsPerImage);
    }

    /// <summary>Images a second.</summary>
    public double ImagesPerSecond => _secondsPerImage > 0 ? 1 / _secondsPerImage : 0;

    /// <summary>The time that some more steps will take.</summary>
    public TimeSpan Left(long steps) => TimeSpan.FromSeconds(Math.Min(_secondsPerStep * Math.Max(0, steps), TimeSpan.FromDays(9999).TotalSeconds));
}
