using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Methods.Nddr;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Nddr;

/// <summary>NDDR layers: what they compute, how they start, what they cost, their options.</summary>
public sealed class NddrTests
{
    private static readonly string[] AllTasks = ["seg", "sn", "depth", "keypoint", "edge"];

    [Test]
    public void ALayerIsAConvolutionOfAllFeaturesThenBatchNormThenRelu()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new NddrOptions());
        model.Store.Initialize(1);
        var shape = new Shape(2, 3, 2, 8);
        double[] filter = SmallRun.Normal(8 * 16, 5);
        model.Store["nddr.0.sn.conv.weight"].Value.CopyFromDoubles(filter);
        double[] seg = SmallRun.Normal(shape.Count, 1), sn = SmallRun.Normal(shape.Count, 2);
        using var step = new Step(backend, recordGradients: false);
        Tensor[] features = [step.FromDoubles(shape, DType.Float32, seg), step.FromDoubles(shape, DType.Float32, sn)];
        Tensor found = model.Joint!.Exchange(step, 0, features, [1], training: true).Single();

        const int Pixels = 12;
        var expected = new double[shape.Count];
        for (int c = 0; c < 8; c++)
        {
            double[] y = [.. Enumerable.Range(0, Pixels).Select(p => Enumerable.Range(0, 8).Sum(i => (filter[(c * 16) + i] * seg[(p * 8) + i]) + (filter[(c * 16) + 8 + i] * sn[(p * 8) + i])))];
            double mean = y.Average(), variance = y.Average(v => (v - mean) * (v - mean));
            for (int p = 0; p < Pixels; p++)
            {
                expected[(p * 8) + c] = Math.Max(0, (y[p] - mean) / Math.Sqrt(variance + 1e-5));
            }

            // Running statistics start from 0 and 1 and take a twentieth of the batch's.
            Assert.That(model.Store["nddr.0.sn.bn.running_mean"].Value.ToDoubles()[c], Is.EqualTo(0.05 * mean).Within(1e-5));
            Assert.That(model.Store["nddr.0.sn.bn.running_var"].Value.ToDoubles()[c], Is.EqualTo(0.95 + (0.05 * variance * Pixels / (Pixels - 1))).Within(1e-5));
        }

        Assert.That(found.ToDoubles(), Is.EqualTo(expected).Within(1e-4));
        Assert.That(model.Store.Counters.Where(static c => c.Name.StartsWith("nddr.", StringComparison.Ordinal) && c.Value > 0).Select(static c => c.Name),
            Is.EqualTo(new[] { "nddr.0.sn.bn.num_batches_tracked" }), "what is not wanted is not computed");
    }

    [TestCase(1, 1.0, 0)]
    [TestCase(2, 0.9, 0.1)]
    [TestCase(3, 0.9, 0.05)]
    [TestCase(5, 0.9, 0.025)]
    public void FiltersStartDiagonal(int tasks, double own, double other)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, tasks, new NddrOptions());
        model.Store.Initialize(1);
        for (int to = 0; to < tasks; to++)
        {
            double[] filter = model.Store[$"nddr.2.{AllTasks[to]}.conv.weight"].Value.ToDoubles();
            double[] expected = [.. Enumerable.Range(0, 16 * tasks * 16).Select(i => i % 16 != i / (16 * tasks) ? 0 : i % (16 * tasks) / 16 == to ? own : other)];
            Assert.That(filter, Is.EqualTo(expected).Within(1e-7));
        }
    }

    // By hand, with C = 64 behind the stem and 64, 128, 256, 512 behind the stages: sum of C is 1,024, of C^2 352,256. K tasks have K^2 352,256 weights in filters and 2 K 1,024 in batch
    // norms, beside K backbones of 21,284,672. At 224x224 the places have 57x57, 57x57 and three times 29x29 pixels, so that a pair of tasks takes
    //   (2 64^2) 3,249 + (128^2 + 256^2 + 512^2) 841 = 26,615,808 + 289,357,824 = 315,973,632 multiply-adds
    // beside K passes of 18,528,804,864. Biases would add 1,024 K weights (0.0002 backbones for K = 5) and, counted as half a multiply-add, 0.6 K M: the published figures don't tell.
    [TestCase(2, 43_982_464, 2.07, 38_321_504_256, 38.32)]
    [TestCase(3, 67_030_464, 3.15, 58_430_177_280, 58.43)]
    [TestCase(5, 115_240_000, 5.41, 100_543_365_120, 100.54)]
    public void CostIsThePublishedOne(int tasks, long parameters, double backbones, long multiplyAdds, double published)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("nddr", AllTasks[..tasks]);
        config.Backbone = "ResNet34";
        config.Model.Width = 1;
        using var model = new ParallelNetworks(SmallRun.Spec(config), backend, exchange: static (builder, spec) => new NddrLayers(builder, spec, new NddrOptions()));
        ModelCost cost = model.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo(parameters));
        Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(multiplyAdds));
        Assert.That(Math.Round(cost.BackboneParameters / 21_284_672.0, 2), Is.EqualTo(backbones));
        Assert.That(Math.Round(cost.PassesBackboneMultiplyAdds / 1e9, 2), Is.EqualTo(published));
        Assert.That(cost.FullBackboneMultiplyAdds, Is.EqualTo(tasks * 18_528_804_864L));

        // The other reading of the unit, whole state dicts (21,301,696 entries a backbone, with running statistics and counters), rounds the same.
        long state = model.Store.Parameters.Where(static p => !p.Name.Contains(".head_", StringComparison.Ordinal)).Sum(static p => p.Count) + model.Store.Counters.Count;
        Assert.That(Math.Round(state / 21_301_696.0, 2), Is.EqualTo(backbones));
    }

    [Test]
    public void LayersHaveTheirOwnRate()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new NddrOptions { RateFactor = 7 });
        Assert.That(model.WeightGroups.Select(static g => (g.Parameters.Name, g.Rate, g.Factor)), Is.EqualTo(new[]
        {
            ("heads", RateKind.Head, 1.0), ("backbone", RateKind.Backbone, 1.0), ("nddr", RateKind.Backbone, 7.0),
        }));
    }

    [TestCase("own", "nddr.own_weight is 1.5; expected a weight above 0 and up to 1")]
    [TestCase("factor", "nddr.rate_factor is 0; expected a factor above 0")]
    [TestCase("start", "nddr.start_from is empty; expected the folder of a run whose method trains a network for each task by itself, or no such key")]
    public void OptionsOutOfRangeAreRefused(string what, string sentence)
    {
        RunConfig config = SmallRun.Config("nddr", "seg", "sn");
        NddrOptions options = config.Options<NddrOptions>();
        Assert.That(() => MethodRegistry.Get("nddr").Validate(config), Throws.Nothing);
        switch (what)
        {
            case "own": options.OwnWeight = 1.5; break;
            case "factor": options.RateFactor = 0; break;
            default: options.StartFrom = ""; break;
        }

        Assert.That(() => MethodRegistry.Get("nddr").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo(sentence));
    }

    private static ParallelNetworks Build(CpuBackend backend, int tasks, NddrOptions options) =>
        new(SmallRun.Spec(SmallRun.Config("nddr", AllTasks[..tasks])), backend, exchange: (builder, spec) => new NddrLayers(builder, spec, options));
}
