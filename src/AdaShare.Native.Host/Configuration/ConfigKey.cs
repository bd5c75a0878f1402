using System.Reflection;

namespace AdaShare.Native.Host.Configuration;

/// <summary>One key of a configuration file and the property that it sets.</summary>
/// <param name="Path">The dotted path, for example <c>train.batch_size</c>.</param>
/// <param name="Type">The type of the property.</param>
/// <param name="Section">The key's own keys where it is a section, else null.</param>
/// <param name="Nullable">Whether the key may stand without a value.</param>
/// <param name="Get">Reads the value from the object that has the key's section.</param>
/// <param name="Set">Writes it there; never called for sections.</param>
public sealed record ConfigKey(string Path, Type Type, ConfigSection? Section, bool Nullable, Func<object, object?> Get, Action<object, object?> Set)
{
    /// <summary>The last part of the path: the key as it stands in its section.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The type of the value, without its nullability.</summary>
    public Type ValueType => System.Nullable.GetUnderlyingType(Type) ?? Type;

    /// <summary>The key of a property.</summary>
    /// <param name="path">The dotted path.</param>
    /// <param name="property">The property.</param>
    /// <param name="nullability">Knows whether it may be null.</param>
    internal static ConfigKey Of(string path, PropertyInfo property, NullabilityInfoContext nullability)
    {
        Type type = property.PropertyType;
        bool isSection = type.IsClass && type != typeof(string) && !type.IsGenericType;
        return new ConfigKey(
            path, type, isSection ? ConfigSection.Of(path, type) : null, nullability.Create(property).WriteState == NullabilityState.Nullable, property.GetValue, property.SetValue);
    }
}
