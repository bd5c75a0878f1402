using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Checkpoints;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Evaluation;

/// <summary>A model with trained weights, and the gates that it was trained under.</summary>
public sealed class TrainedNetwork : IDisposable
{
    private readonly bool _decodedNormals;

    private TrainedNetwork(IModel model, GateTable gates, string checkpoint, bool decodedNormals)
    {
        Model = model;
        Gates = gates;
        Checkpoint = checkpoint;
        _decodedNormals = decodedNormals;
    }

    /// <summary>The model.</summary>
    public IModel Model { get; }

    /// <summary>Its gates.</summary>
    public GateTable Gates { get; }

    /// <summary>The file from which the weights were read.</summary>
    public string Checkpoint { get; }

    /// <summary>A model that has its weights already, which the network then owns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="gates">Its gates.</param>
    /// <param name="checkpoint">The file from which the weights were read.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    public static TrainedNetwork Of(IModel model, GateTable gates, string checkpoint, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(gates);
        return new TrainedNetwork(model, gates, checkpoint, decodedNormals);
    }

    /// <summary>Reads the weights of a model, which the network then owns.</summary>
    /// <param name="model">The model; it is disposed where the file can't be read.</param>
    /// <param name="gates">Its gates.</param>
    /// <param name="checkpoint">The file.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, another one under its name, or of another model or other gates.</exception>
    public static TrainedNetwork Load(IModel model, GateTable gates, string checkpoint, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(gates);
        try
        {
            using SafeTensorsFile file = SafeTensorsFile.Open(checkpoint);
            CheckpointLabel label = CheckpointLabel.Of(file.Metadata);
            label.RequireName(checkpoint);
            if (label.Gates.Length > 0 && label.Gates != gates.Signature)
            {
                throw new CheckpointException($"{checkpoint}: its network is used under the gates {label.Gates}, not under {gates.Signature}, which policy.json or the configuration says; bring that file back as the run wrote it");
            }

            StateEntries.Load(file, model.Store);
            return new TrainedNetwork(model, gates, checkpoint, decodedNormals);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Measures the network on a part of a data set, whose normals must be decoded or raw as in the training.</summary>
    public MetricTable Evaluate(IDataset dataset, Split split, CancellationToken stop = default) => Evaluator.Evaluate(Model, Gates, dataset, split, 0, _decodedNormals, stop);

    /// <summary>Predicts: pixels at full size, bilinearly enlarged, what speaks of the image as one pixel; in the form that <see cref="ITask.Read"/> describes.</summary>
    /// <param name="image">The image, or text.</param>
    /// <returns>The tasks, in order, with their predictions.</returns>
    public IReadOnlyList<(TaskSpec Task, Plane Prediction)> Predict(StoredInput image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var step = new Step(Model.Backend, recordGradients: false);
        var group = new InputGroup(NetworkInput.Of(step, image, Model.Input), [.. Enumerable.Range(0, Model.Tasks.Count)]);
        IReadOnlyList<Tensor> outputs = Model.Forward(step, group, ForwardContext.Evaluation(Gates));
        return [.. Model.Tasks.Select((task, t) => (task, task.Kind.Read(step, task.Label.IsOfImage ? outputs[t] : step.ResizeBilinear(outputs[t], image.Height, image.Width), _decodedNormals)))];
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
