namespace AdaShare.Native.Host.Configuration;

/// <summary>What a command line says about the configuration.</summary>
/// <param name="File">A YAML file, or null.</param>
/// <param name="Preset">The name of a preset, or null.</param>
/// <param name="Assignments"><c>key=value</c> pairs, laid over the file or preset in this order.</param>
/// <param name="Data">The data set's folder instead of <c>dataload.dataroot</c>, or null.</param>
/// <param name="Seed">The seed instead of the list <c>seed</c>, or null.</param>
public sealed record ConfigRequest(string? File, string? Preset, IReadOnlyList<string> Assignments, string? Data = null, long? Seed = null)
{
    /// <summary>A configuration that is in memory, with what messages call it, in the place of <see cref="File"/>; null where there is none.</summary>
    public (string Text, string Source)? Stored { get; init; }

    /// <summary>Assignments that lie between the file or preset and <see cref="Assignments"/>, with what messages call each layer.</summary>
    public IReadOnlyList<(string Source, IReadOnlyList<string> Assignments)> Between { get; init; } = [];

    /// <summary>The file of weights of <c>--init</c> instead of <c>init</c>, or null.</summary>
    public string? Init { get; init; }

    /// <summary>The file of <c>--cache</c> instead of <c>dataload.cache</c>, or null.</summary>
    public string? Cache { get; init; }

    /// <summary>What messages call <see cref="Assignments"/>.</summary>
    public string Source { get; init; } = "--set";
}
