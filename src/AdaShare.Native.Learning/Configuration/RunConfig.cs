namespace AdaShare.Native.Learning.Configuration;

/// <summary>
/// Everything that decides a run, whatever the method. Keys and sections are those of the official AdaShare files, in snake case, plus sections of our own; a default stands
/// where a file is silent. What only one method uses lies in that method's own section, see <see cref="Options{T}"/>.
/// </summary>
public sealed class RunConfig
{
    private readonly List<object> _sections = [];

    /// <summary>The method that is trained, by its name in the registry of methods, which has the default too; empty where the method is given otherwise.</summary>
    public string Method { get; set; } = "";

    /// <summary>The run's name; also its folder below <c>runs/</c> unless another is given.</summary>
    public string ExpName { get; set; } = "run";

    /// <summary>Seeds: the first one starts the search, seed i starts the i-th retraining (they repeat, shifted, if there are too few).</summary>
    public List<long> Seed { get; set; } = [88, 45, 50, 100, 44, 48, 2048, 2222];

    /// <summary>One of the names of <see cref="Networks.BackboneRegistry"/>.</summary>
    public string Backbone { get; set; } = "ResNet18";

    /// <summary>A file of weights from which the backbones of fresh networks start: safetensors, PyTorch's or ONNX, under torchvision's names or ours; heads too where the file has the same ones. Or the folder of a run, from whose network backbones and the heads of the same tasks start. Absent: from the seed.</summary>
    public string? Init { get; set; }

    /// <summary>The images that the weights of <see cref="Init"/> were trained with: <c>torchvision</c>, <c>bgr</c>, <c>own</c> (as <c>dataload.input</c> of this run), or <c>auto</c>, as the names in the file say.</summary>
    public string InitInput { get; set; } = "auto";

    /// <summary>The tasks' names, each once: those of kinds (<c>seg</c>, <c>sn</c>, <c>depth</c>, <c>keypoint</c>, <c>edge</c>, …), or the data set's own, whose kinds <see cref="TaskKinds"/> says.</summary>
    public List<string> Tasks { get; set; } = ["seg", "sn", "depth"];

    /// <summary>The kind of each task; empty where the tasks have the names of their kinds. A data set that describes its tasks fills it in.</summary>
    public List<string> TaskKinds { get; set; } = [];

    /// <summary>Output channels of each task: classes of seg and class, properties of attributes and values, 3 for sn, 1 for the others.</summary>
    public List<int> TasksNumClass { get; set; } = [40, 3, 1];

    /// <summary>The weight of each task's loss.</summary>
    public List<double> Lambdas { get; set; } = [1, 20, 3];

    /// <summary>Folders, as the official files name them.</summary>
    public PathsConfig Paths { get; set; } = new();

    /// <summary>Data.</summary>
    public DataConfig Dataload { get; set; } = new();

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

    /// <summary>How the losses of tasks are weighed against one another.</summary>
    public WeightingConfig Weighting { get; set; } = new();

    /// <summary>The test section of the official files.</summary>
    public TestConfig Test { get; set; } = new();

    /// <summary>The section of a method: its options, with their defaults until somebody sets them.</summary>
    /// <typeparam name="T">The options of the method.</typeparam>
    public T Options<T>() where T : class, new() => (T)Section(typeof(T), static () => new T());

    /// <summary>The section of a type of options, made when it is first asked for.</summary>
    /// <param name="type">The type of the options.</param>
    /// <param name="create">Makes the defaults.</param>
    public object Section(Type type, Func<object> create) => OptionSections.Of(_sections, type, create);
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
    /// <summary>The choice of <see cref="Crop"/> that scales an image and takes a window of it.</summary>
    public const string ScaledCrop = "scaled";

    /// <summary>The choice of <see cref="Crop"/> that brings a region to the crop's size.</summary>
    public const string ResizedCrop = "resized";

    /// <summary><c>Scenes</c> (procedural, the default), or the name of a kind of files: <c>NYU_v2</c>, <c>CityScapes</c>, <c>Taskonomy</c> …; docs/datasets.md has all.</summary>
    public string Dataset { get; set; } = "Scenes";

