using AdaShare.Native.Learning.Metrics;

namespace AdaShare.Native.Learning.Training;

/// <summary>Watches a run: a console, a notebook, a test. Calls come from the training thread, between steps.</summary>
public interface IRunObserver
{
    /// <summary>Something worth a line: device, sizes, keys that have no effect here.</summary>
    void Notice(string text);

    /// <summary>A phase begins or, in a resumed run, goes on.</summary>
    /// <param name="phase">Which.</param>
    /// <param name="step">Steps that were done before.</param>
    void PhaseStarted(PhaseInfo phase, long step);

    /// <summary>A step is done. Called for every step; logging every n-th is the observer's choice.</summary>
    void StepDone(StepRecord record);

    /// <summary>A validation is done.</summary>
    void Validated(PhaseInfo phase, long step, MetricTable metrics);

    /// <summary>A checkpoint is on disk.</summary>
    void CheckpointSaved(string path);
}
