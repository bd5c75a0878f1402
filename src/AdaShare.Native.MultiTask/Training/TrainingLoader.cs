using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>The batches that a configuration trains on.</summary>
public static class TrainingLoader
{
    /// <summary>The sizes of a batch.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="backbone">The backbone, which decides the size of predictions.</param>
    public static BatchShape Shape(RunConfig config, Backbone backbone)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(backbone);
        Shape features = backbone.FeatureShape(new Shape(1, config.Dataload.CropH, config.Dataload.CropW, 3));
        return new BatchShape(config.Train.BatchSize, config.Dataload.CropH, config.Dataload.CropW, features[1], features[2]);
    }

    /// <summary>A loader of batches, from the first step on.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="split">The part of it.</param>
    /// <param name="shape">The sizes of a batch.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">What the batches are for; other names give other orders.</param>
    /// <param name="workers">Background threads; those of the configuration if null. The batches do not depend on it.</param>
    /// <exception cref="DataException">The part is empty.</exception>
    public static BatchLoader Open(RunConfig config, IDataset dataset, Split split, BatchShape shape, ulong seed, string name, int? workers = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        DataConfig data = config.Dataload;
        var augmentation = new AugmentationOptions(data.CropH, data.CropW, data.ScaleMin, data.ScaleMax, data.Mirror, LossRules.Of(config).DecodedNormals);
        return new BatchLoader(dataset, split, [.. TaskSpec.Of(config).Select(static task => task.Label)], shape, augmentation, seed, name, workers ?? data.Workers);
    }
}
