using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.FixedPolicy;

namespace AdaShare.Native.Methods.Tests.FixedPolicy;

/// <summary>Training under a given policy: the same bits as AdaShare's retraining, what it costs, resuming, and what is refused.</summary>
public sealed class FixedPolicyTests : TrainingTests
{
    [TestCase("paper")]
    [TestCase("official")]
    public void GivesTheBitsOfAdaSharesRetrainingOfThePolicy(string mode)
    {
        RunConfig search = TinyTraining.Config("adashare"), config = Config(options => options.Which = "0");
        search.Loss.Mode = config.Loss.Mode = mode;
        RunFolder learnt = Training.NewFolder(), folder = Training.NewFolder();
        MetricsFile expected = Training.Train(search, learnt);
        config.Options<FixedPolicyOptions>().File = learnt.Path;
        MetricsFile results = Training.Train(config, folder);

        PolicyFile policy = PolicyFile.Read(folder.Policy);
        Assert.That(policy.Sampled, Is.EqualTo(new[] { PolicyFile.Read(learnt.Policy).Sampled[0] }));
        Assert.That(policy.Selected, Is.Zero);
        Dictionary<string, double[]> retrained = Training.State(search, learnt.Checkpoint("retrain_0"));
        foreach ((string name, double[] values) in Training.State(config, folder.Checkpoint("final")))
        {
            Assert.That(values, Is.EqualTo(retrained[name]), name);
        }

        Assert.That(results.Final.Metrics, Is.EqualTo(expected.Candidates[0].Test.Metrics));
        Assert.That(results.Final.Score, Is.EqualTo(expected.Candidates[0].Test.Score));
    }

    [Test]
    public void CostsWhatItsBlocksCost()
    {
        MetricsFile results = Training.Train(Config(options => options.Skip = "seg:1,5;sn:5"), Training.NewFolder());
        long[] bodies = TinyTraining.Bodies, projections = TinyTraining.Projections;

        // The tasks go their own ways behind block 1, which only sn runs; nobody runs block 5.
        long executed = TinyTraining.Stem + bodies[0] + bodies[1] + (2 * (bodies[2] + bodies[3] + bodies[4] + bodies[6] + bodies[7] + projections.Sum()));
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(executed).And.EqualTo(9820416));
        Assert.That(results.Cost.PassesBackboneMultiplyAdds, Is.EqualTo((2 * TinyTraining.Pass) - bodies[1] - (2 * bodies[5])));
        Assert.That(results.Cost.FullBackboneMultiplyAdds, Is.EqualTo(2 * TinyTraining.Pass));
        Assert.That(results.Cost.HeadMultiplyAdds, Is.EqualTo(TinyTraining.Heads));
        Assert.That(results.Cost.BackboneParameters, Is.EqualTo(TinyTraining.BackboneParameters));
        Assert.That(results.Cost.UsedBackboneParameters, Is.EqualTo(TinyTraining.BackboneParameters - TinyTraining.BlockFiveParameters));
        Assert.That(results.Budget["train"].MultiplyAdds, Is.EqualTo(3.0 * 2 * TinyTraining.Steps * (executed + TinyTraining.Heads)));
        Assert.That(results.Budget["train"].WeightSteps, Is.EqualTo(TinyTraining.Steps));
        Assert.That(results.Policy!.Skipped["seg"], Is.EqualTo(new[] { 1, 5 }));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [TestCase("paper")]
    [TestCase("official")]
    public void ARunThatWasStoppedGivesTheSameBitsEvenWithoutItsFile(string mode)
    {
        RunFolder source = Training.NewFolder();
        PolicyFile.Of(["seg", "sn"], BlockPolicy.Parse("seg:2,7;sn:6", ["seg", "sn"], 8), isTrained: true).Write(source.Policy);
        RunConfig config = Config(options => options.File = source.Policy);
        config.Loss.Mode = mode;
        RunFolder whole = Training.NewFolder(), pieces = Training.NewFolder();
        Training.Train(config, whole);
        Training.TrainInPieces(config, pieces, () => File.Delete(source.Policy));
        Assert.That(File.ReadAllBytes(pieces.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("final"))));
        Assert.That(File.ReadAllText(pieces.Policy), Is.EqualTo(File.ReadAllText(whole.Policy)));
        Assert.That(Untimed.Metrics(pieces.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(Untimed.Log(pieces.Log), Is.EqualTo(Untimed.Log(whole.Log)));
    }

    [TestCase("paper")]
    [TestCase("official")]
    public void ATaskMaySkipEveryBlockSinceStemAndProjectionsRemain(string mode)
    {
        RunConfig config = Config(options => options.Skip = "seg:0,1,2,3,4,5,6,7;sn:0,1,2,3,4,5,6,7");
        config.Loss.Mode = mode;
        MetricsFile results = Training.Train(config, Training.NewFolder());
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(TinyTraining.Stem + TinyTraining.Projections.Sum()));
        Assert.That(results.Final.Metrics["sn"].Values, Is.All.Not.NaN);
    }

