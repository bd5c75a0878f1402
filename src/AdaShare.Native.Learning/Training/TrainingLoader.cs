using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Training;

/// <summary>The batches that a configuration trains on: a loader for each group of tasks.</summary>
public sealed class TrainingLoader : IDisposable
{
    private readonly List<(BatchLoader Loader, IReadOnlyList<int> Tasks)> _loaders = [];

    private long _batches;

    private TrainingLoader()
    {
    }

    /// <summary>Batches an epoch: those of the group that has the fewest.</summary>
    public long StepsPerEpoch => _loaders.Min(static pair => pair.Loader.StepsPerEpoch);

    /// <summary>Passes over the data with the last batch; of several groups the one that is through first.</summary>
    public double Epoch => (double)_batches / StepsPerEpoch;

    /// <summary>The sizes of a batch of one group.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="model">The model, which decides the size of predictions.</param>
    public static BatchShape Shape(RunConfig config, IModel model)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(model);
        (int height, int width) = NetworkSpec.InputSize(config);
        Shape features = model.FeatureShape(BackboneSpec.Of(config.Backbone).InputShape(height, width));
        return new BatchShape(config.Train.BatchSize, height, width, features[1], features[2]);
    }

    /// <summary>A loader of batches, from the first step on.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="split">The part of it.</param>
    /// <param name="shape">The sizes of a batch.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">What the batches are for; other names give other orders.</param>
    /// <param name="workers">Background threads of each group; those of the configuration if null. The batches do not depend on it.</param>
    /// <exception cref="DataException">The part is empty.</exception>
    public static TrainingLoader Open(RunConfig config, IDataset dataset, Split split, BatchShape shape, ulong seed, string name, int? workers = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        DataConfig data = config.Dataload;
        AugmentationOptions augmentation = dataset.Inputs == InputKind.Text ? AugmentationOptions.None(shape.Height, shape.Width) : Variations(data, LossMode.DecodesNormals(config));
        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(config);
        IReadOnlyList<TaskGroup> groups = TaskGroup.Of(dataset, tasks);
        var loader = new TrainingLoader();
        try
        {
            for (int g = 0; g < groups.Count; g++)
            {
                Label[] labels = [.. groups[g].Tasks.Select(t => tasks[t].Label).Distinct()];
                string order = groups.Count == 1 ? name : $"{name}/{g}";
                loader._loaders.Add((new BatchLoader(groups[g].Dataset, split, labels, shape, augmentation, seed, order, workers ?? data.Workers), groups[g].Tasks));
            }

            return loader;
        }
        catch
        {
            loader.Dispose();
            throw;
        }
    }

    private static AugmentationOptions Variations(DataConfig data, bool decodedNormals) => new(data.CropH, data.CropW, data.ScaleMin, data.ScaleMax, data.Mirror, decodedNormals)
    {
        Scales = data.Scales,
        DividesDepth = data.ScaleDepth,
        Resized = data.Crop == DataConfig.ResizedCrop ? new(data.Resized.AreaMin, data.Resized.AreaMax, data.Resized.AspectMin, data.Resized.AspectMax) : null,
    };

    /// <summary>The next batch; waits until it is ready. Dispose it when it has been copied.</summary>
    /// <exception cref="DataException">A sample of the batch could not be read.</exception>
    public TrainingBatch Next()
    {
        var groups = new List<BatchGroup>(_loaders.Count);
        try
        {
            foreach ((BatchLoader loader, IReadOnlyList<int> tasks) in _loaders)
            {
                groups.Add(new BatchGroup(loader.Next(), tasks));
            }

            _batches++;
            return new TrainingBatch(groups);
        }
        catch
        {
            groups.ForEach(static group => group.Data.Dispose());
            throw;
        }
    }

    /// <summary>Goes on from the batch of a step.</summary>
    public void Seek(long step)
    {
        _loaders.ForEach(pair => pair.Loader.Seek(step));
        _batches = step;
    }

    /// <summary>Stops the threads.</summary>
    public void Dispose() => _loaders.ForEach(static pair => pair.Loader.Dispose());
}
