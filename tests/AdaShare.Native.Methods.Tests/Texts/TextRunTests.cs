using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.FixedPolicy;
using AdaShare.Native.Methods.RandomPolicy;
using AdaShare.Native.Methods.Tests.Runs;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Methods.Tests.Texts;

/// <summary>Runs on generated texts whose classes lie in their words, each task with texts of its own.</summary>
public sealed class TextRunTests
{
    private const int Length = 64;

    private readonly RunFolders _folders = new();
    private string _data = "";
    private IDataset _texts = null!;

    private static string[] Methods { get; } = [.. MethodRegistry.Names];

    // Methods with one phase and with several, one of which looks at a text and decides.
    private static string[] Resumed { get; } = ["hard_sharing", "adashare", "blockdrop"];

    [OneTimeSetUp]
    public void WriteTexts()
    {
        _data = Directory.CreateTempSubdirectory("adashare-texts-").FullName;
        TextCsv.Write(_data, "news", 0, classes: 3, train: 120, test: 24);
        TextCsv.Write(_data, "reviews", 1, classes: 2, train: 80, test: 20);
        TextCsv.Write(_data, "topics", 2, classes: 4, train: 120, test: 24);
        _texts = DatasetRegistry.Get("Text").Open(new DatasetRequest(_data) { TextLength = Length });
    }

    [OneTimeTearDown]
    public void Remove()
    {
        Directory.Delete(_data, recursive: true);
        _folders.Dispose();
    }

    /// <summary>All phases: warm-up, search, retraining, and hard sharing beside it. A constant is right in 33, 50 and 25 of 100 texts.</summary>
    [Test]
    public void AdaShareBeatsTheBestConstantAnswersClearly()
    {
        using var backend = new CpuBackend();
        RunConfig config = Config("adashare");
        (config.Train.TotalIters, config.Train.RetrainTotalIters, config.Train.BatchSize, config.Train.ValFreq) = (36, 60, 12, 0);
        (config.Train.Lr, config.Train.BackboneLr) = (0.003, 0.003);
        AdaShareOptions search = config.Options<AdaShareOptions>();
        (search.WarmUpIters, search.WeightIterAlternate, search.AlphaIterAlternate) = (20, 4, 4);
        var observer = new Recorder();
        MetricsFile results = Train(backend, config, _folders.New(), observer);

        Assert.That(observer.Phases.Select(static phase => phase.Key).Distinct(), Is.EqualTo(new[] { "warm_up", "search", "retrain" }));
        Assert.That(observer.Steps.Any(static step => step.Updates == "policy"), "the policy is learnt");
        Assert.That(results.Policy, Is.Not.Null);
        foreach (string task in config.Tasks)
        {
            double trivial = results.Trivial[task]["accuracy"], reached = results.Final.Metrics[task]["accuracy"];
            Assert.That(reached, Is.GreaterThan(trivial + (0.5 * (100 - trivial))), $"{task}: a constant has {trivial}");
            Assert.That(results.Final.Metrics[task]["cross_entropy"], Is.LessThan(0.8 * results.Trivial[task]["cross_entropy"]), task);
        }

        Assert.That((results.Cost.Height, results.Cost.Width), Is.EqualTo((1, Length)));
    }

