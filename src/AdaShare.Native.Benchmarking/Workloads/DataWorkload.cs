using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>The loader of a training run by itself: batches are taken as fast as they come, and given back.</summary>
public sealed class DataWorkload : IDisposable
{
    // A pass must be long beside the batches that the workers prepare beyond its end.
    private const int LeastBatches = 8;
    private const int BatchesAWorker = 2;
    private const string Name = "benchmark";

    private readonly RunConfig _config;
    private readonly BatchShape _shape;
    private readonly TrainingLoader _loader;
    private readonly Backend? _inputs;

    /// <summary>Starts the workers.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="shape">The sizes of a batch.</param>
    /// <param name="dataset">Its data set.</param>
    /// <param name="workers">Background threads.</param>
    /// <param name="inputs">Where <see cref="Pass"/> makes the network's input of each batch; null for nowhere.</param>
    public DataWorkload(RunConfig config, BatchShape shape, IDataset dataset, int workers, Backend? inputs = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(dataset);
        (_config, _shape, _inputs) = (config, shape, inputs);
        int images = shape.Count * Math.Max(LeastBatches, BatchesAWorker * (workers + 1));
        _loader = TrainingLoader.Open(config, new FirstImages(dataset, images), Split.Train, shape, seed: 1, Name, workers);
    }

    /// <summary>Images of a pass.</summary>
    public long Images => _loader.StepsPerEpoch * _shape.Count;

    /// <summary>Takes every image once.</summary>
    public void Pass()
    {
        for (long step = 0; step < _loader.StepsPerEpoch; step++)
        {
            using TrainingBatch batch = _loader.Next();
            if (_inputs is not null)
            {
                using var work = new Step(_inputs, recordGradients: false);
                foreach (BatchGroup group in batch.Groups)
                {
                    NetworkInput.Of(work, group.Data, ImageInput.Default, DType.Float32);
                }
            }
        }
    }

    /// <summary>Bytes an image that a training step copies to the device: image and targets.</summary>
    /// <param name="backend">Where to try it.</param>
    public double UploadBytes(Backend backend)
    {
        using var profiling = new ProfilingBackend(backend);
        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(_config);
        Profile profile = profiling.Profile(() =>
        {
            using TrainingBatch batch = _loader.Next();
            using var step = new Step(profiling, recordGradients: false);
            foreach (BatchGroup group in batch.Groups)
            {
                NetworkInput.Of(step, group.Data, ImageInput.Default, DType.Float32);
                foreach (TaskSpec task in group.Tasks.Select(t => tasks[t]))
                {
                    task.Kind.Loss(step, Prediction(step, task), group.Data.Targets[task.Label]);
                }
            }
        });
        return (double)profile.UploadBytes(StepSections.Data) / _shape.Count;
    }

    /// <inheritdoc/>
    public void Dispose() => _loader.Dispose();

    private Tensor Prediction(Step step, TaskSpec task)
    {
        (int height, int width) = task.Label.IsOfImage ? (1, 1) : (_shape.TargetHeight, _shape.TargetWidth);
        Tensor prediction = step.New(new Shape(_shape.Count, height, width, task.Channels), DType.Float32);
        step.Backend.Elementwise.Fill(prediction, 0);
        return prediction;
    }
}
