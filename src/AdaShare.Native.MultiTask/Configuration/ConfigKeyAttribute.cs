namespace AdaShare.Native.MultiTask.Configuration;

/// <summary>The key of a property in a configuration file, where it is not the property's name in snake case.</summary>
/// <param name="key">The key as it stands in the file.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigKeyAttribute(string key) : Attribute
{
    /// <summary>The key as it stands in the file.</summary>
    public string Key { get; } = key;
}
