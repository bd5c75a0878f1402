using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Tables;

/// <summary>Reads and writes <c>study.json</c>: names in snake_case, null where there is no figure, <c>"NaN"</c> and <c>"Infinity"</c> where a network diverged.</summary>
public static class StudyFile
{
    /// <summary>The file's name within the study's folder.</summary>
    public const string FileName = "study.json";

    /// <summary>Writes a study; a file that is there is replaced whole.</summary>
    public static void Write(string path, Study study) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, study, StudyJson.Default.Study));

    /// <summary>A study as text.</summary>
    public static string ToJson(Study study) => JsonSerializer.Serialize(study, StudyJson.Default.Study);

    /// <summary>Reads a study.</summary>
    /// <exception cref="DataException">The file is not there, or is none of a study.</exception>
    public static Study Read(string path)
    {
        try
        {
            using FileStream stream = RegularFile.Open(path);
            Study? study = JsonSerializer.Deserialize(stream, StudyJson.Default.Study);
            if (study is not null && Fault(study) is { } fault)
            {
                throw new JsonException(fault);
            }

            return study is { Format: Study.CurrentFormat }
                ? study
                : throw new DataException($"{path}: has format {study?.Format.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}, expected {Study.CurrentFormat}; write it again with this version of study");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: is no file of a study ({error.Message.TrimEnd('.')}); delete it and join the study's folder again", error);
        }
    }

    /// <summary>The study without what was measured with a clock: the same for an interrupted study and for one that was not.</summary>
    public static Study WithoutTimes(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return study with
        {
            Data = study.Data with { Cells = [.. study.Data.Cells.Select(static cell => cell with { Times = null })] },
            Methods = [.. study.Methods.Select(static method => method with { Times = null })],
        };
    }

    /// <summary>A cell's result as text, for a file of its own in the run folder.</summary>
    public static string ToJson(CellResult cell) => JsonSerializer.Serialize(cell, StudyJson.Default.CellResult);

    /// <summary>Reads what <see cref="WriteCell"/> wrote.</summary>
    /// <exception cref="DataException">The file is not there, or is none of a cell.</exception>
    public static CellResult ReadCell(string path)
    {
        try
        {
            using FileStream stream = RegularFile.Open(path);
            CellResult result = JsonSerializer.Deserialize(stream, StudyJson.Default.CellResult) ?? throw new JsonException("it holds null");
            return result.Fault() is { } fault ? throw new JsonException(fault) : result;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: is no result of a cell ({error.Message.TrimEnd('.')}); delete it, and the next start writes it again", error);
        }
    }

    private static string? Fault(Study study)
    {
        StudyData data = study.Data;
        static bool Lacks<T>(IReadOnlyList<T>? list) where T : class => list is null || list.Any(static entry => entry is null);
        return Lacks(data.Cells) || Lacks(data.Methods) || Lacks(data.Metrics) || Lacks(study.Methods) ? "a cell, a method or a metric is missing"
            : Lacks(data.Choices) || data.Choices.Any(static choice => Lacks(choice.Points)) ? "a grid point is missing"
            : data.Images is null || data.Dataset is null ? "the data set is missing"
            : data.Cells.Select(static cell => cell.Fault()).FirstOrDefault(static fault => fault is not null);
    }

    /// <summary>Writes a cell's result or failure; a file that is there is replaced whole.</summary>
    public static void WriteCell(string path, CellResult cell) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, cell, StudyJson.Default.CellResult));
}

/// <summary>How <see cref="StudyFile"/> is written.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Study))]
[JsonSerializable(typeof(CellResult))]
internal sealed partial class StudyJson : JsonSerializerContext;
