using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Tests;

/// <summary>Keeps what a run tells its observer.</summary>
internal sealed class Recorder : IRunObserver
{
    public List<PhaseInfo> Phases { get; } = [];

    public List<StepRecord> Steps { get; } = [];

    public List<string> Notices { get; } = [];

    public List<(PhaseInfo Phase, long Step, MetricTable Metrics)> Validations { get; } = [];

    /// <summary>Called after each step.</summary>
    public Action<StepRecord>? OnStep { get; init; }

    /// <summary>Called after each checkpoint.</summary>
    public Action<string>? OnSaved { get; init; }

    public void Notice(string text) => Notices.Add(text);

    public void PhaseStarted(PhaseInfo phase, long step) => Phases.Add(phase);

    public void StepDone(StepRecord record)
    {
        Steps.Add(record);
        OnStep?.Invoke(record);
    }

    public void Validated(PhaseInfo phase, long step, MetricTable metrics) => Validations.Add((phase, step, metrics));

    public void CheckpointSaved(string path) => OnSaved?.Invoke(path);
}
