using AdaShare.Native.Engine.Errors;
using AdaShare.Native.MultiTask.Configuration;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Host.Configuration;

/// <summary>
/// Reads configuration files: the official AdaShare YAML files as they are, and our own, which have the same keys and more. Files, presets and
/// <c>key=value</c> pairs of the command line are laid over the defaults in the order in which they are read.
/// </summary>
public sealed class ConfigReader
{
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    /// <summary>The configuration as read so far.</summary>
    public RunConfig Config { get; } = new();

    /// <summary>Whether a key or section was given, whatever its value.</summary>
    /// <param name="path">The dotted path, for example <c>loss.mode</c>.</param>
    public bool IsGiven(string path) => _given.Contains(path);

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">The file is missing, too large or not YAML, a key is unknown, or a value of the wrong type.</exception>
    public void ReadFile(string path)
    {
        string text;
        try
        {
            text = YamlText.ReadFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string cause = e is FileNotFoundException or DirectoryNotFoundException or ArgumentException ? "there is no such file" : e.Message.TrimEnd('.');
            throw new ConfigurationException($"{path}: {cause}; --config expects a YAML file, --preset one of {string.Join(", ", PresetCatalog.Names)}");
        }

        ReadText(text, path);
    }

    /// <summary>Reads a configuration that is already in memory.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What messages name: a file, a preset.</param>
    /// <exception cref="ConfigurationException">The text is not YAML, a key is unknown, or a value of the wrong type.</exception>
    public void ReadText(string text, string source)
    {
        YamlNode? root = YamlText.Parse(text, source);
        if (root is null || ConfigValueParser.IsEmpty(root))
        {
            return;
        }

        Apply(root, ConfigSection.Root, Config, node => $"{source}, line {node.Start.Line}: ");
    }

    /// <summary>Sets one key from the command line.</summary>
    /// <param name="assignment">
    /// <c>key=value</c> with the key's dotted path, for example <c>train.batch_size=4</c> or <c>tasks=[seg,sn]</c>. A value that begins with neither bracket nor quote is taken as it stands.
    /// </param>
    /// <exception cref="ConfigurationException">The text has no equals sign, the key is unknown, or the value of the wrong type.</exception>
    public void ReadAssignment(string assignment)
    {
        int equals = assignment.IndexOf('=');
        if (equals <= 0)
        {
            throw new ConfigurationException($"--set {assignment}: expected key=value, for example --set train.batch_size=4");
        }

        string[] parts = assignment[..equals].Trim().Split('.');
        YamlNode value = YamlText.ParseValue(assignment[(equals + 1)..], $"--set {assignment}");
        object target = Config;
        ConfigSection section = ConfigSection.Root;
        string Where(YamlNode node) => $"--set {assignment}: ";
        foreach (string part in parts[..^1])
        {
            ConfigKey key = Require(section, part, value, Where);
            if (key.Section is null)
            {
                throw new ConfigurationException($"{Where(value)}{key.Path} is a key, not a section");
            }

            _given.Add(key.Path);
            target = key.Property.GetValue(target)!;
            section = key.Section;
        }

        Set(Require(section, parts[^1], value, Where), value, target, Where);
    }

    private void Apply(YamlNode node, ConfigSection section, object target, Func<YamlNode, string> where)
    {
        if (node is not YamlMappingNode mapping)
        {
            string name = section.Path.Length == 0 ? "the file" : section.Path;
            throw new ConfigurationException($"{where(node)}{name} is {ConfigValueParser.Describe(node)}; expected keys with values, such as {section.Keys[0].Name}: ...");
        }

        foreach ((YamlNode name, YamlNode value) in mapping)
        {
            Set(Require(section, (name as YamlScalarNode)?.Value ?? name.ToString(), name, where), value, target, where);
        }
    }

    private static ConfigKey Require(ConfigSection section, string name, YamlNode node, Func<YamlNode, string> where)
    {
        string path = section.Path.Length == 0 ? name : $"{section.Path}.{name}";
        return section.Find(name) ?? throw new ConfigurationException($"{where(node)}unknown key {path}; {KeySuggestion.For(section, name)}");
    }

    private void Set(ConfigKey key, YamlNode value, object target, Func<YamlNode, string> where)
    {
        _given.Add(key.Path);
        bool empty = ConfigValueParser.IsEmpty(value);
        if (key.Section is not null)
        {
            if (!empty)
            {
                Apply(value, key.Section, key.Property.GetValue(target)!, where);
            }

            return;
        }

        object? parsed = null;
        if (empty ? !key.Nullable : !ConfigValueParser.TryParse(value, key.ValueType, out parsed))
        {
            throw new ConfigurationException(
                $"{where(value)}{key.Path} is {ConfigValueParser.Describe(value)}; expected {ConfigValueParser.Describe(key.ValueType)}{(key.Nullable ? " or nothing" : "")}{ConfigValueParser.Remark(value, key.ValueType)}");
        }

        key.Property.SetValue(target, parsed);
    }
}
