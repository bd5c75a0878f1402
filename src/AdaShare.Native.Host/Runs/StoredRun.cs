using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.Host.Runs;

/// <summary>A run folder that was written before: its configuration, its policies, its hard-sharing network.</summary>
public sealed class StoredRun
{
    private StoredRun(RunFolder folder, RunConfig config, PolicyFile? policies) => (Folder, Config, Policies) = (folder, config, policies);

    /// <summary>Where the run's files lie.</summary>
    public RunFolder Folder { get; }

    /// <summary>What it was trained with.</summary>
    public RunConfig Config { get; }

    /// <summary>What it learnt to share; null where it has not come so far.</summary>
    public PolicyFile? Policies { get; }

    /// <summary>The policy that was best on the validation part; null before it is retrained.</summary>
    public DiscretePolicy? Selected => Policies is { Selected: int index } ? new DiscretePolicy(Policies.Sampled[index]) : null;

    /// <summary>Opens a run folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="DataException">The folder holds no run.</exception>
    /// <exception cref="ConfigurationException">Its config.yaml is damaged.</exception>
    public static StoredRun Open(string path)
    {
        var folder = new RunFolder(path);
        if (!File.Exists(folder.Config))
        {
            string found = Directory.Exists(path) ? "there is no config.yaml in it" : "there is no such folder";
            throw new DataException($"{path}: {found}; give the folder that adashare train wrote, for example runs/quick");
        }

        RunConfig config = ConfigLoader.LoadNetwork(new ConfigRequest(folder.Config, null, [])).Config;
        return new StoredRun(folder, config, File.Exists(folder.Policy) ? PolicyFile.Read(folder.Policy) : null);
    }

    /// <summary>Loads the hard-sharing network of the end of the warm-up.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <exception cref="CheckpointException">There is no such checkpoint yet, or it is damaged.</exception>
    public AdaShareNetwork LoadWarmUp(Backend backend)
    {
        string path = Folder.Checkpoint("warmup");
        if (!File.Exists(path))
        {
            throw new CheckpointException($"{path}: there is no such checkpoint, so the warm-up is not finished; go on with: adashare train --resume {Folder.Path}");
        }

        var network = new AdaShareNetwork(NetworkSpec.Of(Config), backend);
        try
        {
            using SafeTensorsFile file = SafeTensorsFile.Open(path);
            StateEntries.Load(file, network.Store);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
