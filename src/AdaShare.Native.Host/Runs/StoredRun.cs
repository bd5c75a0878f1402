using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Runs;

/// <summary>A run folder that was written before: its configuration, its method, its networks.</summary>
public sealed class StoredRun
{
    private StoredRun(RunFolder folder, RunConfig config) => (Folder, Config, Method) = (folder, config, MethodRegistry.Get(config.Method));

    /// <summary>Where the run's files lie.</summary>
    public RunFolder Folder { get; }

    /// <summary>What it was trained with.</summary>
    public RunConfig Config { get; }

    /// <summary>Its method.</summary>
    public IMethod Method { get; }

    /// <summary>The networks that it has so far, the final one last.</summary>
    public IReadOnlyList<StoredNetwork> Networks => Method.Networks(Folder, Config);

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

        return new StoredRun(folder, ConfigLoader.LoadNetwork(new ConfigRequest(folder.Config, null, [])).Config);
    }

    /// <summary>The network that the run is for, or the furthest on the way to it.</summary>
    /// <exception cref="DataException">There is none yet.</exception>
    public StoredNetwork Best() => Networks is [.., var last]
        ? last
        : throw new DataException($"{Folder.Path}: the run has no finished network yet, so let it go on with: adashare train --resume {Folder.Path}");
}
