using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.CrossStitch;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.CrossStitch;

/// <summary>Cross-stitch units: mixtures, how they start, what they cost, their options.</summary>
public sealed class CrossStitchTests
{
    private static readonly string[] AllTasks = ["seg", "sn", "depth", "keypoint", "edge"];

    [TestCase("channel")]
    [TestCase("scalar")]
    public void EveryTaskGetsItsOwnMixture(string units)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 3, new CrossStitchOptions { Units = units });
        for (int to = 0; to < 3; to++)
        {
            for (int from = 0; from < 3; from++)
            {
                Parameter weight = model.Store[$"cross_stitch.1.{AllTasks[to]}.{AllTasks[from]}"];
                weight.Value.CopyFromDoubles([.. Enumerable.Range(0, (int)weight.Count).Select(c => Weight(to, from, c))]);
            }
        }

        using var step = new Step(backend, recordGradients: false);
        var shape = new Shape(2, 3, 3, 16);
        double[][] x = [.. Enumerable.Range(0, 3).Select(t => SmallRun.Normal(shape.Count, (ulong)t))];
        IReadOnlyList<Tensor> mixed = model.Joint!.Exchange(step, 2, [.. x.Select(values => step.FromDoubles(shape, DType.Float32, values))], [2, 0], training: true);

        // Only what is wanted comes back, in the order in which it is wanted.
        Assert.That(mixed, Has.Count.EqualTo(2));
        foreach ((Tensor found, int to) in mixed.Zip([2, 0]))
        {
            double[] expected = [.. Enumerable.Range(0, (int)shape.Count).Select(i => Enumerable.Range(0, 3).Sum(from => Weight(to, from, i % 16) * x[from][i]))];
            Assert.That(found.ToDoubles(), Is.EqualTo(expected).Within(1e-5));
        }

        double Weight(int to, int from, int channel) => (0.3 * to) - (0.5 * from) + (units == "channel" ? 0.1 * channel : 0) + 0.2;
    }

    [Test]
    public void ThereIsNoUnitBehindTheStem()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new CrossStitchOptions());
        using var step = new Step(backend, recordGradients: false);
        Tensor[] features = [step.New(new Shape(1, 2, 2, 8), DType.Float32), step.New(new Shape(1, 2, 2, 8), DType.Float32)];
        Assert.That(model.Joint!.Exchange(step, 0, features, [0, 1], training: true), Is.EqualTo(features));
    }

    [TestCase(1, 1.0, 0)]
    [TestCase(2, 0.9, 0.1)]
    [TestCase(3, 0.9, 0.05)]
    [TestCase(5, 0.9, 0.025)]
    public void MixturesStartFromNineTenthsOfTheirOwnAndAddUpToOne(int tasks, double own, double other)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, tasks, new CrossStitchOptions());
        model.Store.Initialize(1);
        for (int from = 0; from < tasks; from++)
        {
            Assert.That(model.Store[$"cross_stitch.3.seg.{AllTasks[from]}"].Value.ToDoubles(), Has.Length.EqualTo(64).And.All.EqualTo(from == 0 ? own : other).Within(1e-7));
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(5)]
    public void UnitsThatKeepToThemselvesLeaveSingleTaskNetworks(int tasks)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks stitched = Build(backend, tasks, new CrossStitchOptions { OwnWeight = 1 }), single = new(Spec(tasks), backend);
        stitched.Store.Initialize(88);
        single.Store.Initialize(88);
        using var step = new Step(backend, recordGradients: false);
        Shape shape = SmallRun.Images(2, 32);
        Tensor images = step.FromDoubles(shape, DType.Float32, SmallRun.Normal(shape.Count, 3));
        var group = new InputGroup(images, [.. Enumerable.Range(0, tasks)]);
        var context = new ForwardContext(GateTable.Shared, Training: true, Seed: 88);
        IReadOnlyList<Tensor> found = stitched.Forward(step, group, context), expected = single.Forward(step, group, context);
        for (int t = 0; t < tasks; t++)
        {
            Assert.That(found[t].ToArray<float>(), Is.EqualTo(expected[t].ToArray<float>()), AllTasks[t]);
        }
    }

    // ResNet-34 by hand: 21,284,672 parameters; units have K^2 (64 + 128 + 256 + 512) = 960 K^2 or, one for all channels, 4 K^2. At 224x224 a pass takes
    //   stem 7x7 3->64 at 112x112                                     118,013,952
    //   stage 1, 6 of 9 64^2 at 57x57                                 718,626,816
    //   stage 2, (9 64 128 + 7 of 9 128^2 + 64 128) at 29x29          936,968,192
    //   stage 3, (9 128 256 + 11 of 9 256^2 + 128 256) at 29x29     5,732,040,704
    //   stage 4, (9 256 512 + 5 of 9 512^2 + 256 512) at 29x29     11,023,155,200
    //   together                                                   18,528,804,864
    // The published 37.06 and 55.59 G are 2 and 3 of these; with K^2 products an element of the features, the second would be 55.60.
    [TestCase(2, "channel", 3840, 37.06)]
    [TestCase(3, "channel", 8640, 55.59)]
    [TestCase(3, "scalar", 36, 55.59)]
    public void CostIsThePublishedOne(int tasks, string units, long weights, double published)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("cross_stitch", AllTasks[..tasks]);
        config.Backbone = "ResNet34";
        config.Model.Width = 1;
        using var model = new ParallelNetworks(SmallRun.Spec(config), backend, exchange: (builder, spec) => new CrossStitchUnits(builder, spec, new CrossStitchOptions { Units = units }));
        ModelCost cost = model.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo((tasks * 21_284_672L) + weights));
        Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(tasks * 18_528_804_864L));
        Assert.That(Math.Round(cost.PassesBackboneMultiplyAdds / 1e9, 2), Is.EqualTo(published));
    }

    [Test]
    public void UnitsHaveTheirOwnRate()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new CrossStitchOptions { RateFactor = 7 });
        Assert.That(model.WeightGroups.Select(static g => (g.Parameters.Name, g.Rate, g.Factor)), Is.EqualTo(new[]
        {
            ("heads", RateKind.Head, 1.0), ("backbone", RateKind.Backbone, 1.0), ("cross_stitch", RateKind.Backbone, 7.0),
        }));
    }

    [TestCase("units", "cross_stitch.units is pixel; expected one of channel, scalar")]
    [TestCase("own", "cross_stitch.own_weight is 0; expected a weight above 0 and up to 1")]
    [TestCase("factor", "cross_stitch.rate_factor is -1; expected a factor above 0")]
    [TestCase("start", "cross_stitch.start_from is empty; expected the folder of a run whose method trains a network for each task by itself, or no such key")]
    public void OptionsOutOfRangeAreRefused(string what, string sentence)
    {
        RunConfig config = SmallRun.Config("cross_stitch", "seg", "sn");
        CrossStitchOptions options = config.Options<CrossStitchOptions>();
        Assert.That(() => MethodRegistry.Get("cross_stitch").Validate(config), Throws.Nothing);
        switch (what)
        {
            case "units": options.Units = "pixel"; break;
            case "own": options.OwnWeight = 0; break;
            case "factor": options.RateFactor = -1; break;
            default: options.StartFrom = " "; break;
        }

        Assert.That(() => MethodRegistry.Get("cross_stitch").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo(sentence));
    }

    private static NetworkSpec Spec(int tasks) => SmallRun.Spec(SmallRun.Config("cross_stitch", AllTasks[..tasks]));

    private static ParallelNetworks Build(CpuBackend backend, int tasks, CrossStitchOptions options) =>
        new(Spec(tasks), backend, exchange: (builder, spec) => new CrossStitchUnits(builder, spec, options));
}
