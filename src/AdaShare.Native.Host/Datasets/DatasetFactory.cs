using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Caching;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Datasets;

/// <summary>The one place where a configuration becomes a data set.</summary>
public static class DatasetFactory
{
    private const string OwnFolder = "Folder";

    /// <summary>Opens the data set of a configuration.</summary>
    /// <exception cref="ConfigurationException">A value does not fit the data set.</exception>
    /// <exception cref="DataException">Its folder or a file is missing or damaged.</exception>
    public static IDataset Open(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        DataConfig data = config.Dataload;
        bool decoded = LossMode.DecodesNormals(config);
        IDataset stored = data.Dataset != ConfigLoader.ProceduralScenes
            ? DatasetRegistry.Get(data.Dataset).Open(new DatasetRequest(data.Dataroot ?? "")
            {
                Tasks = [.. TaskSpec.Of(config).Select(static task => new TaskLabel(task.Name, task.Label, task.Channels))],
                DecodeNormals = decoded,
                ValidationFraction = data.ValidationFraction,
                SmallResolution = data.SmallRes,
                TextLength = data.TextLength,
                Images = PictureFile.Images,
            })
            : new ProceduralScenes(new ProceduralSceneOptions
            {
                Seed = (ulong)data.Scenes.Seed,
                Height = data.Scenes.Height,
                Width = data.Scenes.Width,
                TrainWeights = data.Scenes.Train1,
                TrainPolicy = data.Scenes.Train2,
                Validation = data.Scenes.Val,
                Test = data.Scenes.Test,
                DecodeNormals = decoded,
            });
        return data.ResizeH > 0 ? new ResizedDataset(stored, data.ResizeH, data.ResizeW, leavesTraining: data.Crop == DataConfig.ResizedCrop) : stored;
    }

    /// <summary>Opens the data set of a configuration, through its cache where it has one; that is written before where there is none.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="rebuild">Whether the cache is made anew.</param>
    /// <param name="say">Is told of the cache, a line at a time.</param>
    /// <param name="stop">Ends the writing of the cache.</param>
    /// <returns>The data set; dispose it where it can be disposed.</returns>
    /// <exception cref="ConfigurationException">A value does not fit the data set, or a cache is to be made anew and there is none.</exception>
    /// <exception cref="DataException">The data set's folder or a file is missing or damaged, or the cache is another one's, damaged, or can't be written.</exception>
    public static IDataset OpenCached(RunConfig config, bool rebuild, Action<string> say, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(config);
        RequireCache(config, rebuild);
        IDataset dataset = Open(config);
        return config.Dataload.Cache is { } path ? DatasetCache.Open(dataset, path, rebuild, say, stop) : dataset;
    }

    /// <summary>Refuses to make a cache anew where none is named.</summary>
    public static void RequireCache(RunConfig config, bool rebuild)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (rebuild && config.Dataload.Cache is null)
        {
            throw new ConfigurationException("--cache-rebuild: no cache is named; give its file with --cache, or leave --cache-rebuild out");
        }
    }

    /// <summary>
    /// Takes over what a data set says of its tasks, where a configuration has not said it: all of its tasks where none are chosen, and of those chosen their kinds, channels and weights.
    /// </summary>
    /// <param name="config">The configuration to complete.</param>
    /// <param name="isGiven">Whether somebody has set a key.</param>
    /// <exception cref="ConfigurationException">A task is chosen that the data set doesn't have.</exception>
    /// <exception cref="DataException">The data set's folder or description is missing or damaged.</exception>
    public static void TakeTasks(RunConfig config, Func<string, bool> isGiven)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(isGiven);
        if (config.TaskKinds.Count > 0 || DatasetRegistry.Find(config.Dataload.Dataset) is not { } format)
        {
            return;
        }

        string? root = config.Dataload.Dataroot;
        IReadOnlyList<DatasetTask> offered = string.IsNullOrWhiteSpace(root) ? format.Tasks : format.TasksOf(root);
        if (offered.Count == 0)
        {
            return;
        }

        string[] chosen = isGiven("tasks") ? [.. config.Tasks] : [.. offered.Select(static task => task.Name)];
        DatasetTask[] tasks = [.. chosen.Select(name => offered.FirstOrDefault(task => task.Name == name) ?? throw new ConfigurationException(
            $"tasks: {root ?? format.Name} has no task {name}; it has {string.Join(", ", offered.Select(static task => task.Name))}"))];
        config.Tasks = [.. chosen];
        config.TaskKinds = [.. tasks.Select(static task => task.Kind)];
        config.TasksNumClass = isGiven("tasks_num_class") ? config.TasksNumClass : [.. tasks.Select(static task => task.Channels)];
        config.Lambdas = isGiven("lambdas") ? config.Lambdas : [.. tasks.Select(static task => task.Weight)];
    }

    /// <summary>Takes over what a folder says that networks see of its pictures, where a configuration says nothing of it: mean, deviation and order belong together.</summary>
    /// <param name="config">The configuration to complete.</param>
    /// <param name="isGiven">Whether somebody has set a key.</param>
    /// <exception cref="DataException">The folder or its description is missing or damaged.</exception>
    public static void TakeInput(RunConfig config, Func<string, bool> isGiven)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(isGiven);
        bool isSaid = new[] { "mean", "deviation", "order" }.Any(key => isGiven($"dataload.input.{key}"));
        if (!isSaid && config.Dataload.Dataroot is { } root && !string.IsNullOrWhiteSpace(root) && DatasetRegistry.Find(config.Dataload.Dataset)?.InputOf(root) is { } input)
        {
            config.Dataload.Input = InputConfig.Of(input);
        }
    }

    /// <summary>Whether a folder says by itself what its tasks are.</summary>
    public static bool Describes(string folder) => DatasetRegistry.Find(OwnFolder)!.Recognizes(folder);

    /// <summary>The name and the sizes of a data set in one line.</summary>
    public static string Describe(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        (int weights, int policy) = (dataset.Count(Split.TrainWeights), dataset.Count(Split.TrainPolicy));
        return $"{dataset.Name}, {weights + policy} {dataset.Inputs.Plural()} to train on ({weights} for weights and {policy} for the policy during the search), "
            + $"{(dataset.Count(Split.Validation) is > 0 and int held ? $"{held}" : "none")} for selection, {dataset.Count(Split.Test)} held out for the test";
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
            throw new ConfigurationException($"--data {folder}: {WhatLiesThere(folder)}; procedural scenes need no data: leave it out, or choose a data set with --preset, or --set dataload.dataset= one of {string.Join(", ", DatasetRegistry.Names)}");
        }

        config.Dataload.Dataroot = folder ?? config.Dataload.Dataroot;
    }

    private static string WhatLiesThere(string folder) => !Directory.Exists(folder) ? File.Exists(folder) ? "is a file" : "there is no such folder"
        : DatasetRegistry.All.FirstOrDefault(format => format.Recognizes(folder)) is { } known ? $"looks like data set {known.Name}"
        : $"there is no dataset.yaml in it (adashare data new {folder} proposes one)";
}
