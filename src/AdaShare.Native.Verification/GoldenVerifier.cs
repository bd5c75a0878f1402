using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Verification;

/// <summary>
/// Runs the steps and the evaluation that a golden file records, from the same weights, images and noise, and compares every recorded quantity.
/// </summary>
public sealed class GoldenVerifier : IDisposable
{
    private const int StepShift = 16;
    private const double FirstStepBound = 2e-5;
    private const double LaterStepBound = 1e-3;

    // The official code's constants are the defaults.
    private static readonly TrainConfig Train = new();
    private static readonly AdaShareOptions Options = new();

    private readonly GoldenFile _file;
    private readonly GoldenImages _images;
    private readonly AdaShareNetwork _network;
    private readonly DType _type;
    private readonly List<GoldenRow> _rows = [];
    private Optimizer? _weights;
    private Optimizer? _logits;

    /// <summary>Builds the network that the file describes, with the golden weights.</summary>
    /// <param name="file">The golden file.</param>
    /// <param name="dataDirectory">The folder of the images, in the NYU v2 layout.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="type">Float32, or Float64 for a comparison to the last digits.</param>
    /// <param name="activations">BFloat16 to store activations in it; anything else for <paramref name="type"/>.</param>
    /// <exception cref="AdaShareException">The file describes something that is not built here, or an image is missing.</exception>
    public GoldenVerifier(GoldenFile file, string dataDirectory, Backend backend, DType type = DType.Float32, DType activations = DType.Float32)
    {
        _file = file;
        _type = type;
        TaskSpec[] tasks = [.. file.Tasks.Select((name, i) => TaskOf(name, file.Classes[i], file.Lambdas[i], type))];
        BackboneSpec backbone = BackboneSpec.Of(file.Backbone);
        _images = new GoldenImages(dataDirectory, tasks);
        _network = new AdaShareNetwork(new NetworkSpec(backbone, tasks, HeadChannels: 1024, Dropout: 0) { Activations = activations }, backend, type);
        GoldenFormula.Initialize(_network.Store);
    }

    /// <summary>The comparisons so far.</summary>
    public IReadOnlyList<GoldenRow> Rows => _rows;

    /// <summary>Quantities that the file records under names that are not known here: they could not be compared.</summary>
    public IReadOnlyList<string> Unknown { get; private set; } = [];

    /// <summary>Runs everything that the file records.</summary>
    /// <param name="progress">Is told of each part before it runs; may be null.</param>
    /// <param name="stop">Stops between steps.</param>
    /// <exception cref="DataException">The file does not record what it should.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public void Run(Action<string>? progress = null, CancellationToken stop = default) => GoldenJson.Explain(_file.Path, () =>
    {
        CompareAll(progress, stop);
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights?.Dispose();
        _logits?.Dispose();
        _network.Dispose();
    }

    private void CompareAll(Action<string>? progress, CancellationToken stop)
    {
        CompareCounts();
        JsonElement truth = _file.Double.Member("steps"), single = _file.Single.Member("steps");
        for (int k = 0; k < _file.Steps.Count; k++)
        {
            stop.ThrowIfCancellationRequested();
            progress?.Invoke($"step {k} of {_file.Steps.Count}: {_file.Steps[k].Phase}");
            RunStep(k, new GoldenComparer($"step {k} {_file.Steps[k].Phase}", truth.Item(k), single.Item(k), k == 0 ? FirstStepBound : LaterStepBound, _rows));
        }

        if (_file.Evaluation is { } evaluation)
        {
            progress?.Invoke($"evaluation of {evaluation.Ids.Count} images");
            var evaluator = new GoldenEvaluator(_network, _images, evaluation, _type, stop);
            Unknown = evaluator.Compare(_file.Double.Member("evaluation"), _file.Single.Member("evaluation"), _rows);
        }
    }

    private void CompareCounts()
    {
        var comparer = new GoldenComparer("network", _file.Double, _file.Single, 0, _rows);
        foreach ((string key, long count) in new[] { ("parameters", _network.Store.ParameterCount), ("state_entries", _network.Store.StateCount) })
        {
            if (_file.Double.TryGetProperty(key, out _))
            {
                comparer.Value(key, key, count);
            }
        }
    }

    private void RunStep(int k, GoldenComparer comparer)
    {
        GoldenStep golden = _file.Steps[k];
        bool warmUp = golden.Phase == "warmup", policy = golden.Phase == "policy";
        if (!warmUp && !policy && golden.Phase != "weights")
        {
            throw new DataException($"{_file.Path}: step {k} has the phase {golden.Phase}; phases are warmup, weights and policy");
        }

        PrepareOptimizers(warmUp);
        WeightOptimizers.Train(_network, weights: !policy);
        using var batch = new TrainingBatch(
            _images.Crop(_file.Ids, _file.Row + (StepShift * k), _file.Column + (StepShift * k), _file.Height, _file.Width, _network.Backbone), _network.Tasks.Count);
        int open = golden.OpenBlocks ?? _network.DecisionCount;
        using var step = new Step(_network.Backend);
        TrainingStep.Run(step, _network, batch, new StepPlan($"golden/{k}", policy ? _logits! : _weights!, Seed: 0, k)
        {
            InputType = _type,
            Gates = warmUp ? null : s => Rounded(s, SoftPolicy.Sample(s, _network, _file.Temperature, open, Noise(k), straightThrough: false)),
            Regularizers = policy ? s => Regularizers(s, open) : null,
            Inspect = losses => CompareStep(comparer, losses),
        });
        CompareState(comparer.Part("after"), "after", static p => p.Value);
    }

