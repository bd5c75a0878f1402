using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Reports a run in plain lines: for files, pipes and build servers.</summary>
/// <param name="output">Where lines go.</param>
/// <param name="every">Steps between lines about steps; the first and the last of a phase always have one.</param>
/// <param name="tasks">The tasks.</param>
public sealed class PlainObserver(TextWriter output, int every, IReadOnlyList<TaskSpec> tasks) : IRunObserver
{
    private readonly SpeedMeter _speed = new();

    /// <inheritdoc/>
    public void Notice(string text) => Write(text);

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _speed.Reset();
        Write(step > 0 ? $"{phase.Title}: goes on after step {step} of {phase.Steps}" : $"{phase.Title}: {phase.Steps} steps");
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        _speed.Add(record);
        if (record.Step == 1 || record.Step == record.Phase.Steps || record.Step % every == 0)
        {
            Write($"{record.Phase.Title} {record.Step}/{record.Phase.Steps}  {StepText.Losses(record)}  {StepText.Speed(_speed, record.Phase.Steps - record.Step)}");
        }
    }

    /// <inheritdoc/>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics) => Write($"{phase.Title} {step}: validation: {StepText.Validation(metrics, tasks)}");

    /// <inheritdoc/>
    public void CheckpointSaved(string path) => Write($"checkpoint {path}");

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
