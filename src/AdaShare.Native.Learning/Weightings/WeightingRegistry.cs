using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The kinds of weighting that there are: one line each.</summary>
public static class WeightingRegistry
{
    /// <summary>The section of configurations that names the weighting and has the options of each.</summary>
    public const string Section = "weighting";

    /// <summary>All kinds, in the order in which they are listed to people; the first is the default.</summary>
    public static IReadOnlyList<WeightingKind> All { get; } =
    [
        StaticWeighting.Kind,
        UncertaintyWeighting.Kind,
        DwaWeighting.Kind,
        RandomWeighting.Kind,
        GeometricMeanWeighting.Kind,
        StchWeighting.Kind,
        FamoWeighting.Kind,
        ImtlLossWeighting.Kind,
        GradNormWeighting.Kind,
        PcGradWeighting.Kind,
        CaGradWeighting.Kind,
        MgdaWeighting.Kind,
        ImtlGradientWeighting.Kind,
        NashWeighting.Kind,
        FairGradWeighting.Kind,
        AlignedWeighting.Kind,
        UpGradWeighting.Kind,
    ];

    /// <summary>The names of all kinds.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static kind => kind.Name)];

    /// <summary>The kind of a name, or null.</summary>
    public static WeightingKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>Checks the weighting of a configuration and its options.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="sharesWeights">Whether its method has weights that tasks share.</param>
    /// <exception cref="Engine.Errors.ConfigurationException">The first thing that is wrong.</exception>
    public static void Validate(RunConfig config, bool sharesWeights)
    {
        ArgumentNullException.ThrowIfNull(config);
        WeightingConfig section = config.Weighting;
        ConfigCheck.Choice($"{Section}.method", section.Method, Names);
        WeightingKind kind = Find(section.Method)!;
        ConfigCheck.Require(
            sharesWeights || !kind.NeedsSharedWeights, $"{Section}.method", kind.Name,
            $"a weighting of losses ({ConfigCheck.List(All.Where(static k => !k.NeedsSharedWeights).Select(static k => k.Name))}): {kind.Name} compares the tasks' gradients of shared weights, and {config.Method} shares none");
        if (kind != All[0])
        {
            for (int t = 0; t < config.Lambdas.Count && t < config.Tasks.Count; t++)
            {
                ConfigCheck.InRange($"lambdas of {config.Tasks[t]}", config.Lambdas[t], config.Lambdas[t] > 0, $"a weight above 0, on which {kind.Name} builds; leave the task out, or set {Section}.method={All[0].Name}");
            }
        }

        if (kind.OptionsType is { } type)
        {
            kind.Check(section.Section(type, kind.CreateOptions), Section);
        }
    }

    /// <summary>Makes the weighting of a valid configuration; null where the lambdas stand as they are.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="setting">What it is made for.</param>
    public static Weighting? Create(RunConfig config, WeightingSetting setting)
    {
        ArgumentNullException.ThrowIfNull(config);
        WeightingKind kind = Find(config.Weighting.Method) ?? All[0];
        return kind.Create(kind.OptionsType is { } type ? config.Weighting.Section(type, kind.CreateOptions) : null, setting);
    }
}
