using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Reports.TensorBoard;

/// <summary>
/// Writes TensorBoard's files while a run trains: whatever is new in its log, from its first line on, so that a run that goes on has the same curves as one that was not interrupted. What can't be written is said once, and
/// training goes on without it.
/// </summary>
/// <param name="inner">Who is told as well.</param>
/// <param name="run">The run.</param>
/// <param name="tasks">Its tasks.</param>
/// <param name="settings">Its hyper-parameters.</param>
/// <param name="logPeriod">Every how many steps one is logged.</param>
public sealed class EventObserver(IRunObserver inner, RunFolder run, IReadOnlyList<TaskSpec> tasks, IReadOnlyDictionary<string, object> settings, int logPeriod) : IRunObserver, IDisposable
{
    private RunEvents? _events;
    private RunHistory? _history;
    private bool _isDue;
    private bool _failed;

    /// <summary>The folder of the event files.</summary>
    public string Folder { get; } = Path.Combine(run.Path, RunEvents.FolderName);

    /// <inheritdoc/>
    public void Notice(string text) => inner.Notice(text);

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step)
    {
        inner.PhaseStarted(phase, step);
        CatchUp();
    }

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        inner.StepDone(record);
        if (_isDue)
        {
            CatchUp();
        }

        // The step's line is written after this call.
        _isDue = record.Phase.IsLogged(record.Step, logPeriod);
    }

    /// <inheritdoc/>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics)
    {
        inner.Validated(phase, step, metrics);
        CatchUp();
    }

    /// <inheritdoc/>
    public void CheckpointSaved(string path) => inner.CheckpointSaved(path);

    /// <summary>Writes what is left, and the results of a run that is done.</summary>
    /// <param name="results">The results.</param>
    /// <param name="pictures">Pictures by their tags.</param>
    public void Finish(MetricsFile results, IEnumerable<(string Tag, Picture Picture)> pictures) => Try(events =>
    {
        Follow(events);
        events.Finish(results);
        foreach ((string tag, Picture picture) in pictures)
        {
            events.Add(tag, picture);
        }
    });

    /// <inheritdoc/>
    public void Dispose() => _events?.Dispose();

    private void CatchUp()
    {
        _isDue = false;
        Try(Follow);
    }

    private void Follow(RunEvents events)
    {
        _history ??= RunHistory.Read(run.Log);
        _history.ReadMore();
        events.Add(_history);
    }

    private void Try(Action<RunEvents> write)
    {
        if (_failed)
        {
            return;
        }

        try
        {
            write(_events ??= RunEvents.Begin(Folder, tasks, settings));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DataException)
        {
            _failed = true;
            inner.Notice($"{Folder}: could not be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error, "another disk")}. Training goes on without it; later: adashare export {run.Path} --tensorboard DIR");
        }
    }
}
