using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Configuration;

/// <summary>The configurations that come with the program, each a YAML file embedded from <c>Presets/</c>.</summary>
public static class PresetCatalog
{
    /// <summary>The preset of a command line that names neither a preset nor a file.</summary>
    public const string Default = "quick";

    private const string Prefix = "Presets.";
    private const string Suffix = ".yaml";

    /// <summary>The names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(PresetCatalog).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .OrderBy(name => name == Default ? 0 : 1).ThenBy(name => name, StringComparer.Ordinal),
    ];

    /// <summary>The YAML text of a preset.</summary>
    /// <exception cref="ConfigurationException">There is none of that name; the message lists those that there are.</exception>
    public static string Text(string name)
    {
        using Stream? resource = typeof(PresetCatalog).Assembly.GetManifestResourceStream(Prefix + name + Suffix);
        if (resource is null)
        {
            throw new ConfigurationException($"unknown preset {name}; the presets are {string.Join(", ", Names)}");
        }

        return new StreamReader(resource).ReadToEnd();
    }
}
