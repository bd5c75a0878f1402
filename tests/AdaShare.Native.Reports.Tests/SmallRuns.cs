using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Reports.RunPages;
using AdaShare.Native.Reports.TensorBoard;

namespace AdaShare.Native.Reports.Tests;

/// <summary>Finished runs of very small networks, trained once for all tests.</summary>
[SetUpFixture]
public sealed class SmallRuns
{
    public const int TestImages = 3;

    private static readonly string Root = Path.Combine(Path.GetTempPath(), $"adashare-report-{Guid.NewGuid():N}");

    /// <summary>A run of AdaShare with two policies and hard sharing beside it, with its predictions as markup.</summary>
    public static (RunFiles Files, string Samples) AdaShare { get; private set; }

    /// <summary>A run of hard sharing.</summary>
    public static RunFiles HardSharing { get; private set; } = null!;

    [OneTimeSetUp]
    public void Train()
    {
        using var backend = new CpuBackend();
        RunConfig config = Config("adashare");
        AdaShare = Train(backend, config, "ada <b>&amp;\"share\"");
        HardSharing = Train(backend, Config("hard_sharing"), "hard").Files;
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(Root, recursive: true);

    /// <summary>A run like that of the preset quick with a third of its steps, for pictures of a page: a minute or two.</summary>
    public static (RunFiles Files, string Samples) TrainForPictures()
    {
        RunConfig config = Config("adashare");
        (config.Model.Width, config.Model.HeadWidth, config.Model.Dropout, config.Lambdas) = (0.25, 0.125, 0.1, [1, 4, 3]);
        (config.Dataload.CropH, config.Dataload.CropW, config.Dataload.ScaleMin, config.Dataload.ScaleMax) = (64, 64, 1, 1);
        TrainConfig train = config.Train;
        (train.BatchSize, train.TotalIters, train.RetrainTotalIters, train.PrintFreq, train.ValFreq) = (16, 280, 220, 10, 40);
        (train.Lr, train.BackboneLr, train.DecayLrFreq, train.DecayLrRate) = (0.002, 0.002, 60, 0.4);
        AdaShareOptions search = config.Options<AdaShareOptions>();
        (search.WarmUpIters, search.WeightIterAlternate, search.AlphaIterAlternate, search.PolicyLr, search.RegW, search.DecayTemp) = (120, 8, 5, 0.05, 0.006, 0.85);
        using var backend = new CpuBackend();
        return Train(backend, config, "small-run", new ProceduralSceneOptions { Height = 80, Width = 80, TrainWeights = 1000, TrainPolicy = 250, Validation = 16, Test = 32 });
    }

    private static (RunFiles Files, string Samples) Train(CpuBackend backend, RunConfig config, string name) =>
        Train(backend, config, name, new ProceduralSceneOptions { Height = 36, Width = 48, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = TestImages });

    private static (RunFiles Files, string Samples) Train(CpuBackend backend, RunConfig config, string name, ProceduralSceneOptions data)
    {
        var scenes = new ProceduralScenes(data);
        var folder = new RunFolder(Path.Combine(Root, name));
        IMethod method = MethodRegistry.Get(config.Method);
        method.Validate(config);
        using var events = new EventObserver(new Silent(), folder, TaskSpec.Of(config), new Dictionary<string, object> { ["method"] = config.Method, ["train.lr"] = config.Train.Lr, ["train.batch_size"] = config.Train.BatchSize, ["plain"] = true }, config.Train.PrintFreq);
        MetricsFile results = Trainer.Run(method, config, backend, scenes, folder, events, resume: false, CancellationToken.None);
        using TrainedNetwork network = method.Networks(folder, config)[^1].Load(method, config, backend);
        events.Finish(results, EventPictures.Of(network, scenes, 2, decodedNormals: true, CancellationToken.None));
        return (RunFiles.Read(folder, config, method), SampleSection.Of(network, scenes, images: 2, decodedNormals: true));
    }

    private static RunConfig Config(string method)
    {
        var config = new RunConfig { Method = method, Tasks = ["seg", "sn", "depth"], TasksNumClass = [13, 3, 1], Lambdas = [1, 1, 1], Seed = [88, 45] };
        (config.Model.Width, config.Model.HeadWidth) = (0.125, 1.0 / 128);
        (config.Dataload.CropH, config.Dataload.CropW) = (32, 40);
        config.Train.BatchSize = 2;
        config.Train.TotalIters = 10;
        config.Train.RetrainTotalIters = 5;
        (config.Train.PrintFreq, config.Train.ValFreq) = (1, 2);
        AdaShareOptions search = config.Options<AdaShareOptions>();
        (search.WarmUpIters, search.CurriculumSpeed, search.WeightIterAlternate, search.AlphaIterAlternate, search.Policies, search.CompareHardSharing) = (2, 1, 2, 2, 2, true);
        return config;
    }

    /// <summary>An observer that does nothing.</summary>
    internal sealed class Silent : IRunObserver
    {
        public void Notice(string text)
        {
        }

        public void PhaseStarted(PhaseInfo phase, long step)
        {
        }

        public void StepDone(StepRecord record)
        {
        }

        public void Validated(PhaseInfo phase, long step, MetricTable metrics)
        {
        }

        public void CheckpointSaved(string path)
        {
        }
    }
}
