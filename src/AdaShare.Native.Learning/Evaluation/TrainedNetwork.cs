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
        return Predict([image])[0];
    }

    /// <summary>Predicts for several images in one pass. An image's prediction differs from that by itself by rounding alone, where the numerics are not strict.</summary>
    /// <param name="images">At least one image, or text, all of one size.</param>
    /// <param name="tasks">Indices of the tasks that are predicted; all if null.</param>
    /// <returns>For each image the tasks, in order, with their predictions.</returns>
    /// <exception cref="ArgumentException">There is no image, or they are of several sizes.</exception>
    public IReadOnlyList<IReadOnlyList<(TaskSpec Task, Plane Prediction)>> Predict(IReadOnlyList<StoredInput> images, IReadOnlyList<int>? tasks = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var step = new Step(Model.Backend, recordGradients: false);
        IReadOnlyList<Tensor> outputs = Evaluator.Forward(step, Model, Gates, images, tasks);
        TaskSpec[] predicted = tasks is null ? [.. Model.Tasks] : [.. tasks.Select(t => Model.Tasks[t])];

        // Image by image: a class for each pixel begins as a number for each class, which of one image is a good deal of memory.
        return [.. images.Select((image, n) => (IReadOnlyList<(TaskSpec, Plane)>)[.. predicted.Select((task, t) => (task, Read(step, task, outputs[t], n, image)))])];
    }

    private Plane Read(Step step, TaskSpec task, Tensor outputs, int n, StoredInput image)
    {
        Tensor one = outputs.Shape[0] == 1 ? outputs : step.Slice(outputs, 0, n, 1);
        Tensor enlarged = task.Label.IsOfImage ? one : step.ResizeBilinear(one, image.Height, image.Width);
        Plane read = task.Kind.Read(step, enlarged, _decodedNormals);
        if (!ReferenceEquals(enlarged, one))
        {
            step.Release(enlarged);
        }

        if (!ReferenceEquals(one, outputs))
        {
            step.Release(one);
        }

        return read;
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
