using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Says nothing: the run's files have it all.</summary>
public sealed class QuietObserver : IRunObserver
{
    /// <summary>Nothing.</summary>
    public void Notice(string text)
    {
    }

    /// <summary>Nothing.</summary>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
    }

    /// <summary>Nothing.</summary>
    public void StepDone(StepRecord record)
    {
    }

    /// <summary>Nothing.</summary>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics)
    {
    }

    /// <summary>Nothing.</summary>
    public void CheckpointSaved(string path)
    {
    }
}
