using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AdaShare.Native.Data.Yaml;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Host.Configuration;

/// <summary>Writes a configuration with every key, so that what a run did does not depend on the defaults of the version that reads it.</summary>
public static partial class ConfigWriter
{
    /// <summary>The YAML text of a configuration; <see cref="ConfigReader"/> reads an equal one from it.</summary>
    /// <exception cref="ConfigurationException">A value can't be written so that it reads back equal: half of a surrogate pair, a number that is not finite, more text than a file may have.</exception>
    public static string Write(RunConfig config)
    {
        var text = new StringBuilder("# The complete configuration of a run. To run it again: adashare train --config config.yaml --out DIR\n");
        Write(text, ConfigSection.KeysOf(config), config, "");
        string written = text.ToString();
        return Encoding.UTF8.GetByteCount(written) <= YamlText.MaxBytes ? written : throw YamlText.TooLarge("the configuration of the run");
    }

    private static void Write(StringBuilder text, IEnumerable<ConfigKey> keys, object values, string indent)
    {
        foreach (ConfigKey key in keys)
        {
            object? value = key.Get(values);
            if (key.Section is not null)
            {
                text.Append(indent).Append(key.Name).Append(":\n");
                Write(text, key.Section.Keys, value!, indent + "  ");
            }
            else
            {
                text.Append(indent).Append(key.Name).Append(':').Append(value is null ? "" : " ").Append(Format(value, key)).Append('\n');
            }
        }
    }

    private static string Format(object? value, ConfigKey key) => value switch
    {
        null => "",
        bool flag => flag ? "True" : "False",
        double number when !double.IsFinite(number) => throw new ConfigurationException($"{key.Path} is {number.ToString(CultureInfo.InvariantCulture)}; expected a finite number"),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        string text when YamlText.LoneSurrogate(text) is int half and >= 0 =>
            throw new ConfigurationException($"{key.Path} is the text \"{YamlText.Shorten(text)}\", where U+{(int)text[half]:X4} is half of a character that no file can hold; give it whole or leave it out"),
        string text => Text(text),
        IList list => $"[{string.Join(", ", list.Cast<object>().Select(item => Format(item, key)))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>A text as a YAML value.</summary>
    internal static string Text(string text)
    {
        if (PlainPattern().IsMatch(text) && text is not ("null" or "Null" or "NULL"))
        {
            return text;
        }

        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                _ when char.IsControl(c) || !YamlText.MayStandAsItself(c) => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^[A-Za-z0-9_./][A-Za-z0-9_./+-]*\z")]
    private static partial Regex PlainPattern();
}
