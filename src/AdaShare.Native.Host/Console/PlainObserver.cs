using System.Globalization;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Reports a run in plain lines, each with the time of day: for files, pipes and build servers.</summary>
/// <param name="output">Where lines go.</param>
/// <param name="every">Steps between lines about steps; the first and the last of a phase always have one.</param>
/// <param name="tasks">The tasks.</param>
/// <param name="meter">How far the run is in all.</param>
/// <param name="clock">The time of day.</param>
public sealed class PlainObserver(TextWriter output, int every, IReadOnlyList<TaskSpec> tasks, RunMeter meter, TimeProvider clock) : IRunObserver
{
    private readonly SpeedMeter _speed = new();
    private readonly HashSet<string> _saved = [];

    /// <inheritdoc/>
    public void Notice(string text) => Write(text);

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _speed.Reset();
        meter.Begin(phase, step);
        Write(step > 0 ? $"{phase.Title}: goes on after step {step} of {phase.Steps}" : $"{phase.Title}: {phase.Steps} steps");
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        _speed.Add(record);
        meter.Add(record);
        if (record.Phase.IsLogged(record.Step, every))
        {
            Write($"{record.Phase.Title} {record.Step}/{record.Phase.Steps}  {StepText.Losses(record)}  {StepText.Speed(_speed, meter.SpeedUnit, record.Phase.Steps - record.Step)}{(record.Step > 1 && meter.Total - meter.Done > record.Phase.Steps - record.Step ? $", {StepText.Duration(meter.Left)} in all" : "")}");
        }
    }

    /// <inheritdoc/>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics) => Write($"{phase.Title} {step}: validation: {StepText.Validation(metrics, tasks)}");

    /// <inheritdoc/>
    /// <remarks>A file that is written again and again is told once, and its folder with the first one.</remarks>
    public void CheckpointSaved(string path)
    {
        if (_saved.Add(path))
        {
            bool isOfKnownFolder = _saved.Any(other => other != path && Path.GetDirectoryName(other) == Path.GetDirectoryName(path));
            Write($"checkpoint {(isOfKnownFolder ? Path.GetFileName(path) : path)}");
        }
    }

    private void Write(string line)
    {
        output.WriteLine($"{clock.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {line}");
        output.Flush();
    }
}
