using System.Text.Json;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Metrics;

namespace AdaShare.Native.Learning.Training;

/// <summary>Writes log.jsonl: one JSON object a line, flushed line by line.</summary>
internal sealed class RunLog : IDisposable
{
    private const int ProbabilityDigits = 4;

    private readonly string _path;
    private readonly FileStream _stream;

    /// <summary>Opens the log at a length; what a killed run had written after its last checkpoint is cut off, because it is done again.</summary>
    public RunLog(string path, long length)
    {
        _path = path;
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

    public void Write(StepRecord record) => Line(json =>
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

        if (record.Probability is { } probability)
        {
            json.WriteStartArray("probability");
            foreach (double[] row in probability)
            {
                json.WriteStartArray();
                row.ToList().ForEach(p => json.WriteNumberValue(Math.Round(p, ProbabilityDigits)));
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        json.WriteNumber("learning_rate", record.LearningRate);
        json.WriteNumber("peak_bytes", record.PeakBytes);
        json.WriteNumber("images_per_second", record.Seconds > 0 ? Math.Round(record.Images / record.Seconds, 3) : 0);
    });

    public void Write(PhaseInfo phase, long step, MetricTable metrics) => Line(json =>
    {
        Position(json, phase, step);
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
    });

    public void Dispose() => _stream.Dispose();

    private static void Position(Utf8JsonWriter json, PhaseInfo phase, long step)
    {
        json.WriteString("phase", phase.Key);
        json.WriteNumber("index", phase.Index);
        json.WriteNumber("step", step);
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
        }
        catch (IOException error)
        {
            throw new DataException($"{_path}: could not be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error, "another disk")} and resume the run", error);
        }
    }
}
