using System.Globalization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.FixedPolicy;

/// <summary>Where a method gets a policy from: the policy.json of a run, or a text.</summary>
/// <param name="Section">The method's section, for messages.</param>
/// <param name="File">A policy.json, or the folder of a run that has one; null or empty for none.</param>
/// <param name="Skip">The blocks that each task skips, see <see cref="BlockPolicy.Parse"/>; null or empty for none.</param>
/// <param name="Which">Which policy of the file: <c>selected</c>, <c>arg_max</c>, or the index of a sampled one.</param>
public sealed record PolicySource(string Section, string? File, string? Skip, string Which)
{
    private const string Selected = "selected";
    private const string ArgMax = "arg_max";

    /// <summary>Whether there is a file.</summary>
    public bool HasFile => !string.IsNullOrWhiteSpace(File);

    /// <summary>Whether there is a text.</summary>
    public bool HasText => !string.IsNullOrWhiteSpace(Skip);

    private string FileKey => $"{Section}.file";

    private string SkipKey => $"{Section}.skip";

    /// <summary>
    /// Checks the keys, and the policy as far as it can be seen. A file that isn't there is no error yet: a run that goes on has its policy in its own folder. <see cref="Read"/> refuses it.
    /// </summary>
    /// <exception cref="AdaShareException">The first thing that is wrong.</exception>
    public void Check(RunConfig config)
    {
        Require(!HasFile || !HasText, SkipKey, $"\"{Skip}\" beside {FileKey}", "only one of the two");
        Require(IsIndex(out _) || Which is Selected or ArgMax, $"{Section}.which", Which, $"{Selected}, {ArgMax}, or the index of a sampled policy, from 0");
        if (HasText || (HasFile && System.IO.File.Exists(PathOf(File!))))
        {
            Read(config);
        }
    }

    /// <summary>Reads the policy.</summary>
    /// <param name="config">The tasks and the backbone that it must be for.</param>
    /// <exception cref="ConfigurationException">There is none, or it is for other tasks or blocks.</exception>
    /// <exception cref="DataException">The file is damaged.</exception>
    public BlockPolicy Read(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        int blocks = BackboneSpec.Of(config.Backbone).BlockCount;
        if (HasText)
        {
            return BlockPolicy.Parse(Skip!, config.Tasks, blocks, SkipKey);
        }

        string path = PathOf(File ?? "");
        string what = Directory.Exists(File) ? $"{File}, a folder without policy.json" : $"{File}, which does not exist";
        Require(System.IO.File.Exists(path), FileKey, what, "a policy.json, or the folder of a run that has got so far");
        PolicyFile file = PolicyFile.Read(path);
        string own = $"{path}, a policy of {(file.Tasks.Count == 0 ? "no tasks" : List(file.Tasks))}";
        Require(file.Tasks.Order().SequenceEqual(config.Tasks.Order()), FileKey, own, $"one of {List(config.Tasks)}");
        bool[][] runs = Choose(file, path);
        bool whole = runs.Length == file.Tasks.Count && Array.TrueForAll(runs, row => row is not null && row.Length == runs[0]?.Length);
        Require(whole, FileKey, $"{path}, whose tasks have decisions on different blocks", "one decision for each task and block");
        Require(runs[0].Length == blocks, FileKey, $"{path}, a policy of {runs[0].Length} blocks", $"one of {blocks}, since {config.Backbone} has so many");
        return new BlockPolicy([.. config.Tasks.Select(task => runs[file.Tasks.ToList().IndexOf(task)])]);
    }

    /// <summary>Remarks on keys without effect.</summary>
    public IEnumerable<string> Notices() => HasFile || Which == Selected ? [] : [$"{Section}.which has no effect without {FileKey}"];

    private static string PathOf(string file) => Directory.Exists(file) ? new RunFolder(file).Policy : file;

    private bool IsIndex(out int index) => int.TryParse(Which, NumberStyles.None, CultureInfo.InvariantCulture, out index);

    private bool[][] Choose(PolicyFile file, string path)
    {
        if (Which == ArgMax)
        {
            return file.ArgMax;
        }

        bool named = IsIndex(out int index);
        Require(named || file.Selected is not null, $"{Section}.which", $"{Selected}, but in {path} none is selected yet", $"{ArgMax}, or an index below {file.Sampled.Length}");
        index = named ? index : file.Selected!.Value;
        Require(index >= 0 && index < file.Sampled.Length, $"{Section}.which", $"{index}", $"an index below {file.Sampled.Length}, the number of sampled policies in {path}");
        return file.Sampled[index];
    }
}
