using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.FixedPolicy;
using AdaShare.Native.Methods.RandomPolicy;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.ImageLabels;

/// <summary>Runs whose tasks speak of images as a whole, a class, properties and a number, of which some images lack some.</summary>
public sealed class ImageLabelRunTests
{
    private readonly RunFolders _folders = new();

    private static string[] Methods { get; } = [.. MethodRegistry.Names];

    // Methods with one phase and with several, one of which decides for each image.
    private static string[] Resumed { get; } = ["hard_sharing", "cross_stitch", "adashare", "blockdrop"];

    [OneTimeTearDown]
    public void RemoveFolders() => _folders.Dispose();

    [TestCaseSource(nameof(Methods))]
    public void EveryMethodTrainsAndIsMeasured(string method)
    {
        using var backend = new CpuBackend();
        RunConfig config = Config(method);
        RunFolder folder = _folders.New();
        var observer = new Recorder();
        MetricsFile results = Train(backend, config, folder, observer);
        Assert.That(observer.Steps, Has.Count.GreaterThanOrEqualTo(2));
        Assert.That(observer.Steps.SelectMany(static step => step.Losses.Values), Is.All.Matches<double>(double.IsFinite));
        Assert.That(observer.Steps.Any(static step => step.Losses.ContainsKey("numbers") && step.Losses["numbers"] > 0));
        Assert.That(results.Final.Metrics.Keys, Is.EquivalentTo(config.Tasks));
        Assert.That(results.Final.Metrics["class"].Keys, Is.EquivalentTo(new[] { "accuracy", "class_accuracy", "f1", "cross_entropy" }));
        Assert.That(results.Final.Metrics["numbers"], Does.ContainKey("mae"));

        // The network that lies there says what was measured.
        IMethod kind = MethodRegistry.Get(method);
        using (TrainedNetwork trained = kind.Networks(folder, config)[^1].Load(kind, config, backend))
        {
            Assert.That(trained.Evaluate(new LabelledImages(), Split.Test).Copy(), Is.EqualTo(results.Final.Metrics));
            Plane image = Evaluator.Predict(trained.Model, trained.Gates, new LabelledImages().Load(Split.Test, 0, []).Image)[1];
            Assert.That((image.Height, image.Width, image.Channels), Is.EqualTo((1, 1, 2)));
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
    public void TrivialAnswersAreMeasuredOverWhatIsKnown()
    {
        // Of nine training images 3 and 7 have no class: blue 0 and 6, green 1 and 4, red 2, 5 and 8, so the answer is red; of the test's 12 to 15 the last has none, and 14 is red.
        var data = new LabelledImages();
        MetricTable table = TrivialPredictors.Evaluate(Learning.Tasks.TaskSpec.Of(Config("hard_sharing")), data, Split.Test, limit: 0, decodedNormals: true);
        Assert.That(table["class"]["accuracy"], Is.EqualTo(100 / 3.0).Within(1e-9));

        // Numbers of 0, 1, 3, 4, 6 and 7 tenths: the upper median is 0.4; the test has 1.2, 1.3 and 1.5.
        Assert.That(table["numbers"]["mae"], Is.EqualTo(((1.2 + 1.3 + 1.5) / 3) - 0.4).Within(1e-6));

        // Odd: 4 of 9, so no; right for 12 and 14. Coloured: always where it is known, and it is known of 13, 14 and 15.
        Assert.That(table["properties"]["accuracy"], Is.EqualTo((50 + 100) / 2.0).Within(1e-9));
    }

    private static RunConfig Config(string method)
    {
        RunConfig config = TinyTraining.Config(method);
        (config.Tasks, config.TaskKinds, config.TasksNumClass, config.Lambdas) = (["class", "properties", "numbers"], ["class", "attributes", "values"], [3, 2, 1], [1, 1, 1]);
        config.Train.RetrainTotalIters = 2;
        config.Train.TotalIters = 8;
        config.Options<AdaShareOptions>().Policies = 1;
        if (method == "fixed_policy")
        {
            config.Options<FixedPolicyOptions>().Skip = "class:1,4;numbers:2";
        }
        else if (method == "random_policy")
        {
            config.Options<RandomPolicyOptions>().Share = 0.3;
        }

        return config;
    }

    private static MetricsFile Train(CpuBackend backend, RunConfig config, RunFolder folder, Recorder observer, bool resume = false, CancellationToken stop = default)
    {
        IMethod method = MethodRegistry.Get(config.Method);
        ConfigValidator.Validate(config, method);
        return Trainer.Run(method, config, backend, new LabelledImages(), folder, observer, resume, stop);
    }
}
