using AdaShare.Native.Data.Yaml;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Methods;
using AdaShare.Native.Methods.HardSharing;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Host.Configuration;

/// <summary>
/// Reads configuration files: the official AdaShare YAML files as they are, and our own, which have the same keys and more. Files, presets and
/// <c>key=value</c> pairs of the command line are laid over the defaults in the order in which they are read.
/// </summary>
public sealed class ConfigReader
{
    // Layers are counted up; a text is one, and the assignments of a command line together are one.
    private readonly Dictionary<string, int> _given = new(StringComparer.Ordinal);
    private readonly List<string> _sources = [];
    private string? _assignments;
    private int _methodLayer = -1, _weightingLayer = -1;
    private bool _switchedOff;

    /// <summary>The configuration as read so far.</summary>
    public RunConfig Config { get; } = new() { Method = MethodRegistry.Default.Name };

    /// <summary>Whether a key or section was given, whatever its value.</summary>
    /// <param name="path">The dotted path, for example <c>loss.mode</c>.</param>
    public bool IsGiven(string path) => _given.ContainsKey(path);

    /// <summary>
    /// Looks for keys of other methods than the chosen one, and of other weightings. Beneath the layer that chose the method they have no effect: a preset may have more than a method needs. Beside or above
    /// it they are a mistake.
    /// </summary>
    /// <returns>What has no effect, one line each.</returns>
    /// <exception cref="ConfigurationException">The method is unknown, or a key of another one was given with it.</exception>
    public IReadOnlyList<string> CheckMethod()
    {
        IMethod method = MethodRegistry.Get(Config.Method);
        string chosen = method.Name;
        var without = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((string path, int layer) in _given.OrderBy(given => given.Key, StringComparer.Ordinal))
        {
            CheckWeighting(path, layer, without);
            string section = path.Split('.')[0];
            if (!path.Contains('.') || method.Sections.Contains(section) || !MethodRegistry.Names.Contains(section))
            {
                continue;
            }

            if (layer >= _methodLayer)
            {
                throw new ConfigurationException($"{_sources[layer]}: {path} belongs to method {section}, and the method is {chosen}; leave it out, or set method={section}");
            }

            without.Add($"{section}.* of {_sources[layer]} has no effect: the method is {chosen}");
        }

        return [.. without];
    }

    /// <summary>The same for the options of another weighting than the chosen one.</summary>
    private void CheckWeighting(string path, int layer, SortedSet<string> without)
    {
        string[] parts = path.Split('.');
        if (parts.Length < 3 || parts[0] != WeightingRegistry.Section || parts[1] == Config.Weighting.Method)
        {
            return;
        }

        if (layer >= _weightingLayer)
        {
            throw new ConfigurationException(
                $"{_sources[layer]}: {path} belongs to the weighting {parts[1]}, and {parts[0]}.method is {Config.Weighting.Method}; leave it out, or set {parts[0]}.method={parts[1]}");
        }

        without.Add($"{parts[0]}.{parts[1]}.* of {_sources[layer]} has no effect: {parts[0]}.method is {Config.Weighting.Method}");
    }

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
        _assignments = null;
        _sources.Add(source);
        YamlNode? root = YamlText.Parse(text, source);
        if (root is null || ConfigValueParser.IsEmpty(root))
        {
            return;
        }

