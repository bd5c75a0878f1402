namespace AdaShare.Native.MultiTask.Configuration;

/// <summary>
/// Everything that decides a run. Keys and sections are those of the official AdaShare files, in snake case, plus sections of our own
/// (<c>model</c>, <c>loss</c>, <c>scenes</c>, <c>retrain</c>); a default stands where a file is silent.
/// </summary>
public sealed class RunConfig
{
    /// <summary>The run's name; also its folder below <c>runs/</c> unless another is given.</summary>
    public string ExpName { get; set; } = "adashare";

    /// <summary>Seeds: the first one starts the search, seed i starts the i-th retraining (they repeat, shifted, if there are too few).</summary>
    public List<long> Seed { get; set; } = [88, 45, 50, 100, 44, 48, 2048, 2222];

    /// <summary><c>ResNet18</c> or <c>ResNet34</c>.</summary>
    public string Backbone { get; set; } = "ResNet18";

    /// <summary>Any of <c>seg</c>, <c>sn</c>, <c>depth</c>, <c>keypoint</c>, <c>edge</c>, each at most once.</summary>
    public List<string> Tasks { get; set; } = ["seg", "sn", "depth"];

    /// <summary>Output channels of each task: classes of seg, 3 for sn, 1 for the others.</summary>
    public List<int> TasksNumClass { get; set; } = [40, 3, 1];

    /// <summary>The weight of each task's loss.</summary>
    public List<double> Lambdas { get; set; } = [1, 20, 3];

    /// <summary>Only <c>task-specific</c>: one policy a task.</summary>
    public string PolicyModel { get; set; } = "task-specific";

    /// <summary>Folders, as the official files name them.</summary>
    public PathsConfig Paths { get; set; } = new();

    /// <summary>Data.</summary>
    public DataConfig Dataload { get; set; } = new();

    /// <summary>Whether a policy is learnt; false trains the hard-sharing network only.</summary>
    public bool Policy { get; set; } = true;

    /// <summary>The skip logit under <c>init_method: all_chosen</c>, for example -10.</summary>
    public double? InitNegLogits { get; set; }

    /// <summary>Whether the sparsity loss is used.</summary>
    public bool IsSparse { get; set; } = true;

    /// <summary>Whether the sharing loss is used.</summary>
    public bool IsSharing { get; set; } = true;

    /// <summary>The number of first blocks that have no decision and always run.</summary>
    public int SkipLayer { get; set; }

    /// <summary>Whether decisions are opened from the last block towards the first; false opens all at once.</summary>
    public bool IsCurriculum { get; set; } = true;

    /// <summary>Search cycles until one more block is opened.</summary>
    public int CurriculumSpeed { get; set; } = 3;

    /// <summary>Whether scale and shift of the backbone's batch norms stay frozen after the warm-up (not the down-sampling ones, as in the official code).</summary>
    [ConfigKey("fix_BN")]
    public bool FixBatchNorm { get; set; }

    /// <summary>Whether the sharing loss, and without sharing the sparsity loss, weighs blocks by depth.</summary>
    public bool DiffSparsityWeights { get; set; } = true;

    /// <summary>Whether retraining starts from the weights of the search instead of fresh ones.</summary>
    public bool RetrainFromPl { get; set; }

    /// <summary>
    /// How training may round: <c>fast</c> (on the CPU Winograd where it is cheaper, on a GPU factors of TF32), <c>exact</c> (every product of the definition in single precision)
    /// or, on a GPU only, <c>bfloat16</c> (activations and their gradients are stored in it; weights, sums, statistics and losses are in single precision). It belongs to the run, because a run that goes on must round as it did before.
    /// </summary>
    public string Numerics { get; set; } = "fast";

    /// <summary>The network's size.</summary>
    public ModelConfig Model { get; set; } = new();

    /// <summary>The losses.</summary>
    public LossConfig Loss { get; set; } = new();

    /// <summary>The schedule.</summary>
    public TrainConfig Train { get; set; } = new();

    /// <summary>The last phase.</summary>
    public RetrainConfig Retrain { get; set; } = new();

    /// <summary>The test section of the official files.</summary>
    public TestConfig Test { get; set; } = new();
}

/// <summary>Folders of the official files. Everything of a run lies in one folder, so only <see cref="CheckpointDir"/> matters.</summary>
public sealed class PathsConfig
{
    /// <summary>Read for compatibility; logs lie in the run folder.</summary>
    public string? LogDir { get; set; }

