using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Domains;

/// <summary>The official code's description of parts: numbers of lines by mode and domain.</summary>
internal sealed class DescribedLines
{
    private readonly Dictionary<string, Dictionary<string, int[]>> _lines;

    private DescribedLines(string path, Dictionary<string, Dictionary<string, int[]>> lines) => (Path, _lines) = (path, lines);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="DataException">It is missing, or no such description.</exception>
    public static DescribedLines Read(string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(CodecFile.Read(path));
            return new(path, json.RootElement.EnumerateObject().ToDictionary(static mode => mode.Name, static mode =>
                mode.Value.EnumerateObject().ToDictionary(static domain => domain.Name, static domain => domain.Value.EnumerateArray().Select(static line => line.GetInt32()).ToArray())));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new DataException($"{path}: is no description of parts ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); expected {{mode: {{domain: [numbers of lines]}}}}", error);
        }
    }

    /// <summary>The lines of a mode and domain; none where it has none.</summary>
    /// <exception cref="DataException">A line is not there.</exception>
    public int[] Of(string mode, string domain, int count)
    {
        int[] lines = _lines.GetValueOrDefault(mode)?.GetValueOrDefault(domain) ?? [];
        int wrong = Array.FindIndex(lines, line => line < 0 || line >= count);
        return wrong < 0 ? lines : throw new DataException($"{Path}: names line {lines[wrong]} for {domain} at {mode}; its list has {count} lines, counted from 0");
    }
}
