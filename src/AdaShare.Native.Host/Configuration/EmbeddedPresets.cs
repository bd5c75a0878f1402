using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Configuration;

/// <summary>YAML files of one kind that come with the program.</summary>
/// <param name="kind">What the files are: the beginning of the resources' names, for example <c>Presets</c>.</param>
/// <param name="first">The name that is listed first.</param>
internal sealed class EmbeddedPresets(string kind, string first)
{
    private const string Suffix = ".yaml";

    /// <summary>The names.</summary>
    public IReadOnlyList<string> Names { get; } =
    [
        .. typeof(EmbeddedPresets).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(kind + ".", StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[(kind.Length + 1)..^Suffix.Length])
            .OrderBy(name => name == first ? 0 : 1).ThenBy(name => name, StringComparer.Ordinal),
    ];

    /// <summary>The text of a preset.</summary>
    /// <exception cref="ConfigurationException">There is none of that name; the message lists those that there are.</exception>
    public string Text(string name)
    {
        using Stream? resource = typeof(EmbeddedPresets).Assembly.GetManifestResourceStream($"{kind}.{name}{Suffix}");
        return resource is null
            ? throw new ConfigurationException($"unknown preset {name}; the presets are {string.Join(", ", Names)}")
            : new StreamReader(resource).ReadToEnd();
    }
}
