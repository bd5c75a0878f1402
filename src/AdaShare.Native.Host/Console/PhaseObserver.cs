using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Reports a run that is one of many: a line for each phase and each notice.</summary>
/// <param name="output">Where lines go.</param>
/// <param name="name">The run's name, in front of each line.</param>
public sealed class PhaseObserver(TextWriter output, string name) : IRunObserver
{
    /// <inheritdoc/>
    public void Notice(string text) => Write(text);

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
        ArgumentNullException.ThrowIfNull(phase);
        Write(step > 0 ? $"{phase.Title} goes on after step {step} of {phase.Steps}" : $"{phase.Title}, {phase.Steps} steps");
    }

    /// <summary>Nothing: the run's own log has its steps.</summary>
    public void StepDone(StepRecord record)
    {
    }

    /// <summary>Nothing: the run's own log has its validations.</summary>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics)
    {
    }

    /// <summary>Nothing.</summary>
    public void CheckpointSaved(string path)
    {
    }

    private void Write(string line)
    {
        output.WriteLine($"  {name}: {line}");
        output.Flush();
    }
}
