using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Training;

/// <summary>What all phases of a run share: configuration, model, data, and where the run stands.</summary>
public sealed class TrainingSession : IDisposable
{
    /// <summary>What a run says, to the console and in its results, that has nothing to choose by.</summary>
    internal const string WithoutValidation = "no validation part: the last checkpoint is used";

    internal TrainingSession(RunConfig config, IModel model, IDataset dataset, RunFolder folder, IRunObserver observer, RunState state, RunTerms terms)
    {
        Terms = terms;
        Config = config;
        Dataset = dataset;
        Folder = folder;
        Observer = observer;
        State = state;
        Model = model;
        model.RecomputesBlocks = config.Train.Recompute == "blocks";
        DecodesNormals = LossMode.DecodesNormals(config);
        HasValidation = TaskGroup.HasPart(dataset, model.Tasks, Split.Validation);
        BatchShape = TrainingLoader.Shape(config, model);
        Log = new RunLog(folder.Log, state.LogLength, terms.LogTimed);
    }

    /// <summary>The configuration.</summary>
    public RunConfig Config { get; }

    /// <summary>The data.</summary>
    public IDataset Dataset { get; }

    /// <summary>Where files go.</summary>
    public RunFolder Folder { get; }

    /// <summary>Who is told.</summary>
    public IRunObserver Observer { get; }

    /// <summary>Where the run stands.</summary>
    public RunState State { get; }

    /// <summary>What is trained.</summary>
    public IModel Model { get; }

    /// <summary>The sizes of a batch of one group of tasks.</summary>
    public BatchShape BatchShape { get; }

    /// <summary>Whether normals are decoded to [-1, 1].</summary>
    public bool DecodesNormals { get; }

    /// <summary>Whether there are images to choose by. Otherwise nothing is validated, no network has a score, and the last one of a training is its result.</summary>
    public bool HasValidation { get; }

    /// <summary>The tasks.</summary>
    public IReadOnlyList<TaskSpec> Tasks => Model.Tasks;

    /// <summary>The seed of everything random but repeated trainings.</summary>
    public ulong Seed => SeedOf(0);

    internal RunLog Log { get; }

    internal RunTerms Terms { get; }

    /// <summary>Gives what the method has found, for the next checkpoint.</summary>
    internal Func<JsonElement?> MethodState { get; set; } = static () => null;

    /// <summary>How many images a validation takes; 0 for all.</summary>
    private int ValidationImages => Config.Train.ValBatches * Config.Train.BatchSize;

    /// <summary>The seed of a repeated training; seeds repeat, shifted, where the configuration names too few.</summary>
    public ulong SeedOf(int repetition) => (ulong)(Config.Seed[repetition % Config.Seed.Count] + (repetition / Config.Seed.Count));

    /// <summary>Makes the model a fresh one: every parameter from a seed, and from the weights that the run was given to start with, if any.</summary>
    /// <param name="seed">The seed.</param>
    /// <exception cref="CheckpointException">The run's copy of those weights was lost.</exception>
    public void Initialize(ulong seed)
    {
        Model.Store.Initialize(seed);
        if (State.Init is not null)
        {
            CheckpointStore.LoadPart(this, CheckpointStore.Init, CheckpointStore.RepeatRemedy(this, "the copy of the weights that the run was given to start with"));
        }
    }

    /// <summary>Makes a policy the run's own, which goes into its state, and writes policy.json, the copy of it for readers.</summary>
    public void SetPolicy(PolicyFile policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        State.Policy = policy;
        policy.Write(Folder.Policy);
    }

    /// <summary>What the method has found so far, from the run's state.</summary>
    /// <typeparam name="T">The method's own form of it.</typeparam>
    /// <param name="type">How it is written.</param>
    /// <returns>Null where the run begins.</returns>
    /// <exception cref="CheckpointException">It is none of the method's.</exception>
    public T? ReadMethodState<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return State.Method?.Deserialize(type);
        }
        catch (JsonException error)
        {
            throw new CheckpointException($"{Folder.Latest}: what its run state says of {Config.Method} is damaged ({error.Message}); restore the file from a copy", error);
        }
    }

    /// <summary>A loader of training batches that starts at a step.</summary>
    public TrainingLoader Loader(Split split, ulong seed, string name, long step)
    {
        TrainingLoader loader = TrainingLoader.Open(Config, Dataset, split, BatchShape, seed, name);
        loader.Seek(step);
        return loader;
    }

    /// <summary>Measures the best constant answers on what <see cref="Validate"/> measures the model on: what its scores refer to.</summary>
    internal void SetReference() =>
        State.Reference = HasValidation ? TrivialPredictors.Evaluate(Tasks, Dataset, Split.Validation, ValidationImages, DecodesNormals).Copy() : [];

    /// <summary>Measures the model on the validation part, which there must be, and logs it.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="gates">The gates of the passes.</param>
    /// <param name="stop">Stops between images.</param>
    /// <param name="probability">The probability that a task runs a block [task][block], where the method learns one.</param>
    public MetricTable Validate(PhaseInfo phase, GateTable gates, CancellationToken stop, double[][]? probability = null)
    {
        ArgumentNullException.ThrowIfNull(phase);
        MetricTable metrics = Evaluator.Evaluate(Model, gates, Dataset, Split.Validation, ValidationImages, DecodesNormals, stop);
        Log.Write(phase, State, metrics, probability);
        Observer.Validated(phase, State.Step, metrics);
        RequireNumbers(phase, metrics);
        return metrics;
    }

    /// <summary>A metric that is not a number means that weights or statistics are none: what comes after would be lost work.</summary>
    private void RequireNumbers(PhaseInfo phase, MetricTable metrics)
    {
        foreach (string task in metrics.Tasks)
        {
            foreach ((string name, double value) in metrics[task])
            {
                if (double.IsNaN(value))
                {
                    throw new AdaShareException(
                        $"{name} of {task} is not a number in the validation after step {State.Step} of {phase.Title}: weights or running statistics are none; lower train.lr ({Config.Train.Lr}) or train.backbone_lr ({Config.Train.BackboneLr}) and start again");
                }
            }
        }
    }

    /// <summary>Measures the model on the test part.</summary>
    /// <param name="gates">The gates of the passes.</param>
    /// <param name="best">The validation of the network that is measured; null where it has none with a score.</param>
    /// <param name="stop">Stops between images.</param>
    public TestResult Test(GateTable gates, BestSoFar? best, CancellationToken stop)
    {
        Model.ClearDecisions();
        MetricTable metrics = Evaluator.Evaluate(Model, gates, Dataset, Split.Test, 0, DecodesNormals, stop);
        return new TestResult
        {
            Score = best?.Score,
            Step = best?.Step ?? State.Step,
            Metrics = metrics.Copy(),
            Classes = metrics.CopyClasses(),
            Decisions = Model.DecidedCost(BatchShape.Height, BatchShape.Width),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Log.Dispose();
        Model.Dispose();
    }
}
