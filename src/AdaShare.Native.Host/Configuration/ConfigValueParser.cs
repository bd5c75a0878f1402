using System.Collections;
using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Yaml;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Host.Configuration;

/// <summary>Turns the value of a key into the type of its property, by the rules of the YAML that the official files are written in.</summary>
public static class ConfigValueParser
{
    /// <summary>The characters of a value, and the items of a list, that a message shows.</summary>
    private const int MaxShown = 80;

    /// <summary>Whether a value is absent: nothing behind the colon, <c>~</c> or <c>null</c>.</summary>
    public static bool IsEmpty(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain } scalar && (scalar.Value ?? "") is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Converts a value.</summary>
    /// <param name="node">The value in the file.</param>
    /// <param name="type"><c>bool</c>, <c>int</c>, <c>long</c>, <c>double</c>, <c>string</c>, or a list of one of them, for which a single value is a list of one.</param>
    /// <param name="value">The converted value where the method returns true.</param>
    /// <returns>Whether the value is of the type.</returns>
    public static bool TryParse(YamlNode node, Type type, out object? value)
    {
        if (!type.IsGenericType)
        {
            value = node is YamlScalarNode scalar ? Scalar(scalar, type) : null;
            return value is not null;
        }

        value = null;
        if (node is not YamlSequenceNode && !IsListOfOne(node))
        {
            return false;
        }

        var list = (IList)Activator.CreateInstance(type)!;
        foreach (YamlNode item in Items(node))
        {
            if (IsEmpty(item) || !TryParse(item, type.GetGenericArguments()[0], out object? parsed))
            {
                return false;
            }

            list.Add(parsed);
        }

        value = list;
        return true;
    }

    /// <summary>The type in the words of a message.</summary>
    public static string Describe(Type type)
    {
        if (type.IsGenericType)
        {
            Type item = type.GetGenericArguments()[0];
            return item == typeof(string) ? "a list of names such as [seg, sn]"
                : item == typeof(double) ? "a list of numbers such as [1, 20]"
                : "a list of whole numbers such as [40, 3]";
        }

        return type == typeof(bool) ? "True or False"
            : type == typeof(string) ? "a text"
            : type == typeof(double) ? "a number"
            : "a whole number";
    }

    /// <summary>A value in the words of a message.</summary>
    public static string Describe(YamlNode node) => node switch
    {
        _ when IsEmpty(node) => "nothing",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => YamlText.Shorten(scalar.Value!),
        YamlScalarNode scalar => $"the text \"{YamlText.Shorten(scalar.Value!)}\"",
        YamlSequenceNode sequence => $"the list [{YamlText.Shorten(string.Join(", ", sequence.Take(MaxShown).Select(item => item is YamlScalarNode s ? s.Value : "...")))}]",
        _ => "a section",
    };

    /// <summary>What follows the sentence on a value of the wrong type: how YAML reads a number that is written in an unusual way; empty where there is nothing to say.</summary>
    public static string Remark(YamlNode node, Type type)
    {
        Type item = type.IsGenericType ? type.GetGenericArguments()[0] : type;
        string? remark = item == typeof(bool) || item == typeof(string) || (item == type && node is not YamlScalarNode)
            ? null
            : Items(node).OfType<YamlScalarNode>().Where(scalar => scalar.Style == ScalarStyle.Plain).Select(scalar => NumberNotation.Remark(scalar.Value ?? "", item)).FirstOrDefault(text => text is not null);
        return remark is null ? "" : $": {remark}";
    }

    /// <summary>A single value for a key that takes several. Names with commas between them are a list whose brackets are missing, not one name.</summary>
    private static bool IsListOfOne(YamlNode node) =>
        node is YamlScalarNode scalar && !IsEmpty(node) && !(scalar.Style == ScalarStyle.Plain && scalar.Value!.Contains(',', StringComparison.Ordinal));

    private static IEnumerable<YamlNode> Items(YamlNode node) => node is YamlSequenceNode sequence ? sequence : [node];

    private static object? Scalar(YamlScalarNode scalar, Type type)
    {
        string text = scalar.Value ?? "";
        if (type == typeof(string))
        {
            return text;
        }

        // As in Python's reader, quotes make a text of what would otherwise be a number or a truth value.
        if (scalar.Style != ScalarStyle.Plain)
        {
            return null;
        }

        if (type == typeof(bool))
        {
            return text.ToLowerInvariant() switch { "true" or "yes" or "on" => true, "false" or "no" or "off" => false, _ => null };
        }

        if (type == typeof(double))
        {
            return NumberNotation.ReadDouble(text);
        }

        return NumberNotation.ReadWhole(text) is not long whole ? null
            : type == typeof(long) ? whole
            : whole is >= int.MinValue and <= int.MaxValue ? (object)(int)whole
            : null;
    }
}
