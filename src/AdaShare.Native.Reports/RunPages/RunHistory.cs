using System.Text;
using System.Text.Json;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>A place in a run: a phase and steps done in it.</summary>
/// <param name="Phase">The phase's name in files.</param>
/// <param name="Index">Which of several of that name, from 0.</param>
/// <param name="Step">Steps done in it.</param>
public readonly record struct RunPosition(string Phase, int Index, long Step);

/// <summary>When something was logged; nothing is known of logs of earlier versions.</summary>
/// <param name="Elapsed">Seconds of training steps since the start of the run.</param>
/// <param name="Time">The time of day.</param>
public readonly record struct LoggedTime(double? Elapsed, DateTimeOffset? Time);

/// <summary>A logged training step.</summary>
/// <param name="Position">Where.</param>
/// <param name="Updates">What it moved.</param>
/// <param name="Losses">Losses by name.</param>
/// <param name="Figures">Other numbers by name: learning rate, temperature, images a second. Learning rates of several groups are <c>learning_rate/GROUP</c>.</param>
/// <param name="Probability">The probability that a task runs a block [task][block]; null where none was logged.</param>
/// <param name="Time">When.</param>
public sealed record LoggedStep(
    RunPosition Position, string Updates, IReadOnlyDictionary<string, double> Losses, IReadOnlyDictionary<string, double> Figures, double[][]? Probability, LoggedTime Time);

/// <summary>A logged validation.</summary>
/// <param name="Position">Where.</param>
/// <param name="Metrics">Values by task and metric.</param>
/// <param name="Probability">The probability that a task runs a block [task][block]; null where none was logged.</param>
/// <param name="Time">When.</param>
public sealed record LoggedValidation(RunPosition Position, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Metrics, double[][]? Probability, LoggedTime Time);

/// <summary>What a run's log.jsonl holds, line by line.</summary>
public sealed class RunHistory
{
    private readonly string _path;
    private readonly List<LoggedStep> _steps = [];
    private readonly List<LoggedValidation> _validations = [];
    private readonly List<(string Phase, int Index, long Start)> _phases = [];
    private readonly Dictionary<(string, int), long> _lengths = [];
    private long _read;
    private int _lines;

    private RunHistory(string path) => _path = path;

    /// <summary>The logged steps, in order.</summary>
    public IReadOnlyList<LoggedStep> Steps => _steps;

    /// <summary>The validations, in order.</summary>
    public IReadOnlyList<LoggedValidation> Validations => _validations;

    /// <summary>The phases, with the number of steps before each.</summary>
    public IReadOnlyList<(string Phase, int Index, long Start)> Phases => _phases;

    /// <summary>Reads a log. One that is not there is empty: a run that has just begun has none.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">A line is none of a log; the last one may be cut off, as a killed run leaves it.</exception>
    public static RunHistory Read(string path)
    {
        var history = new RunHistory(path);
        history.ReadMore();
        return history;
    }

    /// <summary>Reads the lines that were written since. What has no end of line yet is left for the next time.</summary>
    /// <exception cref="DataException">A line is none of a log, or the file can't be read.</exception>
    public void ReadMore()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        List<string> lines = NewLines();
        for (int i = 0; i < lines.Count; i++)
        {
            _lines++;
            try
            {
                using JsonDocument json = JsonDocument.Parse(lines[i]);
                Add(json.RootElement);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                if (i == lines.Count - 1 && error is JsonException)
                {
                    break;
                }

                throw new DataException($"{_path}: line {_lines} is none of a run's log ({error.Message.TrimEnd('.')}); bring the file back, or move it away: the report then has no curves", error);
            }
        }

        Lay();
    }

    /// <summary>Steps from the start of the run to a place, all phases together.</summary>
    public long At(RunPosition position) => _phases.First(phase => phase.Phase == position.Phase && phase.Index == position.Index).Start + position.Step;

    /// <summary>A phase's name for people.</summary>
    public string Title(string phase, int index) =>
        phase.Replace('_', ' ') + (_phases.Count(other => other.Phase == phase) > 1 ? $" {index + 1}" : "");

    private List<string> NewLines()
    {
        var lines = new List<string>();
        try
        {
            _ = RegularFile.Identify(_path);
            using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite); // a run may be writing it
            stream.Seek(_read, SeekOrigin.Begin);
            using var reader = new StreamReader(stream);
            string text = reader.ReadToEnd();
            int end = text.LastIndexOf('\n') + 1;
            _read += Encoding.UTF8.GetByteCount(text.AsSpan(0, end));
            lines.AddRange(text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{_path}: could not be read ({error.Message.TrimEnd('.')}); check that you may read it", error);
        }

        return lines;
    }

    private void Add(JsonElement line)
    {
        var position = new RunPosition(line.GetProperty("phase").GetString() ?? "", line.GetProperty("index").GetInt32(), line.GetProperty("step").GetInt64());
        if (!_lengths.ContainsKey((position.Phase, position.Index)))
        {
            _phases.Add((position.Phase, position.Index, 0));
        }

        _lengths[(position.Phase, position.Index)] = Math.Max(position.Step, _lengths.GetValueOrDefault((position.Phase, position.Index)));
        double[][]? probability = line.TryGetProperty("probability", out JsonElement table)
            ? [.. table.EnumerateArray().Select(static row => row.EnumerateArray().Select(static value => value.GetDouble()).ToArray())]
            : null;
        var time = new LoggedTime(
            line.TryGetProperty("elapsed", out JsonElement elapsed) ? elapsed.GetDouble() : null, line.TryGetProperty("time", out JsonElement clock) ? clock.GetDateTimeOffset() : null);
        if (line.TryGetProperty("validation", out JsonElement validation))
        {
            _validations.Add(new LoggedValidation(position, validation.EnumerateObject().ToDictionary(static task => task.Name, static IReadOnlyDictionary<string, double> (task) => Numbers(task.Value)), probability, time));
            return;
        }

        Dictionary<string, double> figures = Numbers(line);
        if (line.TryGetProperty("learning_rates", out JsonElement rates))
        {
            Numbers(rates).ToList().ForEach(rate => figures[$"learning_rate/{rate.Key}"] = rate.Value);
        }

        _steps.Add(new LoggedStep(position, line.GetProperty("updates").GetString() ?? "", Numbers(line.GetProperty("losses")), figures, probability, time));
    }

    private static Dictionary<string, double> Numbers(JsonElement entries)
    {
        var numbers = new Dictionary<string, double>();
        foreach (JsonProperty entry in entries.EnumerateObject())
        {
            if (entry.Value.ValueKind == JsonValueKind.Number)
            {
                numbers[entry.Name] = entry.Value.GetDouble();
            }
            else if (entry.Value.ValueKind == JsonValueKind.String && entry.Value.GetString() is "NaN" or "∞" or "-∞" or "Infinity" or "-Infinity")
            {
                numbers[entry.Name] = double.NaN;
            }
        }

        return numbers;
    }

    // Phases stand one behind another, each as long as its last logged step.
    private void Lay()
    {
        long start = 0;
        for (int i = 0; i < _phases.Count; i++)
        {
            _phases[i] = _phases[i] with { Start = start };
            start += _lengths[(_phases[i].Phase, _phases[i].Index)];
        }
    }
}
