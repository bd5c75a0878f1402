using AdaShare.Native.Engine.Errors;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.MultiTask.Configuration;

/// <summary>
/// Checks a configuration as a whole before anything is built from it: values in range, names known, keys that depend on each other. Every error is
/// one line: the key, what was found, what was expected.
/// </summary>
public static class ConfigValidator
{
    private const int SmallestImage = 16;
    private const int LargestScene = 4096;

    /// <summary>Checks everything that a training run needs.</summary>
    /// <exception cref="ConfigurationException">The first thing that is wrong.</exception>
    public static void Validate(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        ValidateNetwork(config);
        CheckRun(config);
        CheckData(config);
        CheckScenes(config.Dataload.Scenes);
        CheckLosses(config);
        CheckSchedule(config.Train);
        CheckRates(config.Train);
        CheckPolicy(config);
    }

    /// <summary>Checks what decides the network alone: backbone, tasks, sizes. Enough to count parameters and multiply-adds, whatever the data set.</summary>
    /// <exception cref="ConfigurationException">The first thing that is wrong.</exception>
    public static void ValidateNetwork(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string hint = config.Backbone is "ResNet101" or "ResNet50" or "WRN" ? $" ({config.Backbone} is known from the official code and not built here)" : "";
        Require(config.Backbone is "ResNet18" or "ResNet34", "backbone", config.Backbone, "ResNet18 or ResNet34" + hint);
        Choice("policy_model", config.PolicyModel, "task-specific");
        CheckTasks(config);
        InRange("model.width", config.Model.Width, config.Model.Width is > 0 and <= 8, "a factor above 0 and up to 8");
        InRange("model.head_width", config.Model.HeadWidth, config.Model.HeadWidth is > 0 and <= 8, "a factor above 0 and up to 8");
        InRange("model.dropout", config.Model.Dropout, config.Model.Dropout is >= 0 and < 1, "a probability from 0 up to, not including, 1");
        int blocks = BackboneSpec.Of(config.Backbone).BlockCount;
        InRange("skip_layer", config.SkipLayer, config.SkipLayer >= 0 && config.SkipLayer < blocks, $"0 to {blocks - 1}, since {config.Backbone} has {blocks} blocks");
    }

