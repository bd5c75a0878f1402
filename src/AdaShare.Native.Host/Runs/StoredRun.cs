using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Checkpoints;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Runs;

/// <summary>A run folder that was written before: its configuration, its method, its networks. What its checkpoints say of the run is held against the other files.</summary>
public sealed class StoredRun
{
    private readonly RunRecord? _record;
    private readonly bool _acceptsConfiguration;

    private StoredRun(RunFolder folder, RunConfig config, RunRecord? record, bool acceptsConfiguration) =>
        (Folder, Config, Method, _record, _acceptsConfiguration) = (folder, config, MethodRegistry.Get(config.Method), record, acceptsConfiguration);

    /// <summary>Where the run's files lie.</summary>
    public RunFolder Folder { get; }

    /// <summary>What it was trained with.</summary>
    public RunConfig Config { get; }

    /// <summary>Its method.</summary>
    public IMethod Method { get; }

    /// <summary>The networks that it has so far, the final one last.</summary>
    public IReadOnlyList<StoredNetwork> Networks => Method.Networks(Folder, Config);

    /// <summary>The folder of a run.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="DataException">The folder holds no run.</exception>
    public static RunFolder FolderOf(string path)
    {
        var folder = new RunFolder(path);
        if (File.Exists(folder.Config) || File.Exists(folder.Latest))
        {
            return folder;
        }

        string found = Directory.Exists(path) ? "there is no config.yaml in it" : File.Exists(path) ? "it is a file" : "there is no such folder";
        throw new DataException($"{path}: {found}; give the folder that adashare train wrote, for example runs/quick");
    }

    /// <summary>Opens a run folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="acceptsConfiguration">Whether another configuration than the one that the run was trained with is gone on with.</param>
    /// <exception cref="DataException">The folder holds no run, or policy.json is not the run's.</exception>
    /// <exception cref="ConfigurationException">Its config.yaml is damaged, or not the one that the run was trained with.</exception>
    /// <exception cref="CheckpointException">A checkpoint is another run's.</exception>
    public static StoredRun Open(string path, bool acceptsConfiguration = false)
    {
        RunFolder folder = FolderOf(path);
        if (!File.Exists(folder.Config))
        {
            throw new DataException($"{path}: there is no config.yaml in it, but its last checkpoint has a copy: adashare train --resume {path} writes it again");
        }

        var run = new StoredRun(folder, ConfigLoader.LoadNetwork(new ConfigRequest(folder.Config, null, [])).Config, ReadRecord(folder), acceptsConfiguration);
        if (!acceptsConfiguration && run._record is { } record)
        {
            run.RequireConfiguration(record.Label, folder.Latest);
        }

        if (run._record?.PolicyFault(folder) is { } fault)
        {
            throw new DataException(fault);
        }

        run.RequireOwn(run.Networks);
        return run;
    }

    /// <summary>The network that the run is for, or the furthest on the way to it.</summary>
    /// <exception cref="DataException">There is none yet.</exception>
    public StoredNetwork Best() => Networks is [.., var last]
        ? last
        : throw new DataException($"{Folder.Path}: the run has no finished network yet, so let it go on with: adashare train --resume {Folder.Path}");

    /// <summary>The networks under a choice among the policies that the run's search has learnt, the one that stands for them last.</summary>
    /// <param name="choice">Which policies; null for <see cref="Networks"/>.</param>
    /// <exception cref="ConfigurationException">Runs of the method have no such policies.</exception>
    /// <exception cref="DataException">The run has no such policies yet.</exception>
    /// <exception cref="CheckpointException">A checkpoint is another run's.</exception>
    public IReadOnlyList<StoredNetwork> NetworksUnder(PolicyChoice? choice)
    {
        if (choice is not { } which)
        {
            return Networks;
        }

        IReadOnlyList<StoredNetwork> networks = Method.Networks(Folder, Config, which);
        RequireOwn(networks);
        return networks;
    }

    /// <summary>Refuses data other than those that the run's networks were trained with.</summary>
    /// <param name="now">What the data hold.</param>
    /// <exception cref="DataException">They differ, or nobody can tell.</exception>
    public void RequireData(DataManifest now)
    {
        string accept = $"go on all the same with --accept-data, where images may be measured or shown that were trained on";
        CheckpointLabel[] labels = [.. Networks.Where(static network => File.Exists(network.Checkpoint)).Select(static network => CheckpointLabel.Read(network.Checkpoint))];
        string recorded = _record?.Label.Data ?? labels.LastOrDefault()?.Data ?? "";
        if (DataManifest.Fault(Folder, now, recorded) is { } fault)
        {
            throw new DataException($"{fault}; bring the data back as they were, or {accept}");
        }

        if (recorded.Length > 0 && labels.FirstOrDefault(label => label.Data.Length > 0 && label.Data != recorded) is { } older)
        {
            throw new DataException($"{Folder.Checkpoint(older.Name)}: was trained before the run went on with other data, which are these; {accept}");
        }
    }

    // A network does not need the last checkpoint, and has a copy of the configuration too: a damaged one is no obstacle.
    private static RunRecord? ReadRecord(RunFolder folder)
    {
        try
        {
            return RunRecord.Read(folder);
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    /// <summary>Every network must be of this run, and its configuration config.yaml's.</summary>
    private void RequireOwn(IReadOnlyList<StoredNetwork> networks)
    {
        foreach (string checkpoint in networks.Select(static network => network.Checkpoint).Where(File.Exists))
        {
            CheckpointLabel label = CheckpointLabel.Read(checkpoint);
            if (_record is { } record && label.Run != record.Label.Run)
            {
                throw new CheckpointException($"{checkpoint}: {(label.Run.Length > 0 ? "is a checkpoint of another run" : "does not say of which run it is")}; bring the run's own file back");
            }

            if (_acceptsConfiguration)
            {
                continue;
            }

            RequireConfiguration(label, checkpoint);
            if (label.Configuration.Length == 0 && _record is not { Label.Configuration.Length: > 0 })
            {
                throw new ConfigurationException($"{checkpoint}: does not say what it was trained with, and neither does a last checkpoint, so nobody can tell whether {Folder.Config} is its configuration; go on all the same with --accept-config");
            }
        }
    }

    /// <summary>Networks of before an extension have the configuration of then.</summary>
    private IReadOnlyList<long> Extended() => [.. (_record?.Label.Extended ?? []).Concat(Networks.Where(static network => File.Exists(network.Checkpoint)).SelectMany(static network => CheckpointLabel.Read(network.Checkpoint).Extended)).Distinct()];

    private void RequireConfiguration(CheckpointLabel label, string checkpoint)
    {
        if (label.Configuration.Length > 0 && StoredConfiguration.Differences(Config, label.Configuration, checkpoint, Extended()) is { Count: > 0 } different)
        {
            throw new ConfigurationException(
                $"{Folder.Config}: is not the configuration that {checkpoint} was trained with ({string.Join(", ", different)}); set it back (or delete it, and train --resume {Folder.Path} writes the run's own again), or go on all the same with --accept-config");
        }
    }
}
