using System.Globalization;
using AdaShare.Native.Data.Yaml;
using AdaShare.Native.Engine.Errors;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>A section of a YAML file whose keys are known; every error names file, line and key.</summary>
internal sealed class YamlSection
{
    private readonly string _source;
    private readonly string _path;
    private readonly YamlNode _node;
    private readonly Dictionary<string, YamlNode> _values = [];

    /// <summary>Takes a section.</summary>
    /// <param name="source">The file.</param>
    /// <param name="path">The dotted path of the section; empty for the whole file.</param>
    /// <param name="node">What stands there.</param>
    /// <param name="keys">The keys that it may have; empty where any name may stand.</param>
    /// <exception cref="DataException">It is no section, or has another key.</exception>
    public YamlSection(string source, string path, YamlNode node, params string[] keys)
    {
        (_source, _path, _node) = (source, path, node);
        if (node is not YamlMappingNode mapping)
        {
            throw Fault(node, $"{(path.Length == 0 ? "the file" : path)} is {Shown(node)}; expected keys with values{(keys.Length > 0 ? $", of {string.Join(", ", keys)}" : "")}");
        }

        foreach ((YamlNode name, YamlNode value) in mapping)
        {
            string key = (name as YamlScalarNode)?.Value ?? "";
            if (keys.Length > 0 && !keys.Contains(key))
            {
                throw Fault(name, $"unknown key {Full(YamlText.Shorten(key))}; the keys here are {string.Join(", ", keys)}");
            }

            _values[key] = value;
        }
    }

    /// <summary>The keys that stand in it, in order.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Whether a key has a value.</summary>
    public bool Has(string key) => _values.TryGetValue(key, out YamlNode? node) && node is not YamlScalarNode { Value: "" or "~" or "null", Style: YamlDotNet.Core.ScalarStyle.Plain };

    /// <summary>What stands behind a key.</summary>
    public YamlNode this[string key] => _values[key];

    /// <summary>A text.</summary>
    public string? Text(string key) => !Has(key) ? null
        : _values[key] is YamlScalarNode { Value: { } value } ? value : throw Fault(_values[key], $"{Full(key)} is {Shown(_values[key])}; expected a text");

    /// <summary>A text that must be there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">What it says, for the message.</param>
    public string Required(string key, string expected) => Text(key) ?? throw Fault(_node, $"{Full(key)} is missing; expected {expected}");

    /// <summary>A finite number.</summary>
    public double? Number(string key) => Text(key) is not { } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value
        : throw Fault(_values[key], $"{Full(key)} is {YamlText.Shorten(text)}; expected a number");

    /// <summary>A whole number of a range.</summary>
    public int? Whole(string key, int least, int most) => Number(key) is not { } number ? null
        : number == Math.Floor(number) && number >= least && number <= most ? (int)number
        : throw Fault(_values[key], $"{Full(key)} is {number}; expected a whole number from {least} to {most}");

    /// <summary>A list of texts; empty where the key is missing.</summary>
    public IReadOnlyList<string> List(string key) => !Has(key) ? []
        : _values[key] is YamlSequenceNode list && list.Children.All(static item => item is YamlScalarNode)
            ? [.. list.Children.Select(static item => ((YamlScalarNode)item).Value ?? "")]
            : throw Fault(_values[key], $"{Full(key)} is {Shown(_values[key])}; expected a list such as [a, b]");

    /// <summary>An error at a key, or at the section where it has none of that name.</summary>
    public DataException Fault(string key, string what) => Fault(_values.GetValueOrDefault(key, _node), $"{Full(key)} {what}");

    /// <summary>The dotted path of a key.</summary>
    public string Full(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private DataException Fault(YamlNode node, string what) => new($"{_source}, line {Math.Max(1, node.Start.Line)}: {what}");

    private static string Shown(YamlNode node) => node switch
    {
        YamlScalarNode { Value.Length: > 0 } scalar => YamlText.Shorten(scalar.Value),
        YamlScalarNode => "nothing",
        YamlSequenceNode => "a list",
        _ => "a section",
    };
}