    /// <summary>Remarks on keys that are set and have no effect here, one line each.</summary>
    public static IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
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
        Note(config.Train.DecayTempFreq is not null, "train.decay_temp_freq has no effect, as in the official code: the temperature decays once a search cycle");
        Note(config.Train.WhichIter is not null, "train.which_iter has no effect: the search goes on from the run's own warm-up");
        Note(config.InitNegLogits is not null && config.Train.InitMethod != "all_chosen", $"init_neg_logits has no effect with train.init_method {config.Train.InitMethod}; it belongs to all_chosen");
        return notices;
    }

    private static void CheckTasks(RunConfig config)
    {
        Require(config.Tasks.Count > 0, "tasks", "an empty list", $"at least one of {List(TaskSpec.Names)}");
        foreach (string task in config.Tasks)
        {
            Require(TaskSpec.Names.Contains(task), "tasks", $"the unknown task {task}", $"any of {List(TaskSpec.Names)}");
            Require(config.Tasks.Count(other => other == task) == 1, "tasks", $"{task} more than once", "each task once");
        }

        SameLength("tasks_num_class", config.TasksNumClass.Count, config.Tasks.Count);
        SameLength("lambdas", config.Lambdas.Count, config.Tasks.Count);
        for (int i = 0; i < config.Tasks.Count; i++)
        {
            (string task, int channels) = (config.Tasks[i], config.TasksNumClass[i]);
            string key = $"tasks_num_class of {task}";
            InRange(key, channels, task != "seg" || channels is >= 2 and <= 255, "2 to 255 classes, since label 255 is the one that is ignored");
            InRange(key, channels, task != "sn" || channels == 3, "3, the coordinates of a surface normal");
            InRange(key, channels, task is "seg" or "sn" || channels == 1, "1, since the task has one output channel");
            InRange($"lambdas of {task}", config.Lambdas[i], config.Lambdas[i] >= 0, "a weight of 0 or more");
        }

        Require(config.Lambdas.Any(weight => weight > 0), "lambdas", "zero for every task", "a weight above 0 for at least one");
    }

    private static void CheckRun(RunConfig config)
    {
        bool isName = config.ExpName.Trim().Length > 0 && config.ExpName is not ("." or "..") && config.ExpName.IndexOfAny(['/', '\\', '\0']) < 0;
        Require(isName, "exp_name", $"\"{config.ExpName}\"", "a name that can name a folder, without slashes");
        Require(config.Seed.Count > 0, "seed", "an empty list", "at least one seed");
        Require(config.Seed.All(seed => seed >= 0), "seed", $"{config.Seed.Find(seed => seed < 0)}", "seeds of 0 or more");
        AtLeast("retrain.policies", config.Retrain.Policies, 1);
        Choice("test.which_iter", config.Test.WhichIter, "best", "latest");
        Choice("numerics", config.Numerics, "fast", "exact", "bfloat16");
    }

    private static void CheckData(RunConfig config)
    {
        DataConfig data = config.Dataload;
        string hint = data.Dataset is "CityScapes" or "Taskonomy" ? $" ({data.Dataset} is known from the official code and not built here)" : "";
        Require(data.Dataset is "Scenes" or "NYU_v2", "dataload.dataset", data.Dataset, "Scenes or NYU_v2" + hint);
        Require(data.Dataset == "Scenes" || !string.IsNullOrWhiteSpace(data.Dataroot), "dataload.dataroot", "nothing", $"the folder that holds {data.Dataset}; give it here or as --data DIR");
        Require(!data.SmallRes, "dataload.small_res", "True", "False, since it belongs to CityScapes, which is not built here");
        AtLeast("dataload.crop_h", data.CropH, SmallestImage);
        AtLeast("dataload.crop_w", data.CropW, SmallestImage);
        InRange("dataload.scale_min", data.ScaleMin, data.ScaleMin > 0, "a factor above 0");
        InRange("dataload.scale_max", data.ScaleMax, data.ScaleMax >= data.ScaleMin && data.ScaleMax <= 16, $"a factor from scale_min ({data.ScaleMin}) to 16");
        InRange("dataload.mirror", data.Mirror, data.Mirror is >= 0 and <= 1, "a probability from 0 to 1");
        Choice("dataload.normals", data.Normals, "auto", "decoded", "raw");
        InRange("dataload.validation_fraction", data.ValidationFraction, data.ValidationFraction is > 0 and <= 0.5, "a fraction above 0 and up to 0.5");
        InRange("dataload.workers", data.Workers, data.Workers is >= 1 and <= 256, "1 to 256 threads");
    }

    private static void CheckScenes(ScenesConfig scenes)
    {
        InRange("dataload.scenes.height", scenes.Height, scenes.Height is >= SmallestImage and <= LargestScene, $"{SmallestImage} to {LargestScene} rows");
        InRange("dataload.scenes.width", scenes.Width, scenes.Width is >= SmallestImage and <= LargestScene, $"{SmallestImage} to {LargestScene} columns");
        InRange("dataload.scenes.seed", scenes.Seed, scenes.Seed >= 0, "0 or more");
        AtLeast("dataload.scenes.train1", scenes.Train1, 1);
        AtLeast("dataload.scenes.train2", scenes.Train2, 1);
        AtLeast("dataload.scenes.val", scenes.Val, 1);
        AtLeast("dataload.scenes.test", scenes.Test, 1);
    }

    private static void CheckLosses(RunConfig config)
    {
        Choice("loss.mode", config.Loss.Mode, "paper", "official");
        Choice("loss.sharing_weights", config.Loss.SharingWeights, "auto", "bottom", "top", "uniform");
        Choice("loss.sharing_distance", config.Loss.SharingDistance, "auto", "probability", "logit");
        Choice("loss.sparsity", config.Loss.Sparsity, "auto", "log_likelihood", "cross_entropy");
        Choice("retrain.dropped_blocks", config.Retrain.DroppedBlocks, "auto", "skip", "compute");
    }

    private static void CheckSchedule(TrainConfig train)
    {
        AtLeast("train.batch_size", train.BatchSize, 1);
        AtLeast("train.total_iters", train.TotalIters, 1);
        InRange("train.warm_up_iters", train.WarmUpIters, train.WarmUpIters >= 0 && train.WarmUpIters <= train.TotalIters, $"0 to train.total_iters ({train.TotalIters}), which counts the warm-up too");
        AtLeast("train.retrain_total_iters", train.RetrainTotalIters ?? 1, 1);
        AtLeast("train.print_freq", train.PrintFreq, 1);
        AtLeast("train.val_freq", train.ValFreq, 0);
        AtLeast("train.val_batches", train.ValBatches, 0);
        AtLeast("train.checkpoint_freq", train.CheckpointFreq, 0);
        AtLeast("train.weight_iter_alternate", train.WeightIterAlternate ?? 1, 1);
        AtLeast("train.alpha_iter_alternate", train.AlphaIterAlternate ?? 1, 1);
        Choice("train.recompute", train.Recompute, "none", "blocks");
        Choice("train.policy_iter", train.PolicyIter, "best", "latest");
    }

    private static void CheckRates(TrainConfig train)
    {
        InRange("train.lr", train.Lr, train.Lr > 0, "a learning rate above 0");
        InRange("train.backbone_lr", train.BackboneLr, train.BackboneLr > 0, "a learning rate above 0");
        InRange("train.policy_lr", train.PolicyLr, train.PolicyLr > 0, "a learning rate above 0");
        InRange("train.reg_w", train.RegW, train.RegW >= 0, "a weight of 0 or more");
        InRange("train.reg_w_hamming", train.RegWHamming, train.RegWHamming >= 0, "a weight of 0 or more");
        AtLeast("train.decay_lr_freq", train.DecayLrFreq, 0);
        InRange("train.decay_lr_rate", train.DecayLrRate, train.DecayLrRate is > 0 and <= 1, "a factor above 0 and up to 1");
        AtLeast("train.policy_decay_lr_freq", train.PolicyDecayLrFreq ?? 0, 0);
        bool together = train.PolicyDecayLrFreq is null or 0 || train.PolicyDecayLrRate is not null;
        Require(together, "train.policy_decay_lr_rate", "nothing", "a factor, since train.policy_decay_lr_freq is set");
        InRange("train.policy_decay_lr_rate", train.PolicyDecayLrRate ?? 1, train.PolicyDecayLrRate is null or (> 0 and <= 1), "a factor above 0 and up to 1");
        InRange("train.init_temp", train.InitTemp, train.InitTemp > 0, "a temperature above 0");
        InRange("train.decay_temp", train.DecayTemp, train.DecayTemp is > 0 and <= 1, "a factor above 0 and up to 1");
    }

    private static void CheckPolicy(RunConfig config)
    {
        AtLeast("curriculum_speed", config.CurriculumSpeed, 1);
        Choice("train.init_method", config.Train.InitMethod, "equal", "random", "all_chosen");
        Require(config.Train.InitMethod != "all_chosen" || config.InitNegLogits is not null, "init_neg_logits", "nothing", "the skip logit that train.init_method all_chosen starts from, for example -10");
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names);

    private static void Choice(string key, string found, params string[] allowed) =>
        Require(allowed.Contains(found), key, found, allowed.Length == 1 ? $"{allowed[0]}, the only choice" : $"one of {List(allowed)}");

    private static void AtLeast(string key, int found, int least) => InRange(key, found, found >= least, $"{least} or more");

    private static void InRange(string key, double found, bool fits, string expected) => Require(fits, key, $"{found}", expected);

    private static void SameLength(string key, int found, int tasks) =>
        Require(found == tasks, key, $"a list of {found}", $"{tasks}, one for each of tasks");

    private static void Require(bool holds, string key, string found, string expected)
    {
        if (!holds)
        {
            throw new ConfigurationException($"{key} is {(found.Length == 0 ? "empty" : found)}; expected {expected}");
        }
    }
}
