using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Host.Configuration;

/// <summary>Turns the value of a key into the type of its property, by the rules of the YAML that the official files are written in.</summary>
public static partial class ConfigValueParser
{
    /// <summary>Whether a value is absent: nothing behind the colon, <c>~</c> or <c>null</c>.</summary>
    public static bool IsEmpty(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain } scalar && (scalar.Value ?? "") is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Converts a value.</summary>
    /// <param name="node">The value in the file.</param>
    /// <param name="type"><c>bool</c>, <c>int</c>, <c>long</c>, <c>double</c>, <c>string</c>, or a list of one of them.</param>
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
        if (node is not YamlSequenceNode sequence)
        {
            return false;
        }

        var list = (IList)Activator.CreateInstance(type)!;
        foreach (YamlNode item in sequence)
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
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => scalar.Value!,
        YamlScalarNode scalar => $"the text \"{scalar.Value}\"",
        YamlSequenceNode sequence => $"the list [{string.Join(", ", sequence.Select(item => item is YamlScalarNode s ? s.Value : "..."))}]",
        _ => "a section",
    };

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

        return type == typeof(double) ? Number(text) : Whole(text, type);
    }

    private static object? Number(string text) =>
        NumberPattern().IsMatch(text) && double.TryParse(text.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : null;

    private static object? Whole(string text, Type type)
    {
        if (!NumberPattern().IsMatch(text) || !long.TryParse(text.Replace("_", ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            return null;
        }

        return type == typeof(long) ? whole : whole is >= int.MinValue and <= int.MaxValue ? (int)whole : null;
    }

    [GeneratedRegex(@"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][-+]?\d+)?$")]
    private static partial Regex NumberPattern();
}
