namespace AdaShare.Native.Studies.Results;

/// <summary>A study's results before statistics.</summary>
public sealed record StudyData
{
    /// <summary>The study's name.</summary>
    public required string Name { get; init; }

    /// <summary>The label of the method that the others are compared with.</summary>
    public required string Reference { get; init; }

    /// <summary>The methods, in the order of the table.</summary>
    public required IReadOnlyList<MethodEntry> Methods { get; init; }

    /// <summary>The metrics, in the order of the table.</summary>
    public required IReadOnlyList<MetricDescription> Metrics { get; init; }

    /// <summary>All cells, grid points that were not chosen and failed ones included, in the order of the study.</summary>
    public required IReadOnlyList<CellResult> Cells { get; init; }

    /// <summary>What was chosen for each method with a grid.</summary>
    public IReadOnlyList<GridChoice> Choices { get; init; } = [];

    /// <summary>The data set that all cells were trained and tested on.</summary>
    public string Dataset { get; init; } = "unknown";

    /// <summary>Images of each part of the data set, by the part's name.</summary>
    public IReadOnlyDictionary<string, long> Images { get; init; } = new Dictionary<string, long>();
}

/// <summary>A method of a study.</summary>
/// <param name="Label">Its name in the study.</param>
/// <param name="Method">The registered name.</param>
/// <param name="Match">How its budget is matched.</param>
/// <param name="Seeds">The seeds that it was to run with.</param>
public sealed record MethodEntry(string Label, string Method, string Match, IReadOnlyList<long> Seeds);
