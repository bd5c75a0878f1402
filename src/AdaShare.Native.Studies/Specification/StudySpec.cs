using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Specification;

/// <summary>A study as its file states it: methods x seeds over one configuration. Keys are these properties in snake case.</summary>
public sealed class StudySpec
{
    /// <summary>The study's name.</summary>
    public string Name { get; set; } = "study";

    /// <summary>The preset that all runs start from; at most one of it and <see cref="Config"/>. Without both the defaults of a run hold.</summary>
    public string? Preset { get; set; }

    /// <summary>The configuration file that all runs start from.</summary>
    public string? Config { get; set; }

    /// <summary>The seeds of every method that has none of its own, each once.</summary>
    public List<long> Seeds { get; set; } = [];

    /// <summary>How budgets are matched: <c>final</c> (the last network gets the same steps) or <c>total</c> (rivals also get the steps of warm-up and search).</summary>
    public string Match { get; set; } = BudgetMatch.Final;

    /// <summary>The label of the method that the others are compared with.</summary>
    public string Reference { get; set; } = "";

    /// <summary>Settings of all runs, <c>key=value</c>, laid over the preset or file in this order.</summary>
    public List<string> Set { get; set; } = [];

    /// <summary>The methods, in the order of the table.</summary>
    public List<StudyMethod> Methods { get; set; } = [];
}

/// <summary>A row of a study: a method with its settings.</summary>
public sealed class StudyMethod
{
    /// <summary>The method's registered name.</summary>
    public string Method { get; set; } = "";

    /// <summary>Its name in tables and in run folders; the method's name where absent. Needed where a method stands twice.</summary>
    public string? Label { get; set; }

    /// <summary>How this method's budget is matched, where it differs from the study's.</summary>
    public string? Match { get; set; }

    /// <summary>Seeds of its own instead of the study's. Seeds that the reference lacks can be compared with its mean only.</summary>
    public List<long>? Seeds { get; set; }

    /// <summary>Settings of this method, <c>key=value</c>, laid over the study's in this order.</summary>
    public List<string> Set { get; set; } = [];

    /// <summary>
    /// Points of which one is chosen: each runs with the method's first seed, and the one with the highest validation score (the earlier one where two are equal)
    /// runs with the other seeds. The test part has no say in it.
    /// </summary>
    public List<StudyGridPoint> Grid { get; set; } = [];
}

/// <summary>A point of a method's grid.</summary>
public sealed class StudyGridPoint
{
    /// <summary>Its name in tables and run folders; made from its settings where absent.</summary>
    public string? Name { get; set; }

    /// <summary>Its settings, <c>key=value</c>, laid over the method's in this order.</summary>
    public List<string> Set { get; set; } = [];
}
