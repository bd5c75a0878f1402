namespace AdaShare.Native.MultiTask.Training;

/// <summary>The phases of a run, in order.</summary>
public enum RunPhase
{
    /// <summary>Hard sharing: every block runs for every task.</summary>
    WarmUp,

    /// <summary>Alternating weight and policy steps.</summary>
    Search,

    /// <summary>Sampled policies are trained from fresh weights.</summary>
    Retrain,

    /// <summary>All results are written.</summary>
    Done,
}
