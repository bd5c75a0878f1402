using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Tests;

/// <summary>The network's cost under the published policies, the size of its features, and what gates do.</summary>
public sealed class NetworkTests
{
    private static readonly TaskSpec[] ThreeTasks = [TaskSpec.Of("seg", 40, 1), TaskSpec.Of("sn", 3, 20), TaskSpec.Of("depth", 1, 3)];

    [TestCase("ResNet18", "seg:1;sn:5", 2, 18.48, 19.71)]
    [TestCase("ResNet34", "seg:5,6,8,12;sn:2,9", 2, 33.35, 37.06)]
    [TestCase("ResNet34", "seg:6;sn:9,10,11;depth:5,10,11", 3, 50.13, 55.59)]
    public void PublishedPoliciesHaveTheirMultiplyAdds(string backbone, string policy, int tasks, double gigaMultiplyAdds, double full)
    {
        using var backend = new CpuBackend();
        using var network = new SharedNetwork(new NetworkSpec(BackboneSpec.Of(backbone), ThreeTasks[..tasks], 8, 0.5), backend);
        BlockPolicy parsed = BlockPolicy.Parse(policy, [.. ThreeTasks[..tasks].Select(t => t.Name)], network.Spec.Backbone.BlockCount);
        ModelCost cost = network.Cost(parsed.ToGates(), 224, 224);
        Assert.That(cost.PassesBackboneMultiplyAdds / 1e9, Is.EqualTo(gigaMultiplyAdds).Within(0.006));
        Assert.That(cost.FullBackboneMultiplyAdds / 1e9, Is.EqualTo(full).Within(0.006));
        Assert.That(cost.UsedBackboneParameters, Is.EqualTo(cost.BackboneParameters), "no block is unused by every task");
    }

