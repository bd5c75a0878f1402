using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Configuration;

/// <summary>The configurations that come with the program, each a YAML file embedded from <c>Presets/</c>.</summary>
public static class PresetCatalog
{
    /// <summary>The preset of a command line that names neither a preset nor a file.</summary>
    public const string Default = "quick";

    /// <summary>The preset for a folder that describes itself.</summary>
    public const string OwnData = "own_data";

    private static readonly EmbeddedPresets Presets = new("Presets", Default);

    /// <summary>The names, the default first.</summary>
    public static IReadOnlyList<string> Names => Presets.Names;

    /// <summary>The YAML text of a preset.</summary>
    /// <exception cref="ConfigurationException">There is none of that name; the message lists those that there are.</exception>
    public static string Text(string name) => Presets.Text(name);
}
