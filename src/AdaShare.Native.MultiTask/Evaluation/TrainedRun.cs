using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;
using AdaShare.Native.MultiTask.Tasks;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.MultiTask.Evaluation;

/// <summary>A network that a run has trained, with its policy: the selected retrained one, or the hard-sharing network where the run got no further.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly LossRules _rules;

    private TrainedRun(AdaShareNetwork network, DiscretePolicy policy, LossRules rules, string checkpoint)
    {
        Network = network;
        Policy = policy;
        _rules = rules;
        Checkpoint = checkpoint;
    }

    /// <summary>The network.</summary>
    public AdaShareNetwork Network { get; }

    /// <summary>Its policy.</summary>
    public DiscretePolicy Policy { get; }

    /// <summary>The file from which the weights were read.</summary>
    public string Checkpoint { get; }

    /// <summary>Loads the best network that a run folder has.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="backend">Where to compute.</param>
    /// <exception cref="AdaShareException">The run has no finished network yet, or a file is damaged.</exception>
    public static TrainedRun Open(RunFolder folder, RunConfig config, Backend backend)
    {
        NetworkSpec spec = NetworkSpec.Of(config);
        PolicyFile? file = File.Exists(folder.Policy) ? PolicyFile.Read(folder.Policy) : null;
        (string name, DiscretePolicy policy) = file?.Selected is { } selected
            ? ($"retrain_{selected}", new DiscretePolicy(file.Sampled[selected]))
            : ("warmup", DiscretePolicy.AllOn(spec.Tasks.Count, spec.Backbone.BlockCount));
        string path = folder.Checkpoint(name);
        if (!File.Exists(path))
        {
            throw new DataException($"{path}: does not exist; the run has no finished network yet, so let it go on with: adashare train --resume {folder.Path}");
        }

        var network = new AdaShareNetwork(spec, backend);
        try
        {
            using SafeTensorsFile checkpoint = SafeTensorsFile.Open(path);
            StateEntries.Load(checkpoint, network.Store);
            return new TrainedRun(network, policy, LossRules.Of(config), path);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Measures the network on a part of a data set, whose normals must be decoded or raw as in the run.</summary>
    public MetricTable Evaluate(IDataset dataset, Split split, CancellationToken stop = default) =>
        Evaluator.Evaluate(Network, Policy, dataset, split, 0, _rules.DecodedNormals, stop);

    /// <summary>
    /// Predicts at full size, bilinearly enlarged: for seg one channel of class indices, for sn unit normals (z, y, x), for the others their value.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <returns>The tasks, in order, with their predictions.</returns>
    public IReadOnlyList<(TaskSpec Task, Plane Prediction)> Predict(BgrImage image)
    {
        using var step = new Step(Network.Backend, recordGradients: false);
        IReadOnlyList<Tensor> outputs = Network.Forward(step, NetworkInput.Of(step, image), Policy.ToGates(), training: false);
        return [.. Network.Spec.Tasks.Select((task, t) => (task, Enlarge(step, task, outputs[t], image)))];
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private Plane Enlarge(Step step, TaskSpec task, Tensor output, BgrImage image)
    {
        Tensor large = step.ResizeBilinear(output, image.Height, image.Width);
        if (task.Label == LabelKind.Segmentation)
        {
            int[] classes = step.ArgMax(large).ToArray<int>();
            return new Plane(image.Height, image.Width, 1, Array.ConvertAll(classes, static c => (float)c));
        }

        float[] values = large.ToArray<float>();
        if (task.Label == LabelKind.SurfaceNormals)
        {
            for (int i = 0; i < values.Length; i += 3)
            {
                NormalMetrics.ToUnitNormal(values.AsSpan(i, 3), _rules.DecodedNormals);
            }
        }

        return new Plane(image.Height, image.Width, task.Channels, values);
    }
}
