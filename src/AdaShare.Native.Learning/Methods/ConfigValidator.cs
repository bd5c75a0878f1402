using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Learning.Weights;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Learning.Methods;

/// <summary>
/// Checks a configuration as a whole before anything is built from it: values in range, names known, keys that depend on each other. Every error is
/// one line: the key, what was found, what was expected.
/// </summary>
public static class ConfigValidator
{
    private const int SmallestImage = 16;
    private const int LargestScene = 4096;
    private const int LongestName = 64;

    /// <summary>Three stages halve a text, of which 8 places must be left.</summary>
    private const int ShortestText = 64;
    private const int LongestText = 1 << 16;

    /// <summary>Checks everything that a training run needs.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="method">Its method, which checks its own section.</param>
    /// <exception cref="ConfigurationException">The first thing that is wrong.</exception>
    public static void Validate(RunConfig config, IMethod method)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(method);
        if (DatasetRegistry.Find(config.Dataload.Dataset) is { Inputs: InputKind.Text })
        {
            // Without them nothing says what the tasks are: they would be taken for those of images.
            RequireFolder(config.Dataload);
        }

        ValidateNetwork(config);
        CheckRun(config);
        CheckData(config);
        CheckScenes(config.Dataload.Scenes);
        Choice("loss.mode", config.Loss.Mode, "paper", "official");
        CheckSchedule(config.Train);
        CheckRates(config.Train);
        CheckNetwork(config, method);
        method.Validate(config);
        WeightingRegistry.Validate(config, method.SharesWeights);
    }

    /// <summary>Checks what decides the network alone: backbone, tasks, sizes. Enough to count parameters and multiply-adds, whatever the data set.</summary>
    /// <exception cref="ConfigurationException">The first thing that is wrong.</exception>
    public static void ValidateNetwork(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string hint = config.Backbone == "WRN" ? " (the official code's WRN, of 15 blocks, is WideResNet34_2 here)" : "";
        Require(BackboneRegistry.Find(config.Backbone) is not null, "backbone", config.Backbone, $"one of {BackboneRegistry.List}{hint}");
        CheckTasks(config);
        CheckInputs(config);
        InRange("model.width", config.Model.Width, config.Model.Width is > 0 and <= 8, "a factor above 0 and up to 8");
        InRange("model.head_width", config.Model.HeadWidth, config.Model.HeadWidth is > 0 and <= 8, "a factor above 0 and up to 8");
        InRange("model.dropout", config.Model.Dropout, config.Model.Dropout is >= 0 and < 1, "a probability from 0 up to, not including, 1");
        Choice("model.dropped_blocks", config.Model.DroppedBlocks, "auto", "skip", "compute");
        Choice("model.batch_norm", config.Model.BatchNorm, "shared", ModelConfig.PerTask);
        CheckInput(config.Dataload.Input);
    }

    /// <summary>Remarks on keys that are set and have no effect here, one line each.</summary>
    public static IReadOnlyList<string> Notices(RunConfig config, IMethod method)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(method);
        var notices = new List<string>();
        void Note(bool set, string text)
        {
            if (set)
            {
                notices.Add(text);
            }
        }

        Note(config.Paths.LogDir is not null, "paths.log_dir has no effect: logs lie in the run folder");
        Note(config.Paths.ResultDir is not null, "paths.result_dir has no effect: results lie in the run folder");
        return [.. notices, .. method.Notices(config)];
    }

    /// <summary>Checks that a method can be trained on the backbone that a configuration asks for.</summary>
    /// <param name="config">A configuration of which <see cref="ValidateNetwork"/> finds no fault.</param>
    /// <param name="method">The method.</param>
    /// <exception cref="ConfigurationException">It can't.</exception>
    public static void CheckNetwork(RunConfig config, IMethod method)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(method);
        Require(config.Model.BatchNorm != ModelConfig.PerTask || method.WithoutTaskNorms is null, "model.batch_norm", config.Model.BatchNorm, $"shared with method {method.Name}, {method.WithoutTaskNorms}");
        BackboneForm form = BackboneRegistry.Get(config.Backbone);
        BlockKind block = form.Block;
        Require(form.Blocks.Min() > 1 || method.WithoutSingleBlocks is null, "backbone", config.Backbone, $"one with two blocks or more in every stage with method {method.Name}, {method.WithoutSingleBlocks}");
        string basic = List(BackboneRegistry.All.Where(other => other.Block == BlockKind.Basic && other.Inputs == form.Inputs).Select(static form => form.Name));
        Require(block == BlockKind.Basic || method.WithoutBottlenecks is null, "backbone", config.Backbone, $"one of {basic} with method {method.Name}, {method.WithoutBottlenecks}");
    }

    private static void CheckTasks(RunConfig config)
    {
        Require(config.Tasks.Count > 0, "tasks", "an empty list", $"at least one of {List(TaskRegistry.Names)}");
        bool named = config.TaskKinds.Count > 0;
        if (named)
        {
            SameLength("task_kinds", config.TaskKinds.Count, config.Tasks.Count);
        }

        for (int i = 0; i < config.Tasks.Count; i++)
        {
            (string task, string kind) = (config.Tasks[i], named ? config.TaskKinds[i] : config.Tasks[i]);
            Require(TaskRegistry.Names.Contains(kind), named ? $"task_kinds of {task}" : "tasks", named ? kind : $"the unknown task {task}", $"any of {List(TaskRegistry.Names)}");
            Require(!named || IsName(task), "tasks", $"\"{task}\"", "names of letters, digits, - and _");
            Require(config.Tasks.Count(other => other == task) == 1, "tasks", $"{task} more than once", "each task once");
        }

        SameLength("tasks_num_class", config.TasksNumClass.Count, config.Tasks.Count);
        SameLength("lambdas", config.Lambdas.Count, config.Tasks.Count);
        for (int i = 0; i < config.Tasks.Count; i++)
        {
            (string task, int channels) = (config.Tasks[i], config.TasksNumClass[i]);
            string key = $"tasks_num_class of {task}";
            string? misfit = TaskRegistry.Find(named ? config.TaskKinds[i] : task)!.Misfit(channels);
            Require(misfit is null, key, $"{channels}", misfit ?? "");
            InRange($"lambdas of {task}", config.Lambdas[i], config.Lambdas[i] >= 0, "a weight of 0 or more");
        }

        Require(config.Lambdas.Any(weight => weight > 0), "lambdas", "zero for every task", "a weight above 0 for at least one");
    }

    /// <summary>What a task says must be possible of what the backbone reads.</summary>
    private static void CheckInputs(RunConfig config)
    {
        if (BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Text && TaskSpec.Of(config).FirstOrDefault(static task => !task.Label.IsOfImage) is { } task)
        {
            string whole = List(TaskRegistry.All.Where(static kind => kind.LabelOf(kind.Name, 1).IsOfImage).Select(static kind => kind.Name));
            throw new ConfigurationException($"tasks is {task.Name}, of each pixel; expected tasks of the kinds {whole} with backbone {config.Backbone}, which reads texts");
        }
    }

    private static bool IsName(string text) => text.Length is > 0 and <= LongestName && text.All(static c => char.IsLetterOrDigit(c) || c is '-' or '_');

    private static void CheckRun(RunConfig config)
    {
        bool isName = config.ExpName.Trim().Length > 0 && config.ExpName is not ("." or "..") && config.ExpName.IndexOfAny(['/', '\\', '\0']) < 0;
        Require(isName, "exp_name", $"\"{config.ExpName}\"", "a name that can name a folder, without slashes");
        Require(config.Seed.Count > 0, "seed", "an empty list", "at least one seed");
        Require(config.Seed.All(seed => seed >= 0), "seed", $"{config.Seed.Find(seed => seed < 0)}", "seeds of 0 or more");
        Choice("test.which_iter", config.Test.WhichIter, "best", "latest");
        Require(config.Init is null || config.Init.Trim().Length > 0, "init", "", "a file of weights, or no such key");
        Choice("init_input", config.InitInput, [.. InputConventions.Names]);
        Require(config.InitInput == InputConventions.Auto || BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Image, "init_input", config.InitInput, $"no such key with backbone {config.Backbone}, which reads texts");
        Choice("numerics", config.Numerics, "fast", "exact", "bfloat16");
    }

    private static void CheckData(RunConfig config)
    {
        DataConfig data = config.Dataload;
        string[] known = ["Scenes", .. DatasetRegistry.Names];
        Require(known.Contains(data.Dataset), "dataload.dataset", data.Dataset, $"one of {List(known)}");
        RequireFolder(data);
        Require(data.Cache is null || !string.IsNullOrWhiteSpace(data.Cache), "dataload.cache", "an empty text", "the path of a file, or no value for none");
        Require(!data.SmallRes || DatasetRegistry.Find(data.Dataset) is { KnowsSmallResolution: true }, "dataload.small_res", "True", $"False for {data.Dataset}, since it means something to {SmallResolutions()} alone");
        InputKind inputs = DatasetRegistry.Find(data.Dataset)?.Inputs ?? InputKind.Image, read = BackboneRegistry.Get(config.Backbone).Inputs;
        Require(inputs == read, "backbone", $"{config.Backbone}, which reads {read.Plural()}", $"one that reads {inputs.Plural()}, which data set {data.Dataset} holds: {BackboneRegistry.ListOf(inputs)}");
        if (inputs == InputKind.Text)
        {
            CheckTexts(data);
        }
        else
        {
            CheckImages(data);
        }

        InRange("dataload.validation_fraction", data.ValidationFraction, data.ValidationFraction is >= 0 and <= 0.5, "0 for no validation part, or a fraction up to 0.5");
        InRange("dataload.workers", data.Workers, data.Workers is >= 1 and <= 256, "1 to 256 threads");
    }

    private static void RequireFolder(DataConfig data) =>
        Require(data.Dataset == "Scenes" || !string.IsNullOrWhiteSpace(data.Dataroot), "dataload.dataroot", "nothing", $"the folder that holds {data.Dataset}; give it here or as --data DIR");

    /// <summary>What varies and resizes images has no meaning for texts: a key that somebody set is not passed over.</summary>
    private static void CheckTexts(DataConfig data)
    {
        InRange("dataload.text_length", data.TextLength, data.TextLength is >= ShortestText and <= LongestText, $"{ShortestText} to {LongestText} characters");
        var untouched = new DataConfig();
        foreach ((string key, object found, object usual) in ((string, object, object)[])
        [
            ("crop_h", data.CropH, untouched.CropH), ("crop_w", data.CropW, untouched.CropW), ("resize_h", data.ResizeH, untouched.ResizeH), ("resize_w", data.ResizeW, untouched.ResizeW),
            ("scale_min", data.ScaleMin, untouched.ScaleMin), ("scale_max", data.ScaleMax, untouched.ScaleMax), ("mirror", data.Mirror, untouched.Mirror), ("crop", data.Crop, untouched.Crop), ("scales", data.Scales.Count, 0), ("scale_depth", data.ScaleDepth, untouched.ScaleDepth), ("resized.area_min", data.Resized.AreaMin, untouched.Resized.AreaMin), ("resized.area_max", data.Resized.AreaMax, untouched.Resized.AreaMax),
            ("resized.aspect_min", data.Resized.AspectMin, untouched.Resized.AspectMin), ("resized.aspect_max", data.Resized.AspectMax, untouched.Resized.AspectMax), ("normals", data.Normals, untouched.Normals), ("input.order", data.Input.Order, untouched.Input.Order), ("input.mean", data.Input.Mean.Count, 0), ("input.deviation", data.Input.Deviation.Count, 0),
        ])
        {
            Require(found.Equals(usual), $"dataload.{key}", FormattableString.Invariant($"{found}"), $"no such key with data set {data.Dataset}: it is for images, and texts are cut and padded to dataload.text_length");
        }
    }

    private static void CheckImages(DataConfig data)
    {
        Require(data.TextLength == new DataConfig().TextLength, "dataload.text_length", $"{data.TextLength}", $"no such key with data set {data.Dataset}: it is for texts, and images are cropped to dataload.crop_h and crop_w");
        AtLeast("dataload.crop_h", data.CropH, SmallestImage);
        AtLeast("dataload.crop_w", data.CropW, SmallestImage);
        InRange("dataload.resize_h", data.ResizeH, data.ResizeH is 0 or (>= SmallestImage and <= LargestScene), $"0, or {SmallestImage} to {LargestScene} rows");
        InRange("dataload.resize_w", data.ResizeW, data.ResizeW == 0 == (data.ResizeH == 0) && data.ResizeW is 0 or (>= SmallestImage and <= LargestScene), $"0 where resize_h is 0, else {SmallestImage} to {LargestScene} columns");
        InRange("dataload.scale_min", data.ScaleMin, data.ScaleMin > 0, "a factor above 0");
        InRange("dataload.scale_max", data.ScaleMax, data.ScaleMax >= data.ScaleMin && data.ScaleMax <= 16, $"a factor from scale_min ({data.ScaleMin}) to 16");
        InRange("dataload.mirror", data.Mirror, data.Mirror is >= 0 and <= 1, "a probability from 0 to 1");
        Choice("dataload.normals", data.Normals, "auto", "decoded", "raw");
        CheckCrops(data);
    }

    /// <summary>How crops are made, and that no key is given which the chosen way passes over.</summary>
    private static void CheckCrops(DataConfig data)
    {
        Choice("dataload.crop", data.Crop, DataConfig.ScaledCrop, DataConfig.ResizedCrop);
        Require(data.Scales.TrueForAll(static scale => scale is > 0 and <= 16), "dataload.scales", $"[{string.Join(", ", data.Scales.Select(static s => FormattableString.Invariant($"{s}")))}]", "factors above 0 and up to 16, or none for all from scale_min to scale_max");
        DataConfig untouched = new();
        ResizedCropConfig usual = untouched.Resized, given = data.Resized;
        bool resizes = data.Crop == DataConfig.ResizedCrop, hasRange = (data.ScaleMin, data.ScaleMax) != (untouched.ScaleMin, untouched.ScaleMax);
        string range = FormattableString.Invariant($"{data.ScaleMin} to {data.ScaleMax}");
        Require(!hasRange || data.Scales.Count == 0, "dataload.scales", $"given beside scale_min and scale_max ({range})", "either the one or the other: leave scale_min and scale_max out where factors are listed");
        Require(!resizes || (!hasRange && data.Scales.Count == 0), "dataload.scale_min", hasRange ? $"given (with scale_max: {range})" : "replaced by dataload.scales", "none of the three with crop: resized, whose regions stand in section resized");
        Require(resizes || (given.AreaMin, given.AreaMax, given.AspectMin, given.AspectMax) == (usual.AreaMin, usual.AreaMax, usual.AspectMin, usual.AspectMax), "dataload.resized", "given", $"no such section with crop: {data.Crop}; set crop: resized");
        InRange("dataload.resized.area_min", given.AreaMin, given.AreaMin is > 0 and <= 1, "a share of the area above 0 and up to 1");
        InRange("dataload.resized.area_max", given.AreaMax, given.AreaMax >= given.AreaMin && given.AreaMax <= 1, $"a share from area_min ({given.AreaMin}) to 1");
        InRange("dataload.resized.aspect_min", given.AspectMin, given.AspectMin is >= 0.01 and <= 100, "width by height, from 0.01 to 100");
        InRange("dataload.resized.aspect_max", given.AspectMax, given.AspectMax >= given.AspectMin && given.AspectMax <= 100, $"width by height, from aspect_min ({given.AspectMin}) to 100");
    }

    /// <summary>Numbers on the scale of bytes: those of torchvision, 255 times too small, would otherwise train a network that sees thousands.</summary>
    private static void CheckInput(InputConfig input)
    {
        static string Shown(List<double> values) => $"[{string.Join(", ", values.Select(static value => value.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
        Choice("dataload.input.order", input.Order, "bgr", "rgb");
        Require(input.Mean.Count is 0 or 3 && input.Mean.TrueForAll(static m => m is >= 0 and <= 255), "dataload.input.mean", Shown(input.Mean), "three numbers from 0 to 255 in the order of the channels (torchvision's times 255), or none for ImageNet's");
        Require(input.Deviation.Count is 0 or 3 && input.Deviation.TrueForAll(static d => d is >= 1 and <= 255), "dataload.input.deviation", Shown(input.Deviation), "three numbers from 1 to 255 in the order of the channels (torchvision's times 255), or none for 1");
    }

    private static string SmallResolutions() => List([.. DatasetRegistry.All.Where(static format => format.KnowsSmallResolution).Select(static format => format.Name)]);

    private static void CheckScenes(ScenesConfig scenes)
    {
        InRange("dataload.scenes.height", scenes.Height, scenes.Height is >= SmallestImage and <= LargestScene, $"{SmallestImage} to {LargestScene} rows");
        InRange("dataload.scenes.width", scenes.Width, scenes.Width is >= SmallestImage and <= LargestScene, $"{SmallestImage} to {LargestScene} columns");
        InRange("dataload.scenes.seed", scenes.Seed, scenes.Seed >= 0, "0 or more");
        AtLeast("dataload.scenes.train1", scenes.Train1, 1);
        AtLeast("dataload.scenes.train2", scenes.Train2, 1);
        AtLeast("dataload.scenes.val", scenes.Val, 0);
        AtLeast("dataload.scenes.test", scenes.Test, 1);
    }

    private static void CheckSchedule(TrainConfig train)
    {
        AtLeast("train.batch_size", train.BatchSize, 1);
        AtLeast("train.total_iters", train.TotalIters, 1);
        AtLeast("train.retrain_total_iters", train.RetrainTotalIters ?? 1, 1);
        AtLeast("train.print_freq", train.PrintFreq, 1);
        AtLeast("train.val_freq", train.ValFreq, 0);
        AtLeast("train.val_batches", train.ValBatches, 0);
        AtLeast("train.checkpoint_freq", train.CheckpointFreq, 0);
        Choice("train.recompute", train.Recompute, "none", "blocks");
    }

    private static void CheckRates(TrainConfig train)
    {
        InRange("train.lr", train.Lr, train.Lr > 0, "a learning rate above 0");
        InRange("train.backbone_lr", train.BackboneLr, train.BackboneLr > 0, "a learning rate above 0");
        AtLeast("train.decay_lr_freq", train.DecayLrFreq, 0);
        InRange("train.beta1", train.Beta1, train.Beta1 is >= 0 and < 1, "a factor from 0 up to, not including, 1");
        InRange("train.beta2", train.Beta2, train.Beta2 is >= 0 and < 1, "a factor from 0 up to, not including, 1");
        InRange("train.weight_decay", train.WeightDecay, train.WeightDecay >= 0, "0 or more");
        InRange("train.decay_lr_rate", train.DecayLrRate, train.DecayLrRate is > 0 and <= 1, "a factor above 0 and up to 1");
    }
}
