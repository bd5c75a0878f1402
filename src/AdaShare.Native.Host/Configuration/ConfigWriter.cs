using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Host.Configuration;

/// <summary>Writes a configuration with every key, so that what a run did does not depend on the defaults of the version that reads it.</summary>
public static partial class ConfigWriter
{
    /// <summary>The YAML text of a configuration; <see cref="ConfigReader"/> reads an equal one from it.</summary>
    public static string Write(RunConfig config)
    {
        var text = new StringBuilder("# The complete configuration of a run. To run it again: adashare train --config config.yaml --out DIR\n");
        Write(text, ConfigSection.KeysOf(config), config, "");
        return text.ToString();
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
                text.Append(indent).Append(key.Name).Append(':').Append(value is null ? "" : " ").Append(Format(value)).Append('\n');
            }
        }
    }

    private static string Format(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "True" : "False",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        string text => Text(text),
        IList list => $"[{string.Join(", ", list.Cast<object>().Select(Format))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Text(string text)
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
                _ when char.IsControl(c) => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^[A-Za-z0-9_./][A-Za-z0-9_./+-]*$")]
    private static partial Regex PlainPattern();
}
