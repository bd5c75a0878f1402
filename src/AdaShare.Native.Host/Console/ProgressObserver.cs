using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Training;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>Reports a run on a terminal: a bar for each phase with loss, speed and time left, and lines above it for what should stay.</summary>
/// <param name="console">The terminal.</param>
/// <param name="progress">The bars.</param>
public sealed class ProgressObserver(IAnsiConsole console, ProgressContext progress) : IRunObserver
{
    private readonly SpeedMeter _speed = new();
    private ProgressTask? _bar;
    private string _phase = "";

    /// <summary>Runs some work under progress bars.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="work">What to do, given the observer to report to.</param>
    public static T Show<T>(IAnsiConsole console, Func<ProgressObserver, T> work) => console.Progress()
        .AutoClear(false)
        .HideCompleted(false)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new StatusColumn())
        .Start(progress => work(new ProgressObserver(console, progress)));

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
        _bar.State.Update<string>(StatusColumn.Key, _ => $"{step}/{steps}");
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        _speed.Add(record);
        if (_bar is null)
        {
            return;
        }

        string status = $"{record.Step}/{record.Steps}  {StepText.Losses(record)}  {StepText.Speed(_speed, record.Steps - record.Step)}";
        _bar.State.Update<string>(StatusColumn.Key, _ => status);
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
