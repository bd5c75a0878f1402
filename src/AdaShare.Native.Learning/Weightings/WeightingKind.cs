namespace AdaShare.Native.Learning.Weightings;

/// <summary>A kind of weighting, as configurations name it.</summary>
/// <param name="Name">The name, in snake case; also that of its section of options.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Needs">What it must know of a step.</param>
public sealed record WeightingKind(string Name, string Summary, WeightingNeeds Needs)
{
    /// <summary>The type of its options, whose public properties are the keys of its section; null where it has none.</summary>
    public Type? OptionsType { get; private init; }

    /// <summary>Makes options with their defaults.</summary>
    public Func<object> CreateOptions { get; private init; } = static () => throw new NotSupportedException("the weighting has no options");

    /// <summary>Checks options: the object, and what their keys begin with. Throws where something is wrong.</summary>
    public Action<object, string> Check { get; private init; } = static (_, _) => { };

    /// <summary>Makes the weighting, from its options (null where it has none).</summary>
    public required Func<object?, WeightingSetting, Weighting?> Create { get; init; }

    /// <summary>Whether it needs weights that tasks share.</summary>
    public bool NeedsSharedWeights => Needs >= WeightingNeeds.LastLayer;

    /// <summary>A kind without options.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="needs">What it must know.</param>
    /// <param name="create">Makes it.</param>
    internal static WeightingKind Of(string name, string summary, WeightingNeeds needs, Func<WeightingSetting, Weighting?> create) =>
        new(name, summary, needs) { Create = (_, setting) => create(setting) };

    /// <summary>A kind with options.</summary>
    /// <typeparam name="TOptions">A class whose public properties are the keys of its section.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="needs">What it must know.</param>
    /// <param name="check">Checks the options; the second argument makes a key of a name.</param>
    /// <param name="create">Makes it.</param>
    internal static WeightingKind Of<TOptions>(
        string name, string summary, WeightingNeeds needs, Action<TOptions, Func<string, string>> check, Func<TOptions, WeightingSetting, Weighting> create)
        where TOptions : class, new()
    {
        return new WeightingKind(name, summary, needs)
        {
            OptionsType = typeof(TOptions),
            CreateOptions = static () => new TOptions(),
            Check = (options, section) => check((TOptions)options, key => $"{section}.{name}.{key}"),
            Create = (options, setting) => create((TOptions)options!, setting),
        };
    }
}
