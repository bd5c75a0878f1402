namespace AdaShare.Native.Learning.Configuration;

/// <summary>How the losses of tasks are weighed against one another in steps that train weights. What only one weighting uses lies in its own section below, see <see cref="Section"/>.</summary>
public sealed class WeightingConfig
{
    private readonly List<object> _sections = [];

    /// <summary>The weighting, by its name in the registry of weightings; <c>static</c>: the configured lambdas. Every other one weighs losses that are multiplied by the lambdas.</summary>
    public string Method { get; set; } = "static";

    /// <summary>The options of a weighting, with their defaults until somebody sets them.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    public T Options<T>() where T : class, new() => (T)Section(typeof(T), static () => new T());

    /// <summary>The section of a type of options, made when it is first asked for.</summary>
    /// <param name="type">The type of the options.</param>
    /// <param name="create">Makes the defaults.</param>
    public object Section(Type type, Func<object> create) => OptionSections.Of(_sections, type, create);
}