    [TestCaseSource(nameof(Methods))]
    public void EveryMethodTrainsAndIsMeasured(string method)
    {
        using var backend = new CpuBackend();
        RunConfig config = Config(method);
        IMethod own = MethodRegistry.Get(method);
        RunFolder folder = _folders.New();
        var observer = new Recorder();
        MetricsFile results = Train(backend, config, folder, observer);
        Assert.That(observer.Steps.SelectMany(static step => step.Losses.Values), Is.Not.Empty.And.All.Matches<double>(double.IsFinite));
        using (TrainedNetwork trained = own.Networks(folder, config)[^1].Load(own, config, backend))
        {
            Assert.That(trained.Evaluate(_texts, Split.Test).Copy(), Is.EqualTo(results.Final.Metrics), "the network that lies there says what was measured");
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
    }

    [TestCaseSource(nameof(Resumed))]
    public void AnInterruptedRunGivesTheSameBytes(string method)
    {
        using var backend = new CpuBackend();
        Interruptions.GiveTheSameBytes(_folders, (folder, observer, resume, stop) => Train(backend, Config(method), folder, observer, resume, stop));
    }

    [Test]
    public void ARunKnowsItsTextsByTheirFiles()
    {
        DataManifest before = DataManifest.Of(_texts);
        Assert.That(before.Datasets.SelectMany(static entry => entry.Parts.Values).Select(static part => part.Count), Is.All.EqualTo(1), "millions of rows are not listed");
        Assert.That(before.Difference(DataManifest.Of(DatasetRegistry.Get("Text").Open(new DatasetRequest(_data) { TextLength = Length }))), Is.Null);

        string folder = Directory.CreateTempSubdirectory("adashare-texts-").FullName;
        try
        {
            TextCsv.Write(folder, "news", 0, classes: 3, train: 120, test: 24);
            TextCsv.Write(folder, "reviews", 1, classes: 2, train: 80, test: 20);
            string changed = Path.Combine(TextCsv.Write(folder, "topics", 2, classes: 4, train: 120, test: 24), "train.csv");
            File.WriteAllText(changed, File.ReadAllText(changed).Replace("twice\"\n\"2\"", "Twice\"\n\"2\"", StringComparison.Ordinal));
            Assert.That(Difference(), Is.EqualTo("Text (topics), part TrainWeights: the file of 86 of 120 rows of topics/train.csv (" + Sign(before) + ") has another content"));

            string classes = Path.Combine(TextCsv.Write(folder, "topics", 2, classes: 4, train: 120, test: 24), "classes.txt");
            File.WriteAllText(classes, File.ReadAllText(classes).Replace("class 2", "class two", StringComparison.Ordinal));
            Assert.That(Difference(), Is.EqualTo("Text (topics), label topics: name 2 was 'class 2', now it is 'class two'"));

            TextCsv.Write(folder, "topics", 2, classes: 4, train: 100, test: 24);
            Assert.That(Difference(), Does.Match(@"^Text \(topics\), part TrainWeights: 86 of 120 rows of topics/train\.csv \([0-9a-f]{16}\) then, 72 of 100 rows of topics/train\.csv \([0-9a-f]{16}\) now$"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string? Difference() => before.Difference(DataManifest.Of(DatasetRegistry.Get("Text").Open(new DatasetRequest(folder) { TextLength = Length })));
        static string Sign(DataManifest manifest) => manifest.Datasets[2].Parts["TrainWeights"][0].Split('(', ')')[1];
    }

    [Test]
    public void ANetworkOfImagesIsRefusedBeforeAnyWork()
    {
        using var backend = new CpuBackend();
        RunConfig config = Config("hard_sharing");
        config.Backbone = "ResNet18";
        RunFolder folder = _folders.New();
        Assert.That(() => Train(backend, config, folder, new Recorder()), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo(
            "backbone is ResNet18, which reads images; expected one that reads texts, which Text holds: VDCNN9, VDCNN17, VDCNN29, VDCNN49"));
        Assert.That(Directory.Exists(folder.Path), Is.False);
    }

    private static RunConfig Config(string method)
    {
        var config = new RunConfig
        {
            Method = method,
            Backbone = method == "mtan_stage" ? "VDCNN17" : "VDCNN9",
            Tasks = ["news", "reviews", "topics"],
            TaskKinds = ["class", "class", "class"],
            TasksNumClass = [3, 2, 4],
            Lambdas = [1, 1, 1],
            Seed = [88, 45],
        };
        (config.Dataload.Dataset, config.Dataload.Dataroot, config.Dataload.TextLength) = ("Text", "texts", Length);
        (config.Model.Width, config.Model.HeadWidth, config.Model.Dropout) = (0.125, 1.0 / 64, 0.1);
        config.Model.BatchNorm = MethodRegistry.Get(method).WithoutTaskNorms is null ? ModelConfig.PerTask : "shared";
        (config.Train.BatchSize, config.Train.TotalIters, config.Train.RetrainTotalIters, config.Train.PrintFreq, config.Train.ValFreq, config.Train.CheckpointFreq, config.Train.DecayLrFreq) = (3, 6, 4, 1, 2, 2, 0);
        AdaShareOptions search = config.Options<AdaShareOptions>();
        (search.WarmUpIters, search.CurriculumSpeed, search.WeightIterAlternate, search.AlphaIterAlternate, search.Policies) = (2, 1, 1, 1, 1);
        config.Options<FixedPolicyOptions>().Skip = "news:1;topics:2";
        config.Options<RandomPolicyOptions>().Share = 0.25;
        return config;
    }

    private MetricsFile Train(CpuBackend backend, RunConfig config, RunFolder folder, Recorder observer, bool resume = false, CancellationToken stop = default)
    {
        IMethod method = MethodRegistry.Get(config.Method);
        if (config.Backbone.StartsWith("VDCNN", StringComparison.Ordinal))
        {
            ConfigValidator.Validate(config, method);
        }

        return Trainer.Run(method, config, backend, _texts, folder, observer, resume, stop);
    }
}
