using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>Predictions for one batch of random images, from the images in the host's memory to the predictions there, in evaluation mode.</summary>
public sealed class InferenceWorkload : IDisposable
{
    private readonly SharedNetwork _network;
    private readonly Shape _shape;
    private readonly float[] _images;

    /// <summary>Makes the network with the golden weights, and the images.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="backbone">The backbone.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="headChannels">Hidden channels of the heads.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="batch">The most images that are predicted together.</param>
    /// <param name="activations">The type in which activations are stored: BFloat16, or anything else for single precision.</param>
    /// <exception cref="Engine.Errors.ConfigurationException">No array holds so many images.</exception>
    public InferenceWorkload(
        Backend backend, BackboneSpec backbone, IReadOnlyList<TaskSpec> tasks, int headChannels, int height, int width, int batch = 1, DType activations = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        _images = SyntheticData.Images(batch, height, width);
        _shape = new Shape(batch, height, width, 3);
        _network = new SharedNetwork(new NetworkSpec(backbone, tasks, headChannels, Dropout: 0) { Activations = activations }, backend);
        GoldenFormula.Initialize(_network.Store);
    }

    /// <summary>Predicts.</summary>
    /// <param name="policy">How.</param>
    /// <param name="images">How many images, at most those that the workload has.</param>
    /// <returns>Each task's prediction, [images, h, w, channels] at an eighth of the size.</returns>
    public float[][] Predict(InferencePolicy policy, int images = 1)
    {
        ArgumentNullException.ThrowIfNull(policy);
        using var step = new Step(_network.Backend, recordGradients: false);
        Tensor input;
        using (step.Backend.EnterSection(StepSections.Data))
        {
            Shape shape = _shape.With(0, images);
            input = step.FromHost<float>(shape, _images.AsSpan(0, (int)shape.Count));
        }

        IReadOnlyList<Tensor> outputs = policy.IsSeparate ? Separately(step, input) : _network.Forward(step, new InputGroup(input, [.. Enumerable.Range(0, _network.Tasks.Count)]), ForwardContext.Evaluation(policy.Policy?.ToGates() ?? GateTable.Shared));
        using SectionScope section = step.Backend.EnterSection(StepSections.Data);
        return [.. outputs.Select(static output => output.ToArray<float>())];
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>The backbone anew for each task.</summary>
    private Tensor[] Separately(Step step, Tensor input)
    {
        var alone = ExecutionPlan.Shared(1, _network.Backbone.Blocks.Count, training: false);
        var outputs = new Tensor[_network.Heads.Count];
        Tensor images = _network.Spec.ToActivations(step, input);
        for (int t = 0; t < outputs.Length; t++)
        {
            using SectionScope section = step.Backend.EnterSection(StepSections.Backbone);
            using TaskFeatures features = _network.Backbone.Forward(step, images, alone, GateTable.Shared);
            using SectionScope head = step.Backend.EnterSection(StepSections.Heads);
            outputs[t] = _network.Heads[t].Forward(step, features.Of(0), training: false, seed: 0, time: 0);
        }

        return outputs;
    }
}
