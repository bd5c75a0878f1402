using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Studies.Specification;

/// <summary>Sees to it that a folder holds one study: what it was made for stands in it, and another study is turned away before anything is written.</summary>
public static class StudyFolder
{
    /// <summary>The file that says what a folder was made for.</summary>
    public const string SpecFileName = "study-spec.json";

    /// <summary>The folder in it that has a run folder for each cell.</summary>
    public const string CellFolderName = "cells";

    /// <summary>The folder of the study of which a run is a cell; null where it is none.</summary>
    /// <param name="run">The run's folder.</param>
    public static string? StudyOf(string run)
    {
        string? cells = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run)));
        return Path.GetFileName(cells) == CellFolderName && Path.GetDirectoryName(cells) is { } study && File.Exists(Path.Combine(study, SpecFileName)) ? study : null;
    }

    /// <summary>
    /// Takes a folder for a study: a fresh one, or one that the same study began. Methods, seeds and grid points may be added or dropped since; what a cell of the same name
    /// runs may not change.
    /// </summary>
    /// <param name="folder">The study's folder; made where it is not there.</param>
    /// <param name="spec">The study, which <see cref="StudyPlan.Of"/> accepts.</param>
    /// <param name="knownMethods">The registered methods.</param>
    /// <exception cref="ConfigurationException">The folder is another study's, or a cell's settings changed; nothing was written.</exception>
    /// <exception cref="DataException">The folder's file is damaged.</exception>
    public static void Claim(string folder, StudySpec spec, IReadOnlyCollection<string> knownMethods)
    {
        ArgumentNullException.ThrowIfNull(spec);
        StudyPlan plan = StudyPlan.Of(spec, knownMethods);
        string path = Path.Combine(folder, SpecFileName);
        if (File.Exists(path))
        {
            StudySpec stored = Read(path);
            RefuseOther(folder, spec, plan, stored);
            if (Text(stored) == Text(spec))
            {
                return;
            }
        }

        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, spec, SpecJson.Default.StudySpec));
    }

    /// <summary>The study that a folder was made for.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="knownMethods">The registered methods.</param>
    /// <exception cref="ConfigurationException">The study is none that this program can run.</exception>
    /// <exception cref="DataException">The folder has no study, or its file is damaged.</exception>
    public static StudySpec Read(string folder, IReadOnlyCollection<string> knownMethods)
    {
        string path = Path.Combine(folder, SpecFileName);
        if (!File.Exists(path))
        {
            throw new DataException($"{folder}: is no folder of a study (it has no {SpecFileName}); name the folder that a study was started in");
        }

        StudySpec spec = Read(path);
        _ = StudyPlan.Of(spec, knownMethods);
        return spec;
    }

    private static StudySpec Read(string path)
    {
        try
        {
            using FileStream stream = RegularFile.Open(path);
            StudySpec spec = JsonSerializer.Deserialize(stream, SpecJson.Default.StudySpec) ?? throw new JsonException("it holds null");
            return IsWhole(spec) ? spec : throw new JsonException("a method, a grid point or a setting is null");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: does not say what study the folder is of ({error.Message.TrimEnd('.')}); choose another folder, or delete the file to take this one over with the runs in it", error);
        }
    }

    private static void RefuseOther(string folder, StudySpec spec, StudyPlan plan, StudySpec stored)
    {
        if (stored.Name != spec.Name)
        {
            throw new ConfigurationException($"{folder}: holds the study {stored.Name}, not {spec.Name}; choose another folder");
        }

        if (stored.Preset != spec.Preset || stored.Config != spec.Config)
        {
            throw new ConfigurationException($"{folder}: its runs start from {Base(stored)}, this study's from {Base(spec)}; choose another folder");
        }

        // The stored study was accepted when it was written; methods that are no longer registered must not hide the comparison.
        StudyPlan before = StudyPlan.Of(stored, [.. stored.Methods.Select(static method => method.Method)]);
        Dictionary<string, StudyCell> cells = before.Everything().ToDictionary(static cell => cell.Id);
        bool related = false;
        foreach (StudyCell cell in plan.Everything())
        {
            if (!cells.TryGetValue(cell.Id, out StudyCell? old))
            {
                continue;
            }

            related = true;
            string now = Settings(cell), then = Settings(old);
            if (now != then)
            {
                throw new ConfigurationException($"{folder}: the cell {cell.Id} was started as {then} and is now {now}; give the changed method another label or choose another folder");
            }
        }

        if (!related)
        {
            throw new ConfigurationException($"{folder}: holds a study of the same name but none of the same cells (for example {cells.Keys.First()}); choose another folder");
        }
    }

    /// <summary>Whether nothing is null within a list; what is null itself is refused on reading.</summary>
    private static bool IsWhole(StudySpec spec)
    {
        static bool Whole(List<string> settings) => settings.TrueForAll(static setting => setting is not null);
        return Whole(spec.Set) && spec.Methods.TrueForAll(static method => method is not null && Whole(method.Set) && method.Grid.TrueForAll(static point => point is not null && Whole(point.Set)));
    }

    private static string Text(StudySpec spec) => JsonSerializer.Serialize(spec, SpecJson.Default.StudySpec);

    private static string Settings(StudyCell cell) => $"{cell.Method}, match {cell.Match}, {(cell.Overrides.Count == 0 ? "nothing set" : string.Join(", ", cell.Overrides))}";

    private static string Base(StudySpec spec) => spec.Preset is { } preset ? $"the preset {preset}" : spec.Config is { } config ? $"the file {config}" : "the defaults";
}

/// <summary>How a study's file in its folder is written.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StudySpec))]
internal sealed partial class SpecJson : JsonSerializerContext;