    /// <summary>The data set's folder; not needed by procedural scenes.</summary>
    public string? Dataroot { get; set; }

    /// <summary>The file that keeps decoded examples, written at the first use; null for none. Batches do not depend on it.</summary>
    public string? Cache { get; set; }

    /// <summary>Rows of a training crop.</summary>
    public int CropH { get; set; } = 321;

    /// <summary>Columns of a training crop.</summary>
    public int CropW { get; set; } = 321;

    /// <summary>
    /// How training crops are made: <c>scaled</c> (the image by a random factor, then a window of it), or <c>resized</c> (a random region of it brought to the crop's size, torchvision's
    /// <c>RandomResizedCrop</c>; see <see cref="Resized"/>).
    /// </summary>
    public string Crop { get; set; } = ScaledCrop;

    /// <summary>
    /// Rows to which images are brought when they are read, before they are varied; 0 for as they are stored. Only where all labels speak of images as a whole. With <see cref="Crop"/>
    /// <c>resized</c> it is for selection and test alone: training's regions are of images as they are stored.
    /// </summary>
    public int ResizeH { get; set; }

    /// <summary>Columns to which images are brought when they are read; 0 where <see cref="ResizeH"/> is.</summary>
    public int ResizeW { get; set; }

    /// <summary>CityScapes' switch to pictures of 128x256: of the official form the folder has them so, of the originals they are reduced. False for other data sets.</summary>
    public bool SmallRes { get; set; }

    /// <summary>The smallest factor of the random scale.</summary>
    public double ScaleMin { get; set; } = 0.5;

    /// <summary>The largest factor of the random scale.</summary>
    public double ScaleMax { get; set; } = 1.5;

    /// <summary>Factors of which each is as likely as another, in place of all from <see cref="ScaleMin"/> to <see cref="ScaleMax"/>; none for those. MTAN's are 1, 1.2 and 1.5.</summary>
    public List<double> Scales { get; set; } = [];

    /// <summary>Whether metres of depth are divided by the factor, as MTAN does: what is twice as large in the crop is half as far away. The official AdaShare code does not.</summary>
    public bool ScaleDepth { get; set; }

    /// <summary>The regions of <see cref="Crop"/> <c>resized</c>.</summary>
    public ResizedCropConfig Resized { get; set; } = new();

    /// <summary>The probability of mirroring.</summary>
    public double Mirror { get; set; } = 0.5;

    /// <summary>Characters of a text, to which longer ones are cut and shorter ones padded; of data sets of texts, to which nothing else of this section but folder, parts and workers applies.</summary>
    public int TextLength { get; set; } = 1024;

    /// <summary><c>decoded</c> to [-1, 1], <c>raw</c> 0 … 255 as the official code uses them, or <c>auto</c>: what the loss mode prescribes (paper: decoded, official: raw, but decoded for Taskonomy).</summary>
    public string Normals { get; set; } = "auto";

    /// <summary>The share of the training set held out for selection where a data set has no validation part; 0 for none, and then the last network of a training is its result.</summary>
    public double ValidationFraction { get; set; } = 0.1;

    /// <summary>Background threads that prepare batches. The batches do not depend on it.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>What networks see of a picture.</summary>
    public InputConfig Input { get; set; } = new();

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

    /// <summary>Scenes for selection; 0 for none, and then the last network of a training is its result.</summary>
    public int Val { get; set; } = 32;

    /// <summary>Scenes for the final table.</summary>
    public int Test { get; set; } = 64;
}

/// <summary>The size of the network relative to the published one.</summary>
public sealed class ModelConfig
{
    /// <summary>The choice of <see cref="BatchNorm"/> that gives each task its own.</summary>
    public const string PerTask = "per_task";

    /// <summary>The factor on the backbone's published widths, 64, 128, 256, 512 of most; they are rounded to multiples of 8, at least 8.</summary>
    public double Width { get; set; } = 1;

    /// <summary>The factor on the heads' 1024 hidden channels, 2048 of texts; rounded as <see cref="Width"/>.</summary>
    public double HeadWidth { get; set; } = 1;

    /// <summary>The heads' dropout probability.</summary>
    public double Dropout { get; set; } = 0.5;

