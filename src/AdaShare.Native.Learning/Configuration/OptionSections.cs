namespace AdaShare.Native.Learning.Configuration;

/// <summary>Options by their types, of which a configuration has one each.</summary>
internal static class OptionSections
{
    /// <summary>The options of a type, made when they are first asked for.</summary>
    /// <param name="sections">Those that there are.</param>
    /// <param name="type">The type of the options.</param>
    /// <param name="create">Makes the defaults.</param>
    public static object Of(List<object> sections, Type type, Func<object> create)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(create);
        object? section = sections.Find(type.IsInstanceOfType);
        if (section is null)
        {
            section = create();
            sections.Add(section);
        }

        return section;
    }
}
