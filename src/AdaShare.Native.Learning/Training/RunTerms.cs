using AdaShare.Native.Learning.Weights;

namespace AdaShare.Native.Learning.Training;

/// <summary>On what terms a run starts or goes on.</summary>
public sealed record RunTerms
{
    /// <summary>The terms of a run that nobody says anything about.</summary>
    public static RunTerms Default { get; } = new();

    /// <summary>The configuration as text, for config.yaml. Checkpoints keep it too, so that a changed file is noticed; empty where nobody keeps one.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Finds the network of a run by the run's folder, where <c>init</c> names one: who knows all methods can. Null where only files are read.</summary>
    public Func<string, StartingRun>? FindRun { get; init; }

    /// <summary>Whether config.yaml is not the run's own and is written again, also for a finished run.</summary>
    public bool RewritesConfiguration { get; init; }

    /// <summary>Whether a run goes on with other data than it was started with; data.json is then written anew.</summary>
    public bool AcceptsOtherData { get; init; }

    /// <summary>The steps that the final training had, where the run goes on with a longer one than it was started with: its configuration has the new number. Null where the run is not extended.</summary>
    public long? ExtendsFrom { get; init; }

    /// <summary>Whether the phase that the run is in is trained again from its start, for example because its best network was lost.</summary>
    public bool RestartsPhase { get; init; }

    /// <summary>Is told how long the training thread was held up by each line of log.jsonl, for measurements; null where nobody measures.</summary>
    public Action<TimeSpan>? LogTimed { get; init; }
}