    /// <summary>Read for compatibility; results lie in the run folder.</summary>
    public string? ResultDir { get; set; }

    /// <summary>The folder below which the run folder <c>exp_name</c> is made when the command line names none.</summary>
    public string? CheckpointDir { get; set; }
}

/// <summary>Where images come from and how they are varied.</summary>
public sealed class DataConfig
{
    /// <summary><c>Scenes</c> (procedural, the default) or <c>NYU_v2</c>.</summary>
    public string Dataset { get; set; } = "Scenes";

    /// <summary>The data set's folder; not needed by procedural scenes.</summary>
    public string? Dataroot { get; set; }

    /// <summary>Rows of a training crop.</summary>
    public int CropH { get; set; } = 321;

    /// <summary>Columns of a training crop.</summary>
    public int CropW { get; set; } = 321;

    /// <summary>CityScapes' switch to half resolution; must be false for the data sets that are supported.</summary>
    public bool SmallRes { get; set; }

    /// <summary>The smallest factor of the random scale.</summary>
    public double ScaleMin { get; set; } = 0.5;

    /// <summary>The largest factor of the random scale.</summary>
    public double ScaleMax { get; set; } = 1.5;

    /// <summary>The probability of mirroring.</summary>
    public double Mirror { get; set; } = 0.5;

    /// <summary><c>decoded</c> to [-1, 1], <c>raw</c> 0 … 255 as the official code uses them, or <c>auto</c>: what the loss mode prescribes (paper: decoded, official: raw).</summary>
    public string Normals { get; set; } = "auto";

    /// <summary>The share of the training set held out for selection where a data set has no validation part.</summary>
    public double ValidationFraction { get; set; } = 0.1;

    /// <summary>Background threads that prepare batches. The batches do not depend on it.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>Sizes of procedural scenes.</summary>
    public ScenesConfig Scenes { get; set; } = new();
}

/// <summary>The procedural data set.</summary>
public sealed class ScenesConfig
{
    /// <summary>Rows of an image.</summary>
    public int Height { get; set; } = 96;

    /// <summary>Columns of an image.</summary>
    public int Width { get; set; } = 128;

    /// <summary>The seed of the scenes, apart from the run's.</summary>
    public long Seed { get; set; } = 1;

    /// <summary>Scenes on which weights are trained during the search.</summary>
    public int Train1 { get; set; } = 320;

    /// <summary>Scenes on which the policy is learnt.</summary>
    public int Train2 { get; set; } = 80;

    /// <summary>Scenes for selection.</summary>
    public int Val { get; set; } = 32;

    /// <summary>Scenes for the final table.</summary>
    public int Test { get; set; } = 64;
}

/// <summary>The size of the network relative to the published one.</summary>
public sealed class ModelConfig
{
    /// <summary>The factor on the backbone's channels 64, 128, 256, 512; channels are rounded to multiples of 8, at least 8.</summary>
    public double Width { get; set; } = 1;

    /// <summary>The factor on the heads' 1024 hidden channels; rounded as <see cref="Width"/>.</summary>
    public double HeadWidth { get; set; } = 1;

    /// <summary>The heads' dropout probability.</summary>
    public double Dropout { get; set; } = 0.5;
}

/// <summary>The losses that differ between the paper and the official code.</summary>
public sealed class LossConfig
{
    /// <summary><c>paper</c> or <c>official</c>: sets everything below that says <c>auto</c>.</summary>
    public string Mode { get; set; } = "paper";

    /// <summary>Block weights of the sharing loss: <c>bottom</c> ((L - l) / L, paper), <c>top</c> ((l + 1) / L, official), <c>uniform</c>, or <c>auto</c>.</summary>
    public string SharingWeights { get; set; } = "auto";

    /// <summary>What the sharing loss compares: <c>probability</c> (paper), <c>logit</c> (official), or <c>auto</c>.</summary>
    public string SharingDistance { get; set; } = "auto";

    /// <summary><c>log_likelihood</c> (sum of log alpha, paper), <c>cross_entropy</c> (mean of -log(1 - alpha), official), or <c>auto</c>.</summary>
    public string Sparsity { get; set; } = "auto";
}

/// <summary>The schedule of warm-up and search.</summary>
public sealed class TrainConfig
{
    /// <summary>Images a step.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>Steps of warm-up and search together.</summary>
    public int TotalIters { get; set; } = 20000;

    /// <summary>Steps of the warm-up.</summary>
    public int WarmUpIters { get; set; } = 4000;

    /// <summary>Steps of each retraining; <c>total_iters</c> where absent.</summary>
    public int? RetrainTotalIters { get; set; }

