using System.Collections;
using AdaShare.Native.Data.Yaml;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Studies.Specification;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Host.Studies;

/// <summary>Reads the YAML of a study: keys of <see cref="StudySpec"/> in snake case, and lists of sections for methods and their grids.</summary>
public static class StudySpecReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">The file is missing or not YAML, a key is unknown, or a value of the wrong type.</exception>
    public static StudySpec ReadFile(string path)
    {
        string text;
        try
        {
            text = YamlText.ReadFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string cause = e is FileNotFoundException or DirectoryNotFoundException or ArgumentException ? "there is no such file" : e.Message.TrimEnd('.');
            throw new ConfigurationException($"{path}: {cause}; study expects a YAML file, the folder of a study, or --preset with one of {string.Join(", ", StudyPresets.Names)}");
        }

        return ReadText(text, path);
    }

    /// <summary>Reads a study that is already in memory.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What messages name: a file, a preset.</param>
    /// <exception cref="ConfigurationException">The text is not YAML, a key is unknown, or a value of the wrong type.</exception>
    public static StudySpec ReadText(string text, string source)
    {
        var spec = new StudySpec();
        if (YamlText.Parse(text, source) is { } root && !ConfigValueParser.IsEmpty(root))
        {
            Read(root, "", spec, node => $"{source}, line {node.Start.Line}: ");
        }

        return spec;
    }

    private static void Read(YamlNode node, string path, object target, Func<YamlNode, string> where)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw new ConfigurationException($"{where(node)}{(path.Length == 0 ? "the study" : path)} is {ConfigValueParser.Describe(node)}; expected keys with values");
        }

        ConfigSection section = ConfigSection.Of("", target.GetType());
        foreach ((YamlNode name, YamlNode value) in mapping)
        {
            string key = (name as YamlScalarNode)?.Value ?? name.ToString();
            string full = path.Length == 0 ? key : $"{path}.{key}";
            ConfigKey known = section.Find(key)
                ?? throw new ConfigurationException($"{where(name)}unknown key {full}; the keys here are {string.Join(", ", section.Keys.Select(k => k.Name))}");
            Set(known, value, full, target, where);
        }
    }

    private static void Set(ConfigKey key, YamlNode value, string path, object target, Func<YamlNode, string> where)
    {
        if (SectionsOf(key.Type) is { } item && value is YamlSequenceNode sequence)
        {
            var list = (IList)Activator.CreateInstance(key.Type)!;
            for (int i = 0; i < sequence.Children.Count; i++)
            {
                object section = Activator.CreateInstance(item)!;
                Read(sequence.Children[i], $"{path}[{i}]", section, where);
                list.Add(section);
            }

            key.Set(target, list);
            return;
        }

        bool empty = ConfigValueParser.IsEmpty(value), isList = key.Type.IsGenericType && key.Type.GetGenericTypeDefinition() == typeof(List<>);
        object? parsed = null;
        if (empty && isList)
        {
            // A key with nothing behind it, or with every entry commented out, is a list of nothing.
            return;
        }

        if (SectionsOf(key.Type) is not null ? !empty : empty ? !key.Nullable : !ConfigValueParser.TryParse(value, key.ValueType, out parsed))
        {
            string expected = SectionsOf(key.Type) is not null ? "a list of sections, each behind a dash" : key.Name == "set" ? "a list of settings such as [train.batch_size=4]" : ConfigValueParser.Describe(key.ValueType);
            throw new ConfigurationException($"{where(value)}{path} is {ConfigValueParser.Describe(value)}; expected {expected}{(key.Nullable ? " or nothing" : "")}");
        }

        if (!empty)
        {
            key.Set(target, parsed);
        }
    }

    /// <summary>The class of a list's sections; null where a type is no such list.</summary>
    private static Type? SectionsOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) && type.GetGenericArguments()[0] is { IsClass: true } item && item != typeof(string) ? item : null;
}