    [Test]
    public void PoliciesOfAFileAreFoundByNameAndTask()
    {
        RunFolder run = Training.NewFolder();
        bool[] all = [.. Enumerable.Repeat(true, 8)], first = [.. all.Select((_, b) => b != 0)], last = [.. all.Select((_, b) => b != 7)];
        new PolicyFile { Tasks = ["sn", "seg"], ArgMax = [first, all], Sampled = [[last, all], [all, last]], Selected = 1 }.Write(run.Policy);
        RunConfig config = Config(_ => { });
        string Skipped(string which)
        {
            BlockPolicy policy = new PolicySource("fixed_policy", run.Path, null, which).Read(config);
            return string.Join(' ', policy.SkippedByTask(config.Tasks).Select(static task => $"{task.Key}:{string.Join(',', task.Value)}"));
        }

        Assert.That((Skipped("selected"), Skipped("arg_max"), Skipped("0")), Is.EqualTo(("seg:7 sn:", "seg: sn:0", "seg: sn:7")));
    }

    [TestCase(null, null, "selected", "fixed_policy.file is empty; expected a policy.json or the folder of a run; or give fixed_policy.skip")]
    [TestCase("x", "seg:1", "selected", "fixed_policy.skip is \"seg:1\" beside fixed_policy.file; expected only one of the two")]
    [TestCase(null, "edge:1", "selected", "fixed_policy.skip: task edge in \"edge:1\" is not one of seg, sn")]
    [TestCase(null, "seg:8", "selected", "fixed_policy.skip: block 8 in \"seg:8\" does not exist; blocks are 0 to 7")]
    [TestCase(null, "seg:1", "best", "fixed_policy.which is best; expected selected, arg_max, or the index")]
    public void BadKeysAreRefusedInASentence(string? file, string? skip, string which, string message)
    {
        RunConfig config = Config(options => (options.File, options.Skip, options.Which) = (file, skip, which));
        Assert.That(() => new FixedPolicyMethod().Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(message));
    }

    [TestCase("seg,depth", 8, "selected", "a policy of seg, depth; expected one of seg, sn")]
    [TestCase("seg,sn", 16, "selected", "a policy of 16 blocks; expected one of 8, since ResNet18 has so many")]
    [TestCase("seg,sn", 8, "3", "fixed_policy.which is 3; expected an index below 1")]
    public void FilesThatDoNotFitAreRefusedInASentence(string tasks, int blocks, string which, string message)
    {
        RunFolder run = Training.NewFolder();
        PolicyFile.Of(tasks.Split(','), BlockPolicy.AllOn(2, blocks), isTrained: true).Write(run.Policy);
        RunConfig config = Config(options => (options.File, options.Which) = (run.Path, which));
        Assert.That(() => new FixedPolicyMethod().Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.Contains(message));
    }

    [Test]
    public void AMissingFileAnUnfinishedChoiceAndADamagedTableAreRefusedInASentence()
    {
        RunFolder run = Training.NewFolder();
        RunConfig config = Config(options => options.File = run.Path);
        Assert.That(() => Training.Train(config, Training.NewFolder()), Throws.TypeOf<ConfigurationException>().With.Message.Contains("a folder without policy.json; expected"));
        PolicyFile.Of(["seg", "sn"], BlockPolicy.AllOn(2, 8), isTrained: false).Write(run.Policy);
        Assert.That(() => new FixedPolicyMethod().Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.Contains("none is selected yet; expected arg_max, or an index below 1"));
        new PolicyFile { Tasks = ["seg", "sn"], Sampled = [[[true, true], [true]]], Selected = 0 }.Write(run.Policy);
        Assert.That(() => new FixedPolicyMethod().Validate(config), Throws.TypeOf<DataException>().With.Message.Contains("a row for each task with a decision for each block"));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void WhichWithoutAFileIsNoticed() =>
        Assert.That(new FixedPolicyMethod().Notices(Config(options => (options.Skip, options.Which) = ("seg:1", "arg_max"))), Is.EqualTo(new[] { "fixed_policy.which has no effect without fixed_policy.file" }));

    private static RunConfig Config(Action<FixedPolicyOptions> set)
    {
        RunConfig config = TinyTraining.Config("fixed_policy");
        set(config.Options<FixedPolicyOptions>());
        return config;
    }
}
