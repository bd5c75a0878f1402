using System.Collections;
using System.Reflection;
using System.Text;
using AdaShare.Native.MultiTask.Configuration;

namespace AdaShare.Native.Host.Configuration;

/// <summary>The keys of a section of a configuration file, in the order in which the properties are declared.</summary>
public sealed class ConfigSection
{
    private readonly Dictionary<string, ConfigKey> _byName;

    private ConfigSection(string path, Type type)
    {
        Path = path;
        var nullability = new NullabilityInfoContext();
        Keys = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(p => Describe(path, p, nullability))];
        _byName = Keys.ToDictionary(key => key.Name, StringComparer.Ordinal);
    }

    /// <summary>The keys of a whole file.</summary>
    public static ConfigSection Root { get; } = new("", typeof(RunConfig));

    /// <summary>The dotted path; empty for the whole file.</summary>
    public string Path { get; }

    /// <summary>The keys.</summary>
    public IReadOnlyList<ConfigKey> Keys { get; }

    /// <summary>The key of a name, or null.</summary>
    public ConfigKey? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The keys of this section and of all below it, sections before their own keys.</summary>
    public IEnumerable<ConfigKey> Everything() => Keys.SelectMany(key => key.Section is null ? [key] : key.Section.Everything().Prepend(key));

    /// <summary>The paths of the keys whose values differ between two configurations of this section.</summary>
    public IEnumerable<string> Differences(object left, object right)
    {
        foreach (ConfigKey key in Keys)
        {
            (object? a, object? b) = (key.Property.GetValue(left), key.Property.GetValue(right));
            if (key.Section is not null)
            {
                foreach (string path in key.Section.Differences(a!, b!))
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

    private static ConfigKey Describe(string section, PropertyInfo property, NullabilityInfoContext nullability)
    {
        string name = property.GetCustomAttribute<ConfigKeyAttribute>()?.Key ?? SnakeCase(property.Name);
        string path = section.Length == 0 ? name : $"{section}.{name}";
        Type type = property.PropertyType;
        bool isSection = type.IsClass && type != typeof(string) && !type.IsGenericType;
        return new ConfigKey(path, property, isSection ? new ConfigSection(path, type) : null, nullability.Create(property).WriteState == NullabilityState.Nullable);
    }

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