    /// <summary>
    /// Whether blocks that a fixed policy drops are left out, or, as the official code does, computed and multiplied by zero so that they still move the
    /// running statistics: <c>skip</c>, <c>compute</c>, or <c>auto</c> (paper: skip, official: compute).
    /// </summary>
    public string DroppedBlocks { get; set; } = "auto";

    /// <summary>
    /// Whether tasks share the backbone's batch norms (<c>shared</c>) or each has its own (<c>per_task</c>): scale, shift and running statistics, with shared convolutions, as the official code has it for
    /// DomainNet, whose tasks have images of their own. Only for methods that run one shared backbone in passes of single tasks.
    /// </summary>
    public string BatchNorm { get; set; } = "shared";
}

/// <summary>The losses that differ between the paper and the official code.</summary>
public sealed class LossConfig
{
    /// <summary><c>paper</c> or <c>official</c>: sets everything that says <c>auto</c>, here, in <c>dataload</c>, <c>model</c> and in the sections of methods.</summary>
    public string Mode { get; set; } = "paper";
}

/// <summary>The schedule, the optimiser of weights, and what is written how often.</summary>
public sealed class TrainConfig
{
    /// <summary>Images a step.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>Steps of the training; for AdaShare those of warm-up and search together.</summary>
    public int TotalIters { get; set; } = 20000;

    /// <summary>
    /// Steps of the training that makes the final network: of each of AdaShare's retrainings, and of the whole training of methods that train once; <c>total_iters</c> where absent.
    /// </summary>
    public int? RetrainTotalIters { get; set; }

    /// <summary>Steps of the training that makes the final network.</summary>
    public int FinalSteps => RetrainTotalIters ?? TotalIters;

    /// <summary>The heads' learning rate.</summary>
    public double Lr { get; set; } = 0.001;

    /// <summary>The backbone's learning rate.</summary>
    public double BackboneLr { get; set; } = 0.001;

    /// <summary>The decay of the mean of gradients in the weights' Adam; the official code's 0.5.</summary>
    public double Beta1 { get; set; } = 0.5;

    /// <summary>The decay of their squares; the official code's 0.999.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>The weights' decay, an L2 term in the gradient; the official code's 1e-4.</summary>
    public double WeightDecay { get; set; } = 1e-4;

    /// <summary>Steps between log lines.</summary>
    public int PrintFreq { get; set; } = 100;

    /// <summary>Steps between validations in warm-up and retraining.</summary>
    public int ValFreq { get; set; } = 400;

    /// <summary>Batches of a validation; 0 for the whole validation part.</summary>
    public int ValBatches { get; set; }

    /// <summary>Steps between checkpoints, beside those at the end of each phase.</summary>
    public int CheckpointFreq { get; set; } = 400;

    /// <summary>Whether the state after the last step of every training that makes a final network is kept, with its optimisers, so that the run can be extended: about three times a network's size of disk.</summary>
    public bool KeepLast { get; set; } = true;

    /// <summary>Steps after which the learning rates of warm-up and retraining are multiplied by <see cref="DecayLrRate"/>; 0 for never.</summary>
    public int DecayLrFreq { get; set; } = 4000;

    /// <summary>The factor of <see cref="DecayLrFreq"/>.</summary>
    public double DecayLrRate { get; set; } = 0.5;

    /// <summary>
    /// What the backward pass computes again instead of keeping it in memory: <c>none</c>, or <c>blocks</c>, the bodies of residual blocks. Results are the same to the bit;
    /// steps take longer.
    /// </summary>
    public string Recompute { get; set; } = "none";

    /// <summary>Whether to go on from the run folder's last checkpoint if there is one.</summary>
    public bool Resume { get; set; }

    /// <summary>The same for the retraining; a resumed run continues in whatever phase it was.</summary>
    public bool RetrainResume { get; set; }
}

/// <summary>The test section of the official files.</summary>
public sealed class TestConfig
{
    /// <summary>Which retrained checkpoint is tested: <c>best</c> on the validation part, where there is one, or <c>latest</c>.</summary>
    public string WhichIter { get; set; } = "best";
}
