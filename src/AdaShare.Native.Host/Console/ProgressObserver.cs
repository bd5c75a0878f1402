using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Training;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>Reports a run on a terminal: a bar for each phase with loss, speed and time left, and lines above it for what should stay.</summary>
/// <param name="console">The terminal.</param>
/// <param name="progress">The bars.</param>
/// <param name="status">The text beside the bars.</param>
public sealed class ProgressObserver(IAnsiConsole console, ProgressContext progress, StatusColumn status) : IRunObserver
{
    private readonly SpeedMeter _speed = new();
    private ProgressTask? _bar;
    private string _phase = "";

    /// <summary>Runs some work under progress bars.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="work">What to do, given the observer to report to.</param>
    public static T Show<T>(IAnsiConsole console, Func<ProgressObserver, T> work)
    {
        var status = new StatusColumn();
        return console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = StatusColumn.BarWidth }, status)
            .Start(progress => work(new ProgressObserver(console, progress, status)));
    }

    /// <inheritdoc/>
    public void Notice(string text) => console.MarkupLineInterpolated($"[grey]{text}[/]");

    /// <inheritdoc/>
    public void PhaseStarted(RunPhase phase, int policy, int policies, long step, long steps)
    {
        _speed.Reset();
        _bar?.StopTask();
        _bar = null;
        if (phase == RunPhase.Done)
        {
            return;
        }

        _phase = StepText.Phase(phase, policy, policies);
        _bar = progress.AddTask(_phase, maxValue: Math.Max(1, steps));
        _bar.Value = step;
        status.Set((ProgressTask)_bar, $"{step}/{steps}");
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        _speed.Add(record);
        if (_bar is null)
        {
            return;
        }

        status.Set((ProgressTask)_bar, $"{record.Step}/{record.Steps}  {StepText.Speed(_speed, record.Steps - record.Step)}  {StepText.Losses(record)}");
        _bar.Value = record.Step;
    }

    /// <inheritdoc/>
    public void Validated(RunPhase phase, long step, MetricTable metrics) =>
        console.MarkupLineInterpolated($"[grey]{_phase} {step}: validation: {StepText.Validation(metrics)}[/]");

    /// <summary>Nothing: a line for each checkpoint would push the bars off the screen.</summary>
    public void CheckpointSaved(string path)
    {
    }
}
