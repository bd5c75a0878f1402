using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.FixedPolicy;
using AdaShare.Native.Methods.RandomPolicy;

namespace AdaShare.Native.Methods.Tests.Networks;

/// <summary>Batch norms of each task's own, over images that the tasks share: methods that take them train and go on exactly, the others refuse them.</summary>
public sealed class TaskNormTests
{
    private readonly TinyTraining _training = new();

    private static string[] Taking { get; } = [.. MethodRegistry.All.Where(static method => method.WithoutTaskNorms is null).Select(static method => method.Name)];

    private static string[] Refusing { get; } = [.. MethodRegistry.All.Where(static method => method.WithoutTaskNorms is not null).Select(static method => method.Name)];

    [OneTimeTearDown]
    public void Release() => _training.Dispose();

    [Test]
    public void EveryMethodOfOneSharedBackboneTakesThem() => Assert.That(Taking, Is.EquivalentTo(new[]
    {
        "adashare", "hard_sharing", "fixed_policy", "random_policy", "stochastic_depth", "adashare_instance", "adashare_rl", "blockdrop",
    }));

    [TestCaseSource(nameof(Taking))]
    public void ARunInPiecesGivesTheSameFiles(string method)
    {
        RunConfig config = Config(method);
        RunFolder whole = _training.NewFolder(), pieces = _training.NewFolder();
        MetricsFile results = _training.Train(config, whole);
        _training.TrainInPieces(config, pieces);
        string folder = Path.GetDirectoryName(whole.Latest)!;
        string[] checkpoints = [.. Directory.GetFiles(folder).Where(file => file != whole.Latest)];
        Assert.That(checkpoints, Is.Not.Empty);
        foreach (string checkpoint in checkpoints)
        {
            Assert.That(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(pieces.Latest)!, Path.GetFileName(checkpoint))), Is.EqualTo(File.ReadAllBytes(checkpoint)), Path.GetFileName(checkpoint));
        }

        Assert.That(Untimed.Metrics(pieces.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(_training.Backend.Memory.LiveBuffers, Is.Zero, "runs leave nothing behind");
        Assert.That(results.Final.Metrics.Keys, Is.EquivalentTo(config.Tasks));

        // What is trained is each task's own norms: they start alike and end apart.
        Dictionary<string, double[]> state = _training.State(config, MethodRegistry.Get(method).Networks(whole, config)[^1].Checkpoint);
        Assert.That(state["backbone.task0_bn1.weight"], Is.Not.EqualTo(state["backbone.task1_bn1.weight"]));
        Assert.That(state.Keys, Has.None.EqualTo("backbone.bn1.weight"));
    }

    [TestCaseSource(nameof(Refusing))]
    public void OthersRefuseThemInOneSentence(string method)
    {
        RunConfig config = Config(method);
        string reason = MethodRegistry.Get(method).WithoutTaskNorms!;
        Assert.That(() => ConfigValidator.CheckNetwork(config, MethodRegistry.Get(method)), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo($"model.batch_norm is per_task; expected shared with method {method}, {reason}"));
        Assert.That(reason, Does.StartWith("wh"), "the end of a sentence about the method");
        config.Model.BatchNorm = "shared";
        Assert.That(() => ConfigValidator.CheckNetwork(config, MethodRegistry.Get(method)), Throws.Nothing);
    }

    [Test]
    public void ACheckpointOfSharedNormsIsAnotherNetworks()
    {
        RunConfig config = Config("hard_sharing");
        config.Model.BatchNorm = "shared";
        RunFolder folder = _training.NewFolder();
        _training.Train(config, folder);
        config.Model.BatchNorm = ModelConfig.PerTask;
        Assert.That(() => _training.State(config, folder.Checkpoint("final")), Throws.TypeOf<CheckpointException>().With.Message.Contains("task0_bn1"));
    }

    private static RunConfig Config(string method)
    {
        RunConfig config = TinyTraining.Config(method);
        config.Model.BatchNorm = ModelConfig.PerTask;
        config.Options<FixedPolicyOptions>().Skip = "seg:1;sn:5";
        config.Options<RandomPolicyOptions>().Share = 0.25;
        return config;
    }
}
