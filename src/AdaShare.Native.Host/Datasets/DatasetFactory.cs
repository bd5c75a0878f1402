using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Datasets;

/// <summary>The one place where a configuration becomes a data set.</summary>
public static class DatasetFactory
{
    /// <summary>Opens the data set of a configuration.</summary>
    /// <exception cref="ConfigurationException">A value does not fit the data set.</exception>
    /// <exception cref="DataException">Its folder or a file is missing or damaged.</exception>
    public static IDataset Open(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        DataConfig data = config.Dataload;
        bool decoded = LossMode.DecodesNormals(config);
        return data.Dataset switch
        {
            ConfigLoader.ProceduralScenes => new ProceduralScenes(new ProceduralSceneOptions
            {
                Seed = (ulong)data.Scenes.Seed,
                Height = data.Scenes.Height,
                Width = data.Scenes.Width,
                TrainWeights = data.Scenes.Train1,
                TrainPolicy = data.Scenes.Train2,
                Validation = data.Scenes.Val,
                Test = data.Scenes.Test,
                DecodeNormals = decoded,
            }),
            "NYU_v2" => new NyuV2Dataset(data.Dataroot ?? "", new NyuV2Options
            {
                // The split that the folder does not state is the same for every seed of the run, so that seeds can be compared.
                Classes = Classes(config),
                Labels = [.. TaskSpec.Of(config).Select(task => task.Label)],
                DecodeNormals = decoded,
                ValidationFraction = data.ValidationFraction,
            }),
            _ => throw new ConfigurationException($"dataload.dataset is {data.Dataset}; expected Scenes or NYU_v2"),
        };
    }

    /// <summary>The name and the sizes of a data set in one line.</summary>
    public static string Describe(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        (int weights, int policy) = (dataset.Count(Split.TrainWeights), dataset.Count(Split.TrainPolicy));
        return $"{dataset.Name}, {weights + policy} images to train on ({weights} for weights and {policy} for the policy during the search), "
            + $"{dataset.Count(Split.Validation)} for selection, {dataset.Count(Split.Test)} held out for the test";
    }

    /// <summary>Puts the folder of <c>--data</c> in the place of a configuration's.</summary>
    /// <param name="config">The configuration to change.</param>
    /// <param name="folder">The folder, or null to leave it.</param>
    /// <exception cref="ConfigurationException">The data set has no folder.</exception>
    public static void UseFolder(RunConfig config, string? folder)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (folder is not null && config.Dataload.Dataset == ConfigLoader.ProceduralScenes)
        {
            throw new ConfigurationException($"--data {folder}: procedural scenes need no data; leave it out, or choose a data set with --preset nyu_v2_samples or --set dataload.dataset=NYU_v2");
        }

        config.Dataload.Dataroot = folder ?? config.Dataload.Dataroot;
    }

    private static int? Classes(RunConfig config)
    {
        int seg = config.Tasks.IndexOf("seg");
        return seg < 0 ? null : config.TasksNumClass[seg];
    }
}
