using System.Globalization;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;

namespace AdaShare.Native.Learning.Checkpoints;

/// <summary>What a checkpoint says of itself, so that no other one is taken for it: each text is empty where the file says nothing, as those of older versions.</summary>
/// <param name="Name">Which checkpoint of the run it is: its file's name without the ending.</param>
/// <param name="Run">Which run it is of: a digest of its configuration and its data.</param>
/// <param name="Configuration">The run's configuration.</param>
/// <param name="Data">The digest of the data that the run was trained with so far.</param>
/// <param name="Gates">The signature of the gates that the network is used under, see <see cref="GateTable.Signature"/>.</param>
public sealed record CheckpointLabel(string Name, string Run, string Configuration, string Data, string Gates)
{
    private const string NameKey = "checkpoint";
    private const string RunKey = "run";
    private const string ConfigurationKey = "configuration";
    private const string DataKey = "data";
    private const string GatesKey = "gates";
    private const string ExtendedKey = "extended";

    /// <summary>The steps that the run's final training had before each of its extensions, in their order; empty where it was never extended.</summary>
    public IReadOnlyList<long> Extended { get; init; } = [];

    /// <summary>Reads it from a file's header; the content is not looked at.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <exception cref="CheckpointException">The file is missing or its header is damaged.</exception>
    public static CheckpointLabel Read(string path) => Of(SafeTensorsFile.ReadMetadata(path));

    internal static CheckpointLabel Of(IReadOnlyDictionary<string, string> metadata) => new(
        metadata.GetValueOrDefault(NameKey, ""), metadata.GetValueOrDefault(RunKey, ""), metadata.GetValueOrDefault(ConfigurationKey, ""), metadata.GetValueOrDefault(DataKey, ""),
        metadata.GetValueOrDefault(GatesKey, ""))
    {
        Extended = [.. metadata.GetValueOrDefault(ExtendedKey, "").Split(',').Select(static text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long steps) ? steps : 0).Where(static steps => steps > 0)],
    };

    internal Dictionary<string, string> ToMetadata() => new[]
        {
            (NameKey, Name), (RunKey, Run), (ConfigurationKey, Configuration), (DataKey, Data), (GatesKey, Gates), (ExtendedKey, string.Join(',', Extended)), ("format", "pt"),
        }.Where(static text => text.Item2.Length > 0).ToDictionary(static text => text.Item1, static text => text.Item2);

    /// <summary>Refuses a checkpoint under another one's name.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="CheckpointException">It is another one.</exception>
    internal void RequireName(string path)
    {
        if (Name.Length > 0 && Name != Path.GetFileNameWithoutExtension(path))
        {
            throw new CheckpointException($"{path}: is the checkpoint {Name} under another one's name; bring the run's own file back");
        }
    }
}
