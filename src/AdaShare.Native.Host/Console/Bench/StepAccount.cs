using System.Diagnostics;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>What steps took, all of them together.</summary>
/// <param name="Time">From step to step, with all that is done between them.</param>
/// <param name="Processor">Processor time of the whole process in it, of all its threads.</param>
/// <param name="Told">What of <paramref name="Time"/> the training thread spent on observers and on log.jsonl.</param>
public readonly record struct StepTimes(TimeSpan Time, TimeSpan Processor, TimeSpan Told);

/// <summary>Keeps the account of a run's steps: passes everything on to the observer that is measured, and asks for the end after enough steps.</summary>
/// <param name="inner">The observer that is measured.</param>
/// <param name="before">Steps that are not counted.</param>
/// <param name="steps">Steps that are.</param>
/// <param name="done">Is called when they are done.</param>
internal sealed class StepAccount(IRunObserver inner, int before, int steps, Action done) : IRunObserver
{
    private readonly List<StepRecord> _records = [];
    private TimeSpan _told;
    private TimeSpan _processor;
    private long _first;
    private int _count;

    /// <summary>The account; null before enough steps are done.</summary>
    public StepTimes? Times { get; private set; }

    /// <summary>The steps that were counted.</summary>
    public IReadOnlyList<StepRecord> Records => _records;

    /// <summary>Takes the time of a line of the log.</summary>
    public void AddLog(TimeSpan time) => _told += time;

    /// <inheritdoc/>
    public void Notice(string text) => inner.Notice(text);

    /// <inheritdoc/>
    public void PhaseStarted(PhaseInfo phase, long step) => Timed(() => inner.PhaseStarted(phase, step));

    /// <inheritdoc/>
    public void StepDone(StepRecord record)
    {
        Timed(() => inner.StepDone(record));
        if (_count == before)
        {
            (_told, _processor, _first) = (TimeSpan.Zero, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        }
        else if (_count > before && Times is null)
        {
            _records.Add(record);
        }

        if (_count == before + steps)
        {
            Times = new StepTimes(Stopwatch.GetElapsedTime(_first), Environment.CpuUsage.TotalTime - _processor, _told);
            done();
        }

        _count++;
    }

    /// <inheritdoc/>
    public void Validated(PhaseInfo phase, long step, MetricTable metrics) => Timed(() => inner.Validated(phase, step, metrics));

    /// <inheritdoc/>
    public void CheckpointSaved(string path) => Timed(() => inner.CheckpointSaved(path));

    private void Timed(Action tell)
    {
        long start = Stopwatch.GetTimestamp();
        tell();
        _told += Stopwatch.GetElapsedTime(start);
    }
}
