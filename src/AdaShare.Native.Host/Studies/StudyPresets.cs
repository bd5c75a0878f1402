using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;

namespace AdaShare.Native.Host.Studies;

/// <summary>The studies that come with the program, each a YAML file embedded from <c>Presets/Studies/</c>.</summary>
public static class StudyPresets
{
    private static readonly EmbeddedPresets Presets = new("Studies", "quick-study");

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names => Presets.Names;

    /// <summary>The YAML text of a study.</summary>
    /// <exception cref="ConfigurationException">There is none of that name; the message lists those that there are.</exception>
    public static string Text(string name) => Presets.Text(name);
}
