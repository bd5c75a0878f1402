using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Golden;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.Bench.Cases;

/// <summary>
/// One training step of the NYU v2 tasks, as the trainer's phases run it: upload, gates, forward, losses, backward, update, and the losses
/// read back. Loading and augmenting images are left out, there and here.
/// </summary>
internal sealed class StepCase : BenchCase
{
    /// <summary>Hidden channels of the published heads.</summary>
    public const int HeadChannels = 1024;

    private const double Dropout = 0.5;
    private const double LearningRate = 1e-4;
    private const double LogitRate = 0.01;
    private const double Temperature = 5;
    private const double SharingWeight = 0.05;
    private const double SparsityWeight = 0.05;
    private const ulong Seed = 1;

    private static readonly LossRules Official = new(
        SharingWeights.Top, SharingDistance.Logit, SparsityForm.CrossEntropy, WeighSparsityByDepth: false, DecodedNormals: false, DroppedBlocksSilent: true);

    private static readonly string[] CheckedWeights =
    [
        "backbone.conv1.weight", "backbone.blocks.1.0.conv1.weight", "backbone.blocks.3.1.bn2.weight", "backbone.ds.3.0.weight",
        "task1_fc1_c0.conv1.weight", "task2_fc1_c1.conv2.weight", "task3_fc1_c3.conv3.bias",
    ];

    private static int _cases;

    private readonly AdaShareNetwork _network;
    private readonly Optimizer _optimizer;
    private readonly Batch _batch;
    private readonly IReadOnlyList<TaskSpec> _tasks;
    private readonly StepKind _kind;
    private readonly int _open;
    private readonly bool _forCheck;

    // A case of its own is a step of its own: under one name for all a captured graph would count as missed whenever the case changes.
    private readonly string _key = $"bench {Interlocked.Increment(ref _cases)}";
    private long _time;

    /// <summary>Makes the network with the golden weights, its optimiser and a batch.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="shape">What is trained and how large it is.</param>
    /// <param name="forCheck">Whether dropout is off and the noise follows the golden formula.</param>
    public StepCase(Backend backend, StepShape shape, bool forCheck)
    {
        (_kind, _forCheck) = (shape.Kind, forCheck);
        _tasks = [.. Enumerable.Range(0, shape.Tasks).Select(static t => Tasks[t % Tasks.Count])];
        _network = new AdaShareNetwork(new NetworkSpec(shape.Backbone, _tasks, HeadChannels, forCheck ? 0 : Dropout, SkipLayer: 0), backend);
        GoldenFormula.Initialize(_network.Store);
        _open = Math.Min(shape.Open, _network.Spec.DecisionCount);
        bool policy = _kind == StepKind.Policy;
        _network.BackboneGroup.Trainable = _network.HeadGroup.Trainable = !policy;
        _network.LogitGroup.Trainable = policy;
        OptimizerGroup[] weights = policy ? [] : [new OptimizerGroup(_network.HeadGroup, LearningRate), new OptimizerGroup(_network.BackboneGroup, LearningRate)];
        _optimizer = _kind switch
        {
            StepKind.WarmUp => new Adam(_network.Store, weights, [_network.LogitGroup], 0.5, 0.999, weightDecay: 1e-4),
            StepKind.Weights => new Sgd(_network.Store, weights, [_network.LogitGroup], momentum: 0.9, weightDecay: 1e-4),
            _ => new Adam(_network.Store, [new OptimizerGroup(_network.LogitGroup, LogitRate)], [_network.BackboneGroup, _network.HeadGroup], weightDecay: 5e-4),
        };
        int size = shape.Size;
        Shape features = _network.Backbone.FeatureShape(new Shape(1, size, size, 3));
        _batch = BatchAssembler.Assemble(
            [.. Enumerable.Range(0, shape.Batch).Select(i => NewSample(i, size))], [.. _tasks.Select(static task => task.Label).Distinct()],
            new BatchShape(shape.Batch, size, size, features[1], features[2]));
    }

    /// <summary>The tasks of the published NYU v2 networks, with their published loss weights.</summary>
    public static IReadOnlyList<TaskSpec> Tasks { get; } = [TaskSpec.Of("seg", 40, 1), TaskSpec.Of("sn", 3, 20), TaskSpec.Of("depth", 1, 3)];

    /// <inheritdoc/>
    public override long StateBytes => sizeof(float) * (_network.Store.ParameterCount + _optimizer.State.Sum(static buffer => buffer.Tensor.Count));

