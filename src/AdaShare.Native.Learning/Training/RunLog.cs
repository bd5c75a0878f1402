using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Metrics;

namespace AdaShare.Native.Learning.Training;

/// <summary>Writes log.jsonl: one JSON object a line, flushed line by line.</summary>
internal sealed class RunLog : IDisposable
{
    private const int ProbabilityDigits = 4;
    private const int EpochDigits = 4;
    private const int SecondDigits = 3;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly Action<TimeSpan>? _timed;

    /// <summary>Opens the log at a length; what a killed run had written after its last checkpoint is cut off, because it is done again.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">The length that it goes on from.</param>
    /// <param name="timed">Is told how long each line took; null for nobody.</param>
    public RunLog(string path, long length, Action<TimeSpan>? timed = null)
    {
        (_path, _timed) = (path, timed);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
            _stream.SetLength(Math.Min(length, _stream.Length));
            _stream.Seek(0, SeekOrigin.End);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could not be opened for writing ({error.Message.TrimEnd('.')}); choose another --out folder", error);
        }
    }

    /// <summary>Whether a log has lines of a time at which a run had a last checkpoint: of a second phase, or of a step beyond the first that wrote one.</summary>
    /// <param name="path">The log; it may be missing.</param>
    /// <param name="checkpointSteps">Steps between checkpoints; 0 where only phases write one.</param>
    public static bool Outlived(string path, int checkpointSteps)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        (string?, int)? first = null;
        foreach (string line in File.ReadLines(path))
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(line);
                (string?, int) phase = (json.RootElement.GetProperty("phase").GetString(), json.RootElement.GetProperty("index").GetInt32());
                first ??= phase;
                if (phase != first || (checkpointSteps > 0 && json.RootElement.GetProperty("step").GetInt64() > checkpointSteps))
                {
                    return true;
                }
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                // The last line of a run that was killed, or none of a run.
            }
        }

        return false;
    }

    /// <summary>Bytes written so far.</summary>
    public long Length => _stream.Length;

    public void Write(StepRecord record, RunState state) => Line(json =>
    {
        Position(json, record.Phase, record.Step);
        json.WriteString("updates", record.Updates);
        Number(json, "loss", record.Total);
        json.WriteStartObject("losses");
        foreach ((string task, double loss) in record.Losses)
        {
            Number(json, task, loss);
        }

        json.WriteEndObject();
        foreach (StepDetail detail in record.Details)
        {
            Number(json, detail.Name, detail.Value);
        }

        Probability(json, record.Probability);
        json.WriteNumber("epoch", Math.Round(record.Epoch, EpochDigits));
        json.WriteNumber("learning_rate", record.LearningRate);
        if (record.LearningRates.Count > 1)
        {
            json.WriteStartObject("learning_rates");
            record.LearningRates.ToList().ForEach(rate => json.WriteNumber(rate.Key, rate.Value));
            json.WriteEndObject();
        }

        json.WriteNumber("peak_bytes", record.PeakBytes);
        json.WriteNumber("images_per_second", record.Seconds > 0 ? Math.Round(record.Images / record.Seconds, 3) : 0);
        Times(json, state);
    });

    public void Write(PhaseInfo phase, RunState state, MetricTable metrics, double[][]? probability) => Line(json =>
    {
        Position(json, phase, state.Step);
        json.WriteStartObject("validation");
        foreach (string task in metrics.Tasks)
        {
            json.WriteStartObject(task);
            foreach ((string name, double value) in metrics[task])
            {
                Number(json, name, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        Probability(json, probability);
        Times(json, state);
    });

    public void Dispose() => _stream.Dispose();

    private static void Position(Utf8JsonWriter json, PhaseInfo phase, long step)
    {
        json.WriteString("phase", phase.Key);
        json.WriteNumber("index", phase.Index);
        json.WriteNumber("step", step);
    }

    private static void Probability(Utf8JsonWriter json, double[][]? probability)
    {
        if (probability is null)
        {
            return;
        }

        json.WriteStartArray("probability");
        foreach (double[] row in probability)
        {
            json.WriteStartArray();
            row.ToList().ForEach(p => json.WriteNumberValue(Math.Round(p, ProbabilityDigits)));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // The time of training, which goes on where a run goes on, and the time of day.
    private static void Times(Utf8JsonWriter json, RunState state)
    {
        json.WriteNumber("elapsed", Math.Round(state.Budget.Values.Sum(static spent => spent.Seconds), SecondDigits));
        json.WriteString("time", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteString(name, value.ToString());
        }
    }

    private void Line(Action<Utf8JsonWriter> content)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            using (var json = new Utf8JsonWriter(_stream))
            {
                json.WriteStartObject();
                content(json);
                json.WriteEndObject();
            }

            _stream.WriteByte((byte)'\n');
            _stream.Flush();
            _timed?.Invoke(Stopwatch.GetElapsedTime(start));
        }
        catch (IOException error)
        {
            throw new DataException($"{_path}: could not be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error, "another disk")} and resume the run", error);
        }
    }
}
