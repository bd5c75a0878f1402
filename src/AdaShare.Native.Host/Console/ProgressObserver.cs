using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>Reports a run on a terminal: a bar for each phase with loss, speed and time left, and lines above it for what should stay.</summary>
/// <param name="console">The terminal.</param>
/// <param name="progress">The bars.</param>
/// <param name="status">The text beside the bars.</param>
/// <param name="tasks">The tasks.</param>
public sealed class ProgressObserver(IAnsiConsole console, ProgressContext progress, StatusColumn status, IReadOnlyList<TaskSpec> tasks) : IRunObserver
{
    private readonly SpeedMeter _speed = new();
    private ProgressTask? _bar;

    /// <summary>Runs some work under progress bars.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="work">What to do, given the observer to report to.</param>
    public static T Show<T>(IAnsiConsole console, IReadOnlyList<TaskSpec> tasks, Func<ProgressObserver, T> work)
    {
        var status = new StatusColumn();
        return console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = StatusColumn.BarWidth }, status)
            .Start(progress => work(new ProgressObserver(console, progress, status, tasks)));
    }

    /// <inheritdoc/>
    public void Notice(string text) => console.MarkupLineInterpolated($"[grey]{text}[/]");

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _speed.Reset();
        _bar?.StopTask();
        _bar = progress.AddTask(phase.Title, maxValue: Math.Max(1, phase.Steps));
        _bar.Value = step;
        status.Set((ProgressTask)_bar, $"{step}/{phase.Steps}");
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        _speed.Add(record);
        if (_bar is null)
        {
            return;
        }

        status.Set((ProgressTask)_bar, $"{record.Step}/{record.Phase.Steps}  {StepText.Speed(_speed, record.Phase.Steps - record.Step)}  {StepText.Losses(record)}");
        _bar.Value = record.Step;
    }

    /// <inheritdoc/>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics) =>
        console.MarkupLineInterpolated($"[grey]{phase.Title} {step}: validation: {StepText.Validation(metrics, tasks)}[/]");

    /// <summary>Nothing: a line for each checkpoint would push the bars off the screen.</summary>
    public void CheckpointSaved(string path)
    {
    }
}