    /// <summary>The heads' learning rate.</summary>
    public double Lr { get; set; } = 0.001;

    /// <summary>The backbone's learning rate.</summary>
    public double BackboneLr { get; set; } = 0.001;

    /// <summary>The logits' learning rate.</summary>
    public double PolicyLr { get; set; } = 0.01;

    /// <summary>The weight of the sparsity loss.</summary>
    public double RegW { get; set; } = 0.001;

    /// <summary>The weight of the sharing loss.</summary>
    public double RegWHamming { get; set; } = 0.05;

    /// <summary>Steps between log lines.</summary>
    public int PrintFreq { get; set; } = 100;

    /// <summary>Steps between validations in warm-up and retraining.</summary>
    public int ValFreq { get; set; } = 400;

    /// <summary>Batches of a validation; 0 for the whole validation part.</summary>
    public int ValBatches { get; set; }

    /// <summary>Steps between checkpoints, beside those at the end of each phase.</summary>
    public int CheckpointFreq { get; set; } = 400;

    /// <summary>Steps after which the learning rates of warm-up and retraining are multiplied by <see cref="DecayLrRate"/>; 0 for never.</summary>
    public int DecayLrFreq { get; set; } = 4000;

    /// <summary>The factor of <see cref="DecayLrFreq"/>.</summary>
    public double DecayLrRate { get; set; } = 0.5;

    /// <summary>The same as <see cref="DecayLrFreq"/> for the weights during the search; absent means constant.</summary>
    public int? PolicyDecayLrFreq { get; set; }

    /// <summary>The factor of <see cref="PolicyDecayLrFreq"/>.</summary>
    public double? PolicyDecayLrRate { get; set; }

    /// <summary>Read for compatibility: the official code has this key and never uses it; the temperature decays once a search cycle.</summary>
    public int? DecayTempFreq { get; set; }

    /// <summary>The Gumbel temperature at the start of the search.</summary>
    public double InitTemp { get; set; } = 5;

    /// <summary>The factor on the temperature after each search cycle.</summary>
    public double DecayTemp { get; set; } = 0.965;

    /// <summary>
    /// What the backward pass computes again instead of keeping it in memory: <c>none</c>, or <c>blocks</c>, the bodies of residual blocks. Results are the same to the bit;
    /// steps take longer.
    /// </summary>
    public string Recompute { get; set; } = "none";

    /// <summary>Whether to go on from the run folder's last checkpoint if there is one.</summary>
    public bool Resume { get; set; }

    /// <summary>The same for the retraining; a resumed run continues in whatever phase it was.</summary>
    public bool RetrainResume { get; set; }

    /// <summary>Which policy is sampled for retraining: <c>best</c> on the validation part, or <c>latest</c>.</summary>
    public string PolicyIter { get; set; } = "best";

    /// <summary>Read for compatibility: the official code starts the search from this checkpoint; a run here always goes on from its own.</summary>
    public string? WhichIter { get; set; }

    /// <summary><c>equal</c> (0.5), <c>random</c> (1e-3 normal) or <c>all_chosen</c> (0 and <c>init_neg_logits</c>).</summary>
    public string InitMethod { get; set; } = "equal";

    /// <summary>Whether gates are one-hot in the forward pass with the soft sample's gradient (straight-through).</summary>
    public bool HardSampling { get; set; }

    /// <summary>Weight steps a search cycle; absent means one epoch of the weights' part.</summary>
    public int? WeightIterAlternate { get; set; }

    /// <summary>Policy steps a search cycle; absent means one epoch of the policy's part.</summary>
    public int? AlphaIterAlternate { get; set; }
}

/// <summary>Sampling policies and retraining them.</summary>
public sealed class RetrainConfig
{
    /// <summary>How many discrete policies are sampled from the learnt distribution, each retrained on its own.</summary>
    public int Policies { get; set; } = 8;

    /// <summary>
    /// Whether blocks that a task drops are left out, or, as the official code does, computed and multiplied by zero so that they still move the
    /// running statistics: <c>skip</c>, <c>compute</c>, or <c>auto</c> (paper: skip, official: compute).
    /// </summary>
    public string DroppedBlocks { get; set; } = "auto";
}

/// <summary>The test section of the official files.</summary>
public sealed class TestConfig
{
    /// <summary>Which retrained checkpoint is tested: <c>best</c> on the validation part, or <c>latest</c>.</summary>
    public string WhichIter { get; set; } = "best";
}