    /// <summary>The task of a name, in double precision with the cast that the official code makes.</summary>
    private static TaskSpec TaskOf(string name, int channels, double lambda, DType type)
    {
        TaskSpec task = TaskSpec.Of(name, channels, lambda);
        return type == DType.Float64 && task.Kind.LabelKind == LabelKind.SurfaceNormals ? task with { Kind = new OfficialNormals() } : task;
    }

    /// <summary>Gates as the official code has them: in single precision, whatever the rest computes in.</summary>
    private GateTable Rounded(Step step, GateTable gates) => _type == DType.Float32 ? gates : GateTable.PerTask(
        [.. Enumerable.Range(0, gates.Tasks).Select(t => Enumerable.Range(0, gates.Blocks).Select(b =>
            gates[t, b] is { Weights: { } weights } ? Gate.Soft(step.Cast(step.Cast(weights, DType.Float32), _type)) : gates[t, b]).ToArray())]);

    private WeightedLoss[] Regularizers(Step step, int open) =>
    [
        new("hamming", _file.SharingWeight, PolicyRegularizer.Sharing(step, _network, LossRules.Official)),
        new("sparsity", _file.SparsityWeight, PolicyRegularizer.Sparsity(step, _network, LossRules.Official, open)),
    ];

    /// <summary>Adam during the warm-up; SGD and Adam made anew at the first later step.</summary>
    private void PrepareOptimizers(bool warmUp)
    {
        OptimizerGroup[] Groups() => [new OptimizerGroup(_network.HeadGroup, _file.LearningRate), new OptimizerGroup(_network.BackboneGroup, _file.BackboneLearningRate)];
        if (warmUp && _weights is null)
        {
            _weights = new Adam(_network.Store, Groups(), [_network.LogitGroup], Train.Beta1, Train.Beta2, weightDecay: Train.WeightDecay);
        }
        else if (!warmUp && _logits is null)
        {
            _weights?.Dispose();
            _weights = new Sgd(_network.Store, Groups(), [_network.LogitGroup], Options.Momentum, Train.WeightDecay);
            _logits = new Adam(
                _network.Store, [new OptimizerGroup(_network.LogitGroup, Options.PolicyLr)], [_network.BackboneGroup, _network.HeadGroup], Options.PolicyBeta1, Options.PolicyBeta2,
                weightDecay: Options.PolicyWeightDecay);
        }
    }

    private static GumbelSource Noise(int k) => GumbelSource.Given((task, count) => GoldenFormula.Gumbel(k, task + 1, count));

    private void CompareStep(GoldenComparer comparer, StepLosses found)
    {
        Dictionary<string, Tensor> losses = found.Extra.ToDictionary(static extra => extra.Name, static extra => extra.Loss);
        losses["total"] = found.Total;
        for (int t = 0; t < found.OfTasks.Count; t++)
        {
            losses[_network.Tasks[t].Name] = found.OfTasks[t];
        }

        IReadOnlyList<Tensor> outputs = found.Outputs;
        GoldenComparer loss = comparer.Part("loss");
        foreach (JsonProperty property in loss.Truth.Members())
        {
            if (losses.TryGetValue(property.Name, out Tensor? value))
            {
                loss.Value("loss " + property.Name, property.Name, value.Item());
            }
            else
            {
                throw new DataException($"{_file.Path}: a step records the loss {property.Name}, which this run does not have; it has {string.Join(", ", losses.Keys)}");
            }
        }

        GoldenComparer output = comparer.Part("output");
        for (int t = 0; t < outputs.Count; t++)
        {
            string task = _file.Tasks[t];
            output.Tensor("output " + task, task, GoldenImages.ChannelsFirst(outputs[t]));
        }

        CompareState(comparer.Part("gradient"), "gradient", static p => p.HasGradient
            ? p.Gradient
            : throw new DataException($"the file records a gradient of {p.Name}, but none reaches it in this step"));
    }

    private void CompareState(GoldenComparer comparer, string what, Func<Parameter, Tensor> tensor)
    {
        foreach (JsonProperty property in comparer.Truth.Members())
        {
            comparer.Tensor($"{what} {property.Name}", property.Name, tensor(_network.Store[property.Name]).ToDoubles());
        }
    }
}
