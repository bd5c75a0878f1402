using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Benchmarking.Results;

/// <summary>Reads and writes files of results: JSON, names in snake_case.</summary>
public static class ResultFile
{
    /// <summary>Writes a run; a file that is there is replaced whole.</summary>
    public static void Write(string path, BenchmarkRun run) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, run, ResultJson.Default.BenchmarkRun));

    /// <summary>A run as text.</summary>
    public static string ToJson(BenchmarkRun run) => JsonSerializer.Serialize(run, ResultJson.Default.BenchmarkRun);

    /// <summary>Reads a run.</summary>
    /// <exception cref="DataException">The file is not there, or is none of results.</exception>
    public static BenchmarkRun Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            BenchmarkRun? run = JsonSerializer.Deserialize(stream, ResultJson.Default.BenchmarkRun);
            return run is { Format: BenchmarkRun.CurrentFormat }
                ? run
                : throw new DataException($"{path}: has format {run?.Format.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}, expected {BenchmarkRun.CurrentFormat}; write it again with this version of the benchmark");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: is no file of benchmark results ({error.Message.TrimEnd('.')}); delete it or name another", error);
        }
    }
}

/// <summary>How <see cref="ResultFile"/> is written.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BenchmarkRun))]
internal sealed partial class ResultJson : JsonSerializerContext;
