using System.Collections;
using System.Reflection;
using System.Text;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Configuration;

/// <summary>The keys of a section of a configuration file, in the order in which the properties are declared.</summary>
public sealed class ConfigSection
{
    private readonly Dictionary<string, ConfigKey> _byName;

    private ConfigSection(string path, IReadOnlyList<ConfigKey> keys)
    {
        Path = path;
        Keys = keys;
        _byName = keys.ToDictionary(key => key.Name, StringComparer.Ordinal);
    }

    /// <summary>The keys of a whole file: those of every run, and a section for each method that has options, as within <c>weighting</c> for each weighting.</summary>
    public static ConfigSection Root { get; } = new("", [.. Of("", typeof(RunConfig)).Keys.Select(static key => WithWeightings(key, WeightingRegistry.All)), .. MethodRegistry.All.Where(method => method.OptionsType is not null).Select(OptionsOf)]);

    /// <summary>The dotted path; empty for the whole file.</summary>
    public string Path { get; }

    /// <summary>The keys.</summary>
    public IReadOnlyList<ConfigKey> Keys { get; }

    /// <summary>The keys of a class.</summary>
    /// <param name="path">The dotted path of the section; empty for a whole file.</param>
    /// <param name="type">The class, whose public properties that can be set are keys.</param>
    public static ConfigSection Of(string path, Type type)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(type);
        var nullability = new NullabilityInfoContext();
        return new ConfigSection(path, [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .Select(p => ConfigKey.Of(path.Length == 0 ? SnakeCase(p.Name) : $"{path}.{SnakeCase(p.Name)}", p, nullability))]);
    }

    /// <summary>The key of a name, or null.</summary>
    public ConfigKey? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The keys of this section and of all below it, sections before their own keys.</summary>
    public IEnumerable<ConfigKey> Everything() => Keys.SelectMany(key => key.Section is null ? [key] : key.Section.Everything().Prepend(key));

    /// <summary>The keys that a configuration's run depends on: without the sections of other methods and weightings.</summary>
    /// <param name="config">The configuration.</param>
    public static IEnumerable<ConfigKey> KeysOf(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        IReadOnlyList<string> own = MethodRegistry.All.FirstOrDefault(method => method.Name == config.Method)?.Sections ?? [];
        WeightingKind[] chosen = [.. WeightingRegistry.All.Where(kind => kind.Name == config.Weighting.Method)];
        return Root.Keys.Where(key => own.Contains(key.Name) || !MethodRegistry.Names.Contains(key.Name)).Select(key => WithWeightings(key, chosen));
    }

    /// <summary>The paths of the keys whose values differ between two configurations of one method.</summary>
    public static IEnumerable<string> Differences(RunConfig left, RunConfig right) => Differences(KeysOf(left), left, right);

    /// <summary>The paths of the keys whose values differ between two objects that have them.</summary>
    public static IEnumerable<string> Differences(IEnumerable<ConfigKey> keys, object left, object right)
    {
        foreach (ConfigKey key in keys ?? throw new ArgumentNullException(nameof(keys)))
        {
            (object? a, object? b) = (key.Get(left), key.Get(right));
            if (key.Section is not null)
            {
                foreach (string path in Differences(key.Section.Keys, a!, b!))
                {
                    yield return path;
                }
            }
            else if (!(a is IList first && b is IList second ? first.Cast<object>().SequenceEqual(second.Cast<object>()) : Equals(a, b)))
            {
                yield return key.Path;
            }
        }
    }

    /// <summary>The key of the weighting with the options of some kinds; other keys as they are.</summary>
    private static ConfigKey WithWeightings(ConfigKey key, IEnumerable<WeightingKind> kinds) => key.Name != WeightingRegistry.Section
        ? key
        : key with { Section = new ConfigSection(key.Path, [.. Of(key.Path, typeof(WeightingConfig)).Keys, .. kinds.Where(static kind => kind.OptionsType is not null).Select(OptionsOf)]) };

    private static ConfigKey OptionsOf(WeightingKind kind)
    {
        string path = $"{WeightingRegistry.Section}.{kind.Name}";
        return new ConfigKey(path, kind.OptionsType!, Of(path, kind.OptionsType!), Nullable: false, weighting => ((WeightingConfig)weighting).Section(kind.OptionsType!, kind.CreateOptions), static (_, _) => { });
    }

    private static ConfigKey OptionsOf(IMethod method) => new(
        method.Name, method.OptionsType!, Of(method.Name, method.OptionsType!), Nullable: false, config => ((RunConfig)config).Section(method.OptionsType!, method.CreateOptions), static (_, _) => { });

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