        Apply(root, "", node => $"{source}, line {node.Start.Line}: ");
    }

    /// <summary>Sets one key from the command line.</summary>
    /// <param name="assignment">
    /// <c>key=value</c> with the key's dotted path, for example <c>train.batch_size=4</c> or <c>tasks=[seg,sn]</c>. A value that begins with neither bracket nor quote is taken as it stands.
    /// </param>
    /// <param name="source">What messages name: the option or file that the assignment stands in. Assignments of one source in a row are one layer.</param>
    /// <exception cref="ConfigurationException">The text has no equals sign, the key is unknown, or the value of the wrong type.</exception>
    public void ReadAssignment(string assignment, string source = "--set")
    {
        int equals = assignment.IndexOf('=');
        if (equals <= 0)
        {
            throw new ConfigurationException($"{source} {assignment}: expected key=value, for example {(source == "--set" ? "--set " : "")}train.batch_size=4");
        }

        if (_assignments != source)
        {
            _assignments = source;
            _sources.Add(source);
        }

        string path = assignment[..equals].Trim();
        YamlNode value = YamlText.ParseValue(assignment[(equals + 1)..], $"{source} {assignment}");
        Set(path, value, value, _ => $"{source} {assignment}: ");
    }

    private void Apply(YamlNode node, string section, Func<YamlNode, string> where)
    {
        if (node is not YamlMappingNode mapping)
        {
            string name = section.Length == 0 ? "the file" : section;
            throw new ConfigurationException($"{where(node)}{name} is {ConfigValueParser.Describe(node)}; expected keys with values, such as {Example(section)}: ...");
        }

        foreach ((YamlNode name, YamlNode value) in mapping)
        {
            string key = (name as YamlScalarNode)?.Value ?? name.ToString();
            Set(section.Length == 0 ? key : $"{section}.{key}", value, name, where);
        }
    }

    private void Set(string path, YamlNode value, YamlNode name, Func<YamlNode, string> where)
    {
        Note(path);
        bool empty = ConfigValueParser.IsEmpty(value);
        if (path == OfficialKeys.LearnsPolicy)
        {
            SetLearnsPolicy(value, where);
            return;
        }

        if (OfficialKeys.IsSection(path))
        {
            if (!empty)
            {
                Apply(value, path, where);
            }

            return;
        }

        string place = OfficialKeys.Place(path);
        Note(place);
        (ConfigKey key, object target) = Find(place, name, where);
        if (key.Section is not null)
        {
            if (!empty)
            {
                Apply(value, path, where);
            }

            return;
        }

        object? parsed = null;
        if (empty ? !key.Nullable : !ConfigValueParser.TryParse(value, key.ValueType, out parsed))
        {
            throw new ConfigurationException(
                $"{where(value)}{path} is {ConfigValueParser.Describe(value)}; expected {ConfigValueParser.Describe(key.ValueType)}{(key.Nullable ? " or nothing" : "")}{ConfigValueParser.Remark(value, key.ValueType)}");
        }

        key.Set(target, parsed);
        if (path == "method")
        {
            _methodLayer = _sources.Count - 1;
        }
        else if (path == $"{WeightingRegistry.Section}.method")
        {
            _weightingLayer = _sources.Count - 1;
        }
    }

    /// <summary>Finds a key and the object that has it.</summary>
    private (ConfigKey Key, object Target) Find(string place, YamlNode node, Func<YamlNode, string> where)
    {
        object target = Config;
        ConfigSection section = ConfigSection.Root;
        string[] parts = place.Split('.');
        for (int i = 0; ; i++)
        {
            string here = string.Join('.', parts[..(i + 1)]);
            ConfigKey key = section.Find(parts[i])
                ?? throw new ConfigurationException($"{where(node)}{(here == OfficialKeys.LearnsPolicy ? $"{here} is a key, not a section" : $"unknown key {here}; {KeySuggestion.For(section, parts[i])}")}");
            if (i == parts.Length - 1)
            {
                return (key, target);
            }

            section = key.Section ?? throw new ConfigurationException($"{where(node)}{here} is a key, not a section");
            target = key.Get(target)!;
        }
    }

    /// <summary>The official switch: without a policy the method is hard sharing, and what the file says of policies has no effect.</summary>
    private void SetLearnsPolicy(YamlNode value, Func<YamlNode, string> where)
    {
        if (!ConfigValueParser.TryParse(value, typeof(bool), out object? learns))
        {
            throw new ConfigurationException($"{where(value)}policy is {ConfigValueParser.Describe(value)}; expected {ConfigValueParser.Describe(typeof(bool))}");
        }

        if (learns is false)
        {
            Config.Method = HardSharingMethod.MethodName;
            _methodLayer = _sources.Count;
            _switchedOff = true;
        }
        else if (_switchedOff)
        {
            // A later layer switches on again what an earlier one has switched off.
            Config.Method = MethodRegistry.Default.Name;
            _switchedOff = false;
        }
    }

    /// <summary>A key that a section has, for a message.</summary>
    private static string Example(string section)
    {
        string first = OfficialKeys.FirstOf(section) ?? section.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(ConfigSection.Root, static (at, name) => at.Find(name)!.Section!).Keys[0].Path;
        return first[(first.LastIndexOf('.') + 1)..];
    }

    private void Note(string path) => _given[path] = _sources.Count - 1;
}
