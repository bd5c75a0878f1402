using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>
/// Reports a run on a terminal: lines above for what should stay, a bar for each phase with loss, speed and time left, and below them the time left in all, the best so far and the policy while it is learnt.
/// </summary>
/// <param name="console">The terminal.</param>
/// <param name="progress">The bars.</param>
/// <param name="status">The text beside the bars.</param>
/// <param name="live">What is drawn below the bars, taken by the thread that draws.</param>
/// <param name="tasks">The tasks.</param>
/// <param name="meter">How far the run is in all.</param>
public sealed class ProgressObserver(IAnsiConsole console, ProgressContext progress, StatusColumn status, LiveView live, IReadOnlyList<TaskSpec> tasks, RunMeter meter) : IRunObserver
{
    // Bars are drawn ten times a second; words for more steps than that would be made for nobody, and short steps would wait for them.
    private const long Pause = 50;

    private readonly SpeedMeter _speed = new();
    private readonly BestSoFarText _best = new(tasks);
    private readonly string[] _names = [.. tasks.Select(static task => task.Name)];
    private IReadOnlyList<string> _validated = [];
    private double[][]? _probability;
    private ProgressTask? _bar;
    private long _shown;

    /// <summary>Runs some work under progress bars.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="meter">How far the run is in all.</param>
    /// <param name="work">What to do, given the observer to report to.</param>
    public static T Show<T>(IAnsiConsole console, IReadOnlyList<TaskSpec> tasks, RunMeter meter, Func<ProgressObserver, T> work)
    {
        var status = new StatusColumn();
        var live = new LiveView();
        return console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .UseRenderHook((bars, _) => live.Content is { } content ? new Rows(bars, new LivePanel(content)) : bars)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = StatusColumn.BarWidth }, status)
            .Start(progress =>
            {
                T result = work(new ProgressObserver(console, progress, status, live, tasks, meter));
                live.Content = null;
                return result;
            });
    }

    /// <inheritdoc/>
    public void Notice(string text) => console.MarkupLineInterpolated($"[grey]{text}[/]");

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _speed.Reset();
        _best.Reset();
        meter.Begin(phase, step);
        (_validated, _probability) = ([], null);
        _bar?.StopTask();
        _bar = progress.AddTask(phase.Title, maxValue: Math.Max(1, phase.Steps));
        _bar.Value = step;
        status.Set((ProgressTask)_bar, $"{step}/{phase.Steps}");
        Draw();
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        _speed.Add(record);
        meter.Add(record);
        _probability = record.Probability ?? _probability;
        bool isEnd = record.Step == 1 || record.Step == record.Phase.Steps;
        if (_bar is null || (!isEnd && Environment.TickCount64 - _shown < Pause))
        {
            return;
        }

        _shown = Environment.TickCount64;
        Draw();
        status.Set((ProgressTask)_bar, $"{record.Step}/{record.Phase.Steps}  {StepText.Speed(_speed, meter.SpeedUnit, record.Phase.Steps - record.Step)}  {StepText.Losses(record)}");
        _bar.Value = record.Step;
    }

    /// <inheritdoc/>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics)
    {
        ArgumentNullException.ThrowIfNull(phase);
        console.MarkupLineInterpolated($"[grey]{phase.Title} {step}: validation: {StepText.Validation(metrics, tasks)}[/]");
        _validated = _best.Add(phase, step, metrics);
        Draw();
    }

    /// <summary>Nothing: a line for each checkpoint would push the bars off the screen.</summary>
    public void CheckpointSaved(string path)
    {
    }
    private void Draw() => live.Content = new LiveContent([StepText.InAll(meter), .. _validated], _names, _probability);
}

/// <summary>What is drawn below the bars: written by the work, read by the thread that draws.</summary>
public sealed class LiveView
{
    private volatile LiveContent? _content;

    /// <summary>The content; null for nothing.</summary>
    public LiveContent? Content
    {
        get => _content;
        set => _content = value;
    }
}
