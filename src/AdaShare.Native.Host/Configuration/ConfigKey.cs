using System.Reflection;

namespace AdaShare.Native.Host.Configuration;

/// <summary>One key of a configuration file and the property that it sets.</summary>
/// <param name="Path">The dotted path, for example <c>train.batch_size</c>.</param>
/// <param name="Property">The property on the section's class.</param>
/// <param name="Section">The key's own keys where it is a section, else null.</param>
/// <param name="Nullable">Whether the key may stand without a value.</param>
public sealed record ConfigKey(string Path, PropertyInfo Property, ConfigSection? Section, bool Nullable)
{
    /// <summary>The last part of the path: the key as it stands in its section.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The type of the value, without its nullability.</summary>
    public Type ValueType => System.Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;
}
