using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Evaluation;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>What all phases of a run share: configuration, network, data, losses, and where the run stands.</summary>
internal sealed class TrainingSession : IDisposable
{
    public TrainingSession(RunConfig config, Backend backend, IDataset dataset, RunFolder folder, IRunObserver observer, RunState state)
    {
        Config = config;
        Dataset = dataset;
        Folder = folder;
        Observer = observer;
        State = state;
        Rules = LossRules.Of(config);
        NetworkSpec spec = NetworkSpec.Of(config);
        CheckData(spec);
        Network = new AdaShareNetwork(spec, backend, DType.Float32, LogitInitializer(config)) { RecomputesBlocks = config.Train.Recompute == "blocks" };
        BatchShape = TrainingLoader.Shape(config, Network.Backbone);
        Log = new RunLog(folder.Log, state.LogLength);
    }

    public RunConfig Config { get; }

    public IDataset Dataset { get; }

    public RunFolder Folder { get; }

    public IRunObserver Observer { get; }

    public RunState State { get; }

    public LossRules Rules { get; }

    public AdaShareNetwork Network { get; }

    public BatchShape BatchShape { get; }

    public RunLog Log { get; }

    public IReadOnlyList<TaskSpec> Tasks => Network.Spec.Tasks;

    /// <summary>The seed of warm-up and search.</summary>
    public ulong Seed => (ulong)Config.Seed[0];

    /// <summary>The seed of a retraining; seeds repeat, shifted, where the configuration names too few.</summary>
    public ulong RetrainSeed(int policy) => (ulong)(Config.Seed[policy % Config.Seed.Count] + (policy / Config.Seed.Count));

    /// <summary>A loader of training batches that starts at a step.</summary>
    public BatchLoader Loader(Split split, ulong seed, string name, long step)
    {
        BatchLoader loader = TrainingLoader.Open(Config, Dataset, split, BatchShape, seed, name);
        loader.Seek(step);
        return loader;
    }

    /// <summary>Measures the network on the validation part and logs it.</summary>
    public MetricTable Validate(DiscretePolicy? policy, CancellationToken stop)
    {
        MetricTable metrics = Evaluator.Evaluate(Network, policy, Dataset, Split.Validation, Config.Train.ValBatches * Config.Train.BatchSize, Rules.DecodedNormals, stop);
        Log.Write(State.Phase, State.Policy, State.Step, metrics);
        Observer.Validated(State.Phase, State.Step, metrics);
        return metrics;
    }

    /// <summary>Measures the network on the test part.</summary>
    public MetricTable Test(DiscretePolicy? policy, CancellationToken stop) =>
        Evaluator.Evaluate(Network, policy, Dataset, Split.Test, 0, Rules.DecodedNormals, stop);

    public void Dispose()
    {
        Log.Dispose();
        Network.Dispose();
    }

    private static Initializer LogitInitializer(RunConfig config) => config.Train.InitMethod switch
    {
        "equal" => Initializers.Constant(0.5),
        "random" => Initializers.Normal(0, 1e-3),
        "all_chosen" => AllChosen(config.InitNegLogits ?? throw new ConfigurationException("init_neg_logits: is empty; train.init_method all_chosen needs it, for example -10")),
        _ => throw new ConfigurationException($"train.init_method: {config.Train.InitMethod} is not known; use equal, random or all_chosen"),
    };

    private static Initializer AllChosen(double skip) => (_, _) => i => i % 2 == 0 ? 0 : skip;

    private void CheckData(NetworkSpec spec)
    {
        foreach (TaskSpec task in spec.Tasks)
        {
            if (!Dataset.Labels.Contains(task.Label))
            {
                throw new ConfigurationException($"tasks: {Dataset.Name} has no labels for {task.Name}; it has {string.Join(", ", Dataset.Labels)}");
            }

            if (task.Label == LabelKind.Segmentation && Dataset.Classes > task.Channels)
            {
                throw new ConfigurationException($"tasks_num_class: seg has {task.Channels} classes, {Dataset.Name} has {Dataset.Classes}; give at least that many");
            }
        }

        foreach (Split split in Enum.GetValues<Split>())
        {
            if (Dataset.Count(split) == 0)
            {
                throw new DataException($"{Dataset.Name}: the part {split} is empty; every part needs at least one example");
            }
        }
    }
}
