using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.Tests.AdaShare;

/// <summary>Distributions and samples of policies, the losses on logits, and the order of the search.</summary>
public sealed class PolicyTests
{
    [Test]
    public void SamplingFollowsTheDistributionAndTheSeed()
    {
        var distribution = new PolicyDistribution([[1, 0, 0.25, 0.75]]);
        int third = 0, fourth = 0;
        for (int i = 0; i < 2000; i++)
        {
            BlockPolicy sample = distribution.Sample(RandomStream.For(5, "test", i));
            Assert.That(sample[0, 0] && !sample[0, 1]);
            third += sample[0, 2] ? 1 : 0;
            fourth += sample[0, 3] ? 1 : 0;
        }

        Assert.That(third, Is.EqualTo(500).Within(80));
        Assert.That(fourth, Is.EqualTo(1500).Within(80));
        bool[][] first = distribution.Sample(RandomStream.For(5, "test")).ToArray(), again = distribution.Sample(RandomStream.For(5, "test")).ToArray();
        Assert.That(again, Is.EqualTo(first));
        Assert.That(distribution.ArgMax().ToArray()[0], Is.EqualTo(new[] { true, false, false, true }));
    }

    [Test]
    public void BlocksBeforeTheFirstDecisionAlwaysRun()
    {
        using var backend = new CpuBackend();
        using AdaShareNetwork network = Network(backend, skipLayer: 3);
        network.Logits[0].Value.CopyFromDoubles([.. Enumerable.Repeat(new[] { -4.0, 4.0 }, 5).SelectMany(x => x)]);
        Assert.That(PolicyDistribution.Of(network).ArgMax().ToArray()[0], Is.EqualTo(new[] { true, true, true, false, false, false, false, false }));
        using var step = new Step(backend);
        GateTable gates = SoftPolicy.Sample(step, network, 1, 99, GumbelSource.Of(1, 1), false);
        Assert.That(gates.Kinds()[0], Is.EqualTo(Enumerable.Repeat(GateKind.On, 3).Concat(Enumerable.Repeat(GateKind.Soft, 5))));
    }

    [Test]
    public void RegularizersFollowPaperAndOfficialCode()
    {
        using var backend = new CpuBackend();
        using AdaShareNetwork network = Network(backend, skipLayer: 0);
        double[] first = [.. Enumerable.Range(0, 16).Select(i => 0.3 * Math.Sin(i))], second = [.. Enumerable.Range(0, 16).Select(i => 0.4 * Math.Cos(3 * i))];
        network.Logits[0].Value.CopyFromDoubles(first);
        network.Logits[1].Value.CopyFromDoubles(second);
        double Alpha(double[] l, int b) => 1 / (1 + Math.Exp(l[(2 * b) + 1] - l[2 * b]));

        double paperSharing = Enumerable.Range(0, 8).Sum(b => (8 - b) / 8.0 * Math.Abs(Alpha(first, b) - Alpha(second, b)));
        double officialSharing = Enumerable.Range(0, 8).Sum(b => (b + 1) / 8.0 * Math.Abs(first[2 * b] - second[2 * b]));
        double paperSparsity = Enumerable.Range(5, 3).Sum(b => Math.Log(Alpha(first, b)) + Math.Log(Alpha(second, b)));
        double officialSparsity = Enumerable.Range(5, 3).Sum(b => -Math.Log(1 - Alpha(first, b)) - Math.Log(1 - Alpha(second, b))) / 3;
        double weighed = Enumerable.Range(5, 3).Sum(b => (b + 1) / 8.0 * (-Math.Log(1 - Alpha(first, b)) - Math.Log(1 - Alpha(second, b)))) / 3 * 2;

        var config = new RunConfig();
        using var step = new Step(backend);
        LossRules paper = LossRules.Of(config);
        config.Loss.Mode = "official";
        LossRules official = LossRules.Of(config);
        config.Options<AdaShareOptions>().IsSharing = false;
        LossRules alone = LossRules.Of(config);
        Assert.That(PolicyRegularizer.Sharing(step, network, paper).Item(), Is.EqualTo(paperSharing).Within(1e-5));
        Assert.That(PolicyRegularizer.Sharing(step, network, official).Item(), Is.EqualTo(officialSharing).Within(1e-5));
        Assert.That(PolicyRegularizer.Sparsity(step, network, paper, 3).Item(), Is.EqualTo(paperSparsity).Within(1e-5));
        Assert.That(PolicyRegularizer.Sparsity(step, network, official, 3).Item(), Is.EqualTo(officialSparsity).Within(1e-5));
        Assert.That(PolicyRegularizer.Sparsity(step, network, alone, 3).Item(), Is.EqualTo(weighed).Within(1e-5));
    }

    [Test]
    public void UnknownLossModesAreNamed()
    {
        var config = new RunConfig();
        config.Options<AdaShareOptions>().SharingWeights = "middle";
        Assert.That(() => LossRules.Of(config), Throws.TypeOf<ConfigurationException>().With.Message.Contains("middle").And.Message.Contains("bottom"));
    }

    [Test]
    public void TheSearchAlternatesAndOpensBlocks()
    {
        var schedule = new SearchSchedule(weightSteps: 4, policySteps: 2, new AdaShareOptions { InitTemp = 5, DecayTemp = 0.5 }, curriculumSpeed: 3, decisions: 8);
        Assert.That(Enumerable.Range(0, 12).Select(s => schedule.UpdatesPolicy(s)), Is.EqualTo(new[] { false, false, false, false, true, true, false, false, false, false, true, true }));
        Assert.That((schedule.WeightBatch(5), schedule.PolicyBatch(5), schedule.WeightBatch(8), schedule.PolicyBatch(8)), Is.EqualTo((4L, 1L, 6L, 2L)));
        Assert.That((schedule.Temperature(5), schedule.Temperature(6), schedule.Temperature(12)), Is.EqualTo((5.0, 2.5, 1.25)));
        Assert.That((schedule.OpenBlocks(17), schedule.OpenBlocks(18), schedule.OpenBlocks(10_000)), Is.EqualTo((1, 2, 8)));
    }

    private static AdaShareNetwork Network(CpuBackend backend, int skipLayer) =>
        new(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), [TaskSpec.Of("seg", 5, 1), TaskSpec.Of("sn", 3, 1)], 8, 0), backend, skipLayer: skipLayer);
}
