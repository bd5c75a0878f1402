using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Reports a run in plain lines: for files, pipes and build servers.</summary>
/// <param name="output">Where lines go.</param>
/// <param name="every">Steps between lines about steps; the first and the last of a phase always have one.</param>
public sealed class PlainObserver(TextWriter output, int every) : IRunObserver
{
    private readonly SpeedMeter _speed = new();
    private string _phase = "";

    /// <inheritdoc/>
    public void Notice(string text) => Write(text);

    /// <inheritdoc/>
    public void PhaseStarted(RunPhase phase, int policy, int policies, long step, long steps)
    {
        _speed.Reset();
        _phase = StepText.Phase(phase, policy, policies);
        if (phase != RunPhase.Done)
        {
            Write(step > 0 ? $"{_phase}: goes on after step {step} of {steps}" : $"{_phase}: {steps} steps");
        }
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        _speed.Add(record);
        if (record.Step == 1 || record.Step == record.Steps || record.Step % every == 0)
        {
            Write($"{_phase} {record.Step}/{record.Steps}  {StepText.Losses(record)}  {StepText.Speed(_speed, record.Steps - record.Step)}");
        }
    }

    /// <inheritdoc/>
    public void Validated(RunPhase phase, long step, MetricTable metrics) => Write($"{_phase} {step}: validation: {StepText.Validation(metrics)}");

    /// <inheritdoc/>
    public void CheckpointSaved(string path) => Write($"checkpoint {path}");

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
