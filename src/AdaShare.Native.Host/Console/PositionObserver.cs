using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Passes everything on to another observer and remembers where the run stands, to say so when it is stopped.</summary>
/// <param name="inner">The other observer.</param>
public sealed class PositionObserver(IRunObserver inner) : IRunObserver
{
    private string _phase = "";
    private long _step;
    private long _steps;

    /// <summary>The phase and step, for example <c>step 120 of 400 of the warm-up</c>; null before the first phase.</summary>
    public string? Position => _phase.Length == 0 ? null : $"step {_step} of {_steps} of {_phase}";

    /// <inheritdoc/>
    public void Notice(string text) => inner.Notice(text);

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
        ArgumentNullException.ThrowIfNull(phase);
        (_phase, _step, _steps) = (phase.Title, step, phase.Steps);
        inner.PhaseStarted(phase, step);
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        _step = record.Step;
        inner.StepDone(record);
    }

    /// <inheritdoc/>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics) => inner.Validated(phase, step, metrics);

    /// <inheritdoc/>
    public void CheckpointSaved(string path) => inner.CheckpointSaved(path);
}
