using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weights;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Runs;

/// <summary>A trained network outside of any run folder, such as a published one: a checkpoint, the configuration that says what network it is of, and a policy.</summary>
public sealed class ForeignCheckpoint
{
    private readonly BlockPolicy? _policy;

    private ForeignCheckpoint(string path, LoadedConfig loaded, BlockPolicy? policy) => (Path, Config, Notices, _policy) = (path, loaded.Config, loaded.Notices, policy);

    /// <summary>The checkpoint.</summary>
    public string Path { get; }

    /// <summary>What network it is of.</summary>
    public RunConfig Config { get; }

    /// <summary>What is worth a line.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>What the network's policy is, for people.</summary>
    public string Policy => _policy is null ? "no policy: every task runs every block"
        : $"policy: {string.Join("; ", _policy.SkippedByTask(Config.Tasks).Select(static task => $"{task.Key} skips {(task.Value.Length == 0 ? "nothing" : string.Join(", ", task.Value))}"))}";

    /// <summary>Puts together what a command line names.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="loaded">The configuration, checked.</param>
    /// <param name="policy">The file of its policy, or null.</param>
    /// <param name="skip">Its policy by hand, or null.</param>
    /// <exception cref="ConfigurationException">There are two policies, or the one by hand is wrong.</exception>
    /// <exception cref="DataException">The file of the policy is missing, damaged or another network's.</exception>
    public static ForeignCheckpoint Of(string path, LoadedConfig loaded, string? policy, string? skip)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        if (policy is not null && skip is not null)
        {
            throw new ConfigurationException($"--policy {policy} and --skip {skip} exclude each other; give one of them");
        }

        RunConfig config = loaded.Config;
        int blocks = NetworkSpec.Of(config).Backbone.BlockCount;
        return new ForeignCheckpoint(path, loaded, policy is not null ? PolicyTables.Read(policy, config.Tasks, blocks) : skip is not null ? BlockPolicy.Parse(skip, config.Tasks, blocks, "--skip") : null);
    }

    /// <summary>Builds the model and reads the weights.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="left">What the file has beside them.</param>
    /// <exception cref="AdaShareException">The file is missing or damaged, or does not fit; the network has no blocks that a policy could skip.</exception>
    public TrainedNetwork Load(Backend backend, out IReadOnlyList<string> left)
    {
        IModel model = MethodRegistry.Get(Config.Method).Build(Config, backend);
        try
        {
            if (_policy is not null && model is not SharedNetwork)
            {
                throw new ConfigurationException($"method is {Config.Method}, whose network has no blocks that a policy could skip; leave the policy out, or set the method of the checkpoint");
            }

            left = ModelWeights.Load(Path, model.Store);
            return TrainedNetwork.Of(model, _policy?.ToGates() ?? GateTable.Shared, Path, LossMode.DecodesNormals(Config));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
