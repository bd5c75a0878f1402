using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.RandomPolicy;

namespace AdaShare.Native.Methods.Tests.RandomPolicy;

/// <summary>Random policies: how many blocks they skip and which, what that costs, resuming, and what is refused.</summary>
public sealed class RandomPolicyTests : TrainingTests
{
    [TestCase(0, 0)]
    [TestCase(0.05, 0)]
    [TestCase(0.1875, 2)]
    [TestCase(0.25, 2)]
    [TestCase(0.99, 7)]
    public void AShareIsRoundedToBlocksOfWhichOneRemains(double share, int skips)
    {
        BlockPolicy policy = RandomPolicyMethod.Draw(Config(options => options.Share = share), 88);
        Assert.That(policy.ToArray().Select(static row => row.Count(static run => !run)), Is.EqualTo(new[] { skips, skips }));
    }

    [Test]
    public void EachTaskSkipsAsManyBlocksAsInTheGivenPolicy()
    {
        RunFolder run = Training.NewFolder();
        PolicyFile.Of(["sn", "seg"], BlockPolicy.Parse("sn:0,1,2;seg:5", ["sn", "seg"], 8), isTrained: true).Write(run.Policy);
        foreach ((Action<RandomPolicyOptions> set, int[] skips) in new (Action<RandomPolicyOptions>, int[])[]
        {
            (options => options.Skip = "seg:1;sn:0,1,2,3,4,5,6,7", [1, 8]), (options => options.File = run.Path, [1, 3]),
        })
        {
            Assert.That(RandomPolicyMethod.Draw(Config(set), 88).ToArray().Select(static row => row.Count(static run => !run)), Is.EqualTo(skips));
        }
    }

    [Test]
    public void EveryBlockIsSkippedEquallyOftenAndTasksAreIndependent()
    {
        RunConfig config = Config(options => options.Share = 0.25);
        int[] skipped = new int[8];
        int equal = 0;
        for (ulong seed = 0; seed < 1000; seed++)
        {
            bool[][] runs = RandomPolicyMethod.Draw(config, seed).ToArray();
            equal += runs[0].SequenceEqual(runs[1]) ? 1 : 0;
            for (int b = 0; b < 8; b++)
            {
                skipped[b] += runs[0][b] ? 0 : 1;
            }
        }

        // 1000 times 2 of 8, and 1 of 28 pairs: five standard deviations are 68 and 29.
        Assert.That(skipped, Is.All.InRange(182, 318));
        Assert.That(equal, Is.InRange(7, 65));
    }

    [Test]
    public void ATasksBlocksDoNotDependOnTheOtherTasks()
    {
        RunConfig two = Config(options => options.Share = 0.5), one = Config(options => options.Share = 0.5);
        one.Tasks = ["sn"];
        Assert.That(RandomPolicyMethod.Draw(one, 88).ToArray()[0], Is.EqualTo(RandomPolicyMethod.Draw(two, 88).ToArray()[1]));
    }

    [Test]
    public void ARunThatWasStoppedGivesTheSameBitsAndPolicy() => Training.RequireExactResume(Config(options => options.Share = 0.4), ["final"]);

    [Test]
    public void TheRunsPolicyIsThatOfItsSeedAndCostsWhatItsBlocksCost()
    {
        RunFolder folder = Training.NewFolder();
        RunConfig config = Config(options => options.Skip = "seg:0,1");
        MetricsFile results = Training.Train(config, folder);
        bool[][] runs = PolicyFile.Read(folder.Policy).Sampled[0];
        Assert.That(runs, Is.EqualTo(RandomPolicyMethod.Draw(config, 88).ToArray()));
        int[] skipped = [.. Enumerable.Range(0, 8).Where(b => !runs[0][b])];
        Assert.That(results.Policy!.Skipped["seg"], Is.EqualTo(skipped));
        Assert.That(results.Cost.PassesBackboneMultiplyAdds, Is.EqualTo((2 * TinyTraining.Pass) - skipped.Sum(static b => TinyTraining.Bodies[b])));

        // The tasks are one until seg skips a block, and two after it.
        int split = skipped[0];
        long executed = TinyTraining.Stem + Enumerable.Range(0, 8).Sum(b =>
            ((b > split ? 2 : 1) * TinyTraining.Projections[b]) + ((b > split && runs[0][b] ? 2 : 1) * TinyTraining.Bodies[b]));
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(executed));
    }

    [TestCase(null, null, null, "random_policy.share is empty; expected a share from 0 up to, not including, 1; or give a policy")]
    [TestCase(1.0, null, null, "random_policy.share is 1; expected a share from 0 up to, not including, 1")]
    [TestCase(-0.5, null, null, "random_policy.share is -0.5; expected a share from 0")]
    [TestCase(0.5, null, "seg:1", "random_policy.share is 0.5 beside random_policy.skip; expected only one of the two")]
    [TestCase(null, "x", "seg:1", "random_policy.skip is \"seg:1\" beside random_policy.file; expected only one of the two")]
    [TestCase(null, null, "depth:1", "random_policy.skip: task depth in \"depth:1\" is not one of seg, sn")]
    public void BadKeysAreRefusedInASentence(double? share, string? file, string? skip, string message)
    {
        RunConfig config = Config(options => (options.Share, options.File, options.Skip) = (share, file, skip));
        Assert.That(() => new RandomPolicyMethod().Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(message));
    }

    private static RunConfig Config(Action<RandomPolicyOptions> set)
    {
        RunConfig config = TinyTraining.Config("random_policy");
        set(config.Options<RandomPolicyOptions>());
        return config;
    }
}