    /// <inheritdoc/>
    public override void Run()
    {
        using var step = new Step(_network.Backend);
        IReadOnlyList<Tensor> losses = [];
        step.Backend.RunStep(_key, () =>
        {
            (_, losses) = Forward(step);
            _optimizer.BackwardAndStep(step, losses[^1]);
        });
        foreach (Tensor loss in losses)
        {
            if (!double.IsFinite(loss.Item()))
            {
                throw new ArgumentException("the loss is no longer finite: what is timed is not training");
            }
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, float[] Values)> Results()
    {
        List<(string Name, float[] Values)> results = Gradients();

        // What Run does, from the same start: the update that is timed is the update that is checked.
        GoldenFormula.Initialize(_network.Store);
        _time = 0;
        Run();
        string[] state = [.. Moved, "backbone.bn1.running_mean", "backbone.blocks.3.1.bn2.running_var"];
        results.AddRange(state.Where(_network.Store.Contains).Select(name => ("after." + name, _network.Store[name].Value.ToArray<float>())));
        return results;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _batch.Dispose();
        _optimizer.Dispose();
        _network.Dispose();
    }

    private string[] Moved => _kind == StepKind.Policy ? [.. _network.Logits.Select(static logits => logits.Name)] : [.. CheckedWeights.Where(_network.Store.Contains)];

    /// <summary>Outputs, losses and whole gradients of the first step, without its update.</summary>
    private List<(string Name, float[] Values)> Gradients()
    {
        using var step = new Step(_network.Backend);
        (IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> losses) = Forward(step);
        step.Backward(losses[^1]);
        var results = new List<(string Name, float[] Values)>();
        for (int t = 0; t < outputs.Count; t++)
        {
            results.Add(("output." + _tasks[t].Name, outputs[t].ToArray<float>()));
            results.Add(("loss." + _tasks[t].Name, losses[t].ToArray<float>()));
        }

        results.Add(("loss.total", losses[^1].ToArray<float>()));
        results.AddRange(Moved.Select(name => ("gradient." + name, _network.Store[name].Gradient.ToArray<float>())));
        _optimizer.ClearGradients();
        return results;
    }

    private static Sample NewSample(int i, int size)
    {
        int pixels = size * size;
        float[] classes = Uniform($"step/{i}/seg", pixels, 0, 40);
        return new Sample($"synthetic {i}", new Plane(size, size, 3, Uniform($"step/{i}/image", pixels * 3, 0, 255)), new Dictionary<LabelKind, Plane>
        {
            [LabelKind.Segmentation] = new Plane(size, size, 1, Array.ConvertAll(classes, static c => MathF.Min(39, MathF.Floor(c)))),
            [LabelKind.SurfaceNormals] = new Plane(size, size, 3, Uniform($"step/{i}/sn", pixels * 3, 1, 200)),
            [LabelKind.Depth] = new Plane(size, size, 1, Uniform($"step/{i}/depth", pixels, 0.5, 4)),
        });
    }

    /// <summary>Everything of a step but backward pass and update. The last loss is the total.</summary>
    private (IReadOnlyList<Tensor> Outputs, IReadOnlyList<Tensor> Losses) Forward(Step step)
    {
        long time = _time++;
        IReadOnlyList<IReadOnlyList<Gate>>? gates = _kind == StepKind.WarmUp
            ? null
            : SoftPolicy.Sample(step, _network, Temperature, _open, _forCheck ? GoldenNoise : SoftPolicy.Noise(Seed, time), straightThrough: false);
        IReadOnlyList<Tensor> outputs = _network.Forward(step, TaskLosses.Images(step, _batch, DType.Float32), gates, training: true, Seed, time);
        if (_forCheck)
        {
            foreach (Tensor output in outputs)
            {
                step.Keep(output);
            }
        }

        IReadOnlyList<Tensor> losses = TaskLosses.Of(step, _tasks, outputs, _batch);
        Tensor total = TaskLosses.Total(step, _tasks, losses);
        if (_kind == StepKind.Policy)
        {
            total = step.Add(total, step.Scale(PolicyRegularizer.Sharing(step, _network, Official), SharingWeight));
            total = step.Keep(step.Add(total, step.Scale(PolicyRegularizer.Sparsity(step, _network, Official, _open), SparsityWeight)));
        }

        return (outputs, [.. losses, total]);
    }

    private static Tensor GoldenNoise(Step step, int task, Shape shape, DType type) =>
        step.FromDoubles(shape, type, GoldenFormula.Gumbel(1, task + 1, (int)shape.Count));
}
