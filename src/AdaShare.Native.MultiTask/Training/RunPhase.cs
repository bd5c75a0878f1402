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

/// <summary>Phases in the files of a run.</summary>
internal static class RunPhases
{
    /// <summary>The phase's name in log.jsonl and metrics.json.</summary>
    public static string Key(this RunPhase phase) => phase switch { RunPhase.WarmUp => "warm_up", RunPhase.Search => "search", _ => "retrain" };
}
