using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.FixedPolicy;
using AdaShare.Native.Methods.RandomPolicy;
using AdaShare.Native.Methods.Sluice;

namespace AdaShare.Native.Methods.Tests.Networks;

/// <summary>Every method on networks of bottleneck blocks and on plain ones: it trains, and its network is read back, or it refuses them in one sentence.</summary>
public sealed class BackboneMethodTests
{
    private readonly TinyTraining _training = new();

    private static IEnumerable<TestCaseData> Cases { get; } =
    [
        .. MethodRegistry.All.SelectMany(static method => new[] { "PlainResNet50", "ResNet50", "PlainResNet18" }, static (method, backbone) => new TestCaseData(method.Name, backbone)),
    ];

    [OneTimeTearDown]
    public void Release() => _training.Dispose();

    [TestCaseSource(nameof(Cases))]
    public void EveryMethodTrainsOnEveryKindOfBackboneOrRefusesIt(string method, string backbone)
    {
        RunConfig config = Config(method, backbone);
        IMethod own = MethodRegistry.Get(method);
        if (backbone != "PlainResNet18" && own.WithoutBottlenecks is { } reason)
        {
            Assert.That(() => ConfigValidator.CheckNetwork(config, own), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo(
                $"backbone is {backbone}; expected one of ResNet18, ResNet34, PlainResNet18, PlainResNet34, WideResNet28_10, WideResNet34_2 with method {method}, {reason}"));
            return;
        }

        Assert.That(() => ConfigValidator.CheckNetwork(config, own), Throws.Nothing);
        RunFolder folder = _training.NewFolder();
        var observer = new Recorder();
        MetricsFile results = _training.Train(config, folder, observer);
        Assert.That(observer.Steps.SelectMany(step => config.Tasks.Select(task => step.Losses[task])), Is.Not.Empty.And.All.Matches<double>(static loss => double.IsFinite(loss) && loss > 0));
        using (TrainedNetwork trained = own.Networks(folder, config)[^1].Load(own, config, _training.Backend))
        {
            Assert.That(trained.Model.FeatureShape(new Engine.Tensors.Shape(1, 64, 96, 3))[1], Is.EqualTo(backbone == "ResNet50" ? 9 : 2), "ceil(64 / 4) + 1 rows halved once, or 64 / 32");
            Assert.That(results.Final.Metrics.Keys, Is.EquivalentTo(config.Tasks));
        }

        Assert.That(_training.Backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
    }

    [Test]
    public void OnlyOneMethodNeedsBasicBlocks() =>
        Assert.That(MethodRegistry.All.Where(static method => method.WithoutBottlenecks is not null).Select(static method => method.Name), Is.EqualTo(new[] { "den" }));

    [Test]
    public void OnlyOneMethodNeedsTwoBlocksAStage() =>
        Assert.That(MethodRegistry.All.Where(static method => method.WithoutSingleBlocks is not null).Select(static method => method.Name), Is.EqualTo(new[] { "mtan_stage" }));

    [Test]
    public void ThePenaltyOfSluiceIsOnTheLastConvolutionOfABottleneck()
    {
        RunConfig config = Config("sluice", "PlainResNet50");
        (config.Options<SluiceOptions>().Subspaces, config.Options<SluiceOptions>().Orthogonality) = (2, 0.1);
        var observer = new Recorder();
        _training.Train(config, _training.NewFolder(), observer);
        Assert.That(observer.Steps.Select(static step => step.Losses["orthogonality"]), Is.All.GreaterThan(0));
    }

    private static RunConfig Config(string method, string backbone)
    {
        RunConfig config = TinyTraining.Config(method);
        config.Backbone = backbone;

        // Whole crops: of the few pixels at 1/32 of the size each must have a label.
        (config.Dataload.CropH, config.Dataload.CropW, config.Dataload.ScaleMin, config.Dataload.ScaleMax) = (64, 64, 2, 2);
        (config.Train.TotalIters, config.Train.RetrainTotalIters) = (4, 2);
        AdaShareOptions search = config.Options<AdaShareOptions>();
        (search.WarmUpIters, search.WeightIterAlternate, search.AlphaIterAlternate, search.Policies) = (1, 1, 1, 1);
        config.Options<FixedPolicyOptions>().Skip = "seg:1;sn:5";
        config.Options<RandomPolicyOptions>().Share = 0.25;
        return config;
    }
}