    // ResNet-34 has convolutions of 21,267,648 weights and batch norms over 8,512 channels in all, 36 of them: 64 of the stem, 6 x 64, 8 x 128, 12 x 256 and 6 x 512 of the blocks, 128, 256 and 512 of the projections.
    [Test]
    public void NormsOfEachTaskCountForEachTask()
    {
        using var backend = new CpuBackend();
        using var network = new SharedNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), ThreeTasks, 8, 0.5) { HasTaskNorms = true }, backend);
        GateTable gates = BlockPolicy.Parse("seg:6;sn:6,9;depth:6", [.. ThreeTasks.Select(static t => t.Name)], 16).ToGates();
        ModelCost cost = network.Cost(gates, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo(21267648 + (3 * 2 * 8512)));

        // No task runs block 6 (two convolutions 3x3 and two norms of 128 channels); sn alone leaves block 9 out, and its two norms of 256 channels with it.
        Assert.That(cost.UsedBackboneParameters, Is.EqualTo(cost.BackboneParameters - ((2 * 9 * 128 * 128) + (3 * 2 * 2 * 128)) - (2 * 2 * 256)));
        Assert.That(cost.StateEntries, Is.EqualTo(21267648 + (3 * ((4 * 8512) + 36)) + cost.HeadParameters));
        Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(cost.PassesBackboneMultiplyAdds - (2 * network.Backbone.Stem.MultiplyAdds(new Shape(1, 224, 224, 3)))));
    }

    // The names of the official code's branch for DomainNet, where the shared filter of a projection stands under the name of each task; here it has the name that it has elsewhere.
    [Test]
    public void NormsOfEachTaskHaveTheOfficialNames()
    {
        using var backend = new CpuBackend();
        var spec = new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), ThreeTasks[..2], 8, 0.5);
        using var shared = new SharedNetwork(spec, backend);
        using var network = new SharedNetwork(spec with { HasTaskNorms = true }, backend);
        string[] names = [.. network.BackboneGroup.Parameters.Select(static p => p.Name)];
        Assert.That(names[..9], Is.EqualTo(new[]
        {
            "backbone.conv1.weight", "backbone.task0_bn1.weight", "backbone.task0_bn1.bias", "backbone.task1_bn1.weight", "backbone.task1_bn1.bias",
            "backbone.blocks.0.0.conv1.weight", "backbone.blocks.0.0.task0_bn1.weight", "backbone.blocks.0.0.task0_bn1.bias", "backbone.blocks.0.0.task1_bn1.weight",
        }));
        Assert.That(names, Does.Contain("backbone.ds.1.0.weight").And.Contain("backbone.task0_ds.1.1.weight").And.Contain("backbone.task1_ds.3.1.bias").And.Contain("backbone.blocks.3.1.task1_bn2.bias"));
        Assert.That(network.Store["backbone.task1_ds.3.1.running_var"].Group.IsBuffer);
        Assert.That(names.Where(static name => !name.Contains("task", StringComparison.Ordinal)), Is.EqualTo(shared.BackboneGroup.Parameters.Select(static p => p.Name).Where(static name => name.Contains("conv", StringComparison.Ordinal) || name.EndsWith(".0.weight", StringComparison.Ordinal))));
        Assert.That(network.Backbone.NormsOfBlocksAndStem.Count(), Is.EqualTo(2 * shared.Backbone.NormsOfBlocksAndStem.Count()));
    }

    [TestCase(321, 321, 41, 41)]
    [TestCase(480, 640, 61, 81)]
    [TestCase(224, 224, 29, 29)]
    [TestCase(256, 512, 33, 65)]
    public void FeatureMapsHaveThePublishedSizes(int height, int width, int rows, int columns)
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Tiny(backend);
        Shape shape = network.Backbone.FeatureShape(new Shape(1, height, width, 3));
        Assert.That((shape[1], shape[2]), Is.EqualTo((rows, columns)));
    }

    [Test]
    public void HardGatesEqualSoftGatesOfOneAndZero()
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Tiny(backend);
        KeepVariance(network);
        int blocks = network.Spec.Backbone.BlockCount;
        var policy = new BlockPolicy([[true, false, true, true, false, true, false, true]]);

        float[] hard = Features(network, _ => policy.ToGates(), training: false);
        float[] soft = Features(network, step => GateTable.PerTask([[.. Enumerable.Range(0, blocks).Select(b => Soft(step, policy[0, b] ? 1 : 0))]]), training: false);
        float[] all = Features(network, _ => BlockPolicy.AllOn(1, blocks).ToGates(), training: false);
        float[] none = Features(network, _ => GateTable.Shared, training: false);

        Assert.That(soft, Is.EqualTo(hard).Within(1e-4f));
        Assert.That(none, Is.EqualTo(all), "shared by all means that all blocks run");
        Assert.That(hard.Zip(all, (a, b) => Math.Abs(a - b)).Max(), Is.GreaterThan(1e-1f), "skipping blocks changes the features");
    }

    [Test]
    public void SilentBlocksMoveRunningStatisticsAndNothingElse()
    {
        using var backend = new CpuBackend();
        var policy = new BlockPolicy([[true, true, true, false, true, true, true, true]]);
        using SharedNetwork network = Tiny(backend);

        network.Store.Initialize(3);
        float[] silent = Features(network, _ => policy.ToGates(GateKind.Silent), training: true);
        float[] silentMean = network.Store["backbone.blocks.1.1.bn1.running_mean"].Value.ToArray<float>();
        network.Store.Initialize(3);
        float[] off = Features(network, _ => policy.ToGates(), training: true);
        float[] offMean = network.Store["backbone.blocks.1.1.bn1.running_mean"].Value.ToArray<float>();

        Assert.That(silent, Is.EqualTo(off));
        Assert.That(offMean, Is.All.Zero, "a block that is left out does not see the batch");
        Assert.That(silentMean, Has.Some.Not.Zero);
    }

    private static SharedNetwork Tiny(CpuBackend backend) => new(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), [TaskSpec.Of("seg", 5, 1)], 8, 0), backend);

    // Filters that keep the variance of what they read, so that features are not tiny numbers which agree whatever is skipped.
    private static void KeepVariance(SharedNetwork network)
    {
        network.Store.Initialize(3);
        foreach (Parameter filter in network.Store.Parameters.Where(static p => p.Shape.Rank == 4))
        {
            var stream = RandomStream.For(3, filter.Name);
            double deviation = Math.Sqrt(1.0 / (filter.Shape[1] * filter.Shape[2] * filter.Shape[3]));
            filter.Value.CopyFromDoubles([.. Enumerable.Range(0, (int)filter.Count).Select(i => deviation * stream.Normal((ulong)i))]);
        }
    }

    private static Gate Soft(Step step, double select) => Gate.Soft(step.FromDoubles(new Shape(1, 2), DType.Float32, [select, 1 - select]));

    private static Tensor Images(Step step)
    {
        var stream = RandomStream.For(7, "images");
        double[] values = [.. Enumerable.Range(0, 2 * 33 * 41 * 3).Select(i => stream.Normal((ulong)i))];
        return step.FromDoubles(new Shape(2, 33, 41, 3), DType.Float32, values);
    }

    private static float[] Features(SharedNetwork network, Func<Step, GateTable> gates, bool training)
    {
        using var step = new Step(network.Backend, recordGradients: false);
        GateTable table = gates(step);
        using TaskFeatures features = network.Backbone.Forward(step, Images(step), network.Plan(table, training), table);
        return features.Of(0).ToArray<float>();
    }
}
