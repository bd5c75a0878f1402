using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.Sluice;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Sluice;

/// <summary>Sluice units: mixtures of halves, how they start, the mixture over stages, the penalty, what they cost, their options.</summary>
public sealed class SluiceTests
{
    private static readonly string[] AllTasks = ["seg", "sn", "depth", "keypoint", "edge"];

    [TestCase(1)]
    [TestCase(2)]
    public void EveryPartGetsItsOwnMixture(int subspaces)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 3, new SluiceOptions { Subspaces = subspaces });
        int parts = 3 * subspaces, width = 16 / subspaces;
        model.Store["sluice.1.alpha"].Value.CopyFromDoubles([.. Enumerable.Range(0, parts * parts).Select(i => Weight(i / parts, i % parts))]);
        using var step = new Step(backend, recordGradients: false);
        var shape = new Shape(2, 3, 3, 16);
        double[][] x = [.. Enumerable.Range(0, 3).Select(t => SmallRun.Normal(shape.Count, (ulong)t))];
        IReadOnlyList<Tensor> mixed = model.Joint!.Exchange(step, 2, [.. x.Select(values => step.FromDoubles(shape, DType.Float32, values))], [2, 0], training: true);

        // Part p is channels (p mod G) of task p / G; only what is wanted comes back, in the order in which it is wanted.
        Assert.That(mixed, Has.Count.EqualTo(2));
        foreach ((Tensor found, int task) in mixed.Zip([2, 0]))
        {
            double[] expected = [.. Enumerable.Range(0, (int)shape.Count).Select(i =>
            {
                (int pixel, int channel) = Math.DivRem(i, 16);
                (int half, int inner) = Math.DivRem(channel, width);
                return Enumerable.Range(0, parts).Sum(from => Weight((task * subspaces) + half, from) * x[from / subspaces][(pixel * 16) + (from % subspaces * width) + inner]);
            })];
            Assert.That(found.ToDoubles(), Is.EqualTo(expected).Within(1e-5));
        }

        static double Weight(int to, int from) => (0.3 * to) - (0.2 * from) + 0.1;
    }

    [TestCase(1, 2, SluiceOptions.Imbalanced, 0.9, 0.1)]
    [TestCase(2, 1, SluiceOptions.Imbalanced, 0.9, 0.1)]
    [TestCase(2, 2, SluiceOptions.Imbalanced, 0.9, 0.1 / 3)]
    [TestCase(5, 2, SluiceOptions.Imbalanced, 0.9, 0.1 / 9)]
    [TestCase(2, 2, SluiceOptions.Balanced, 0.25, 0.25)]
    [TestCase(3, 1, SluiceOptions.Balanced, 1.0 / 3, 1.0 / 3)]
    public void MixturesStartBalancedOrImbalanced(int tasks, int subspaces, string init, double own, double other)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, tasks, new SluiceOptions { Subspaces = subspaces, Init = init });
        model.Store.Initialize(1);
        int parts = tasks * subspaces;
        for (int stage = 0; stage < 4; stage++)
        {
            double[] expected = [.. Enumerable.Range(0, parts * parts).Select(i => i / parts == i % parts ? own : other)];
            Assert.That(model.Store[$"sluice.{stage}.alpha"].Value.ToDoubles(), Is.EqualTo(expected).Within(1e-7));
        }
    }

    [Test]
    public void UnitsThatKeepToThemselvesLeaveSingleTaskNetworks()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks sluice = Build(backend, 3, new SluiceOptions { OwnWeight = 1 }), single = new(Spec(3), backend);
        sluice.Store.Initialize(88);
        single.Store.Initialize(88);
        using var step = new Step(backend, recordGradients: false);
        Assert.That(Outputs(step, sluice), Is.EqualTo(Outputs(step, single)));
    }

    [TestCase(SluiceOptions.Imbalanced, 0.9, 0.1 / 3)]
    [TestCase(SluiceOptions.Balanced, 0.25, 0.25)]
    public void HeadsMayReadAMixtureOverStages(string beta, double last, double other)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks with = Build(backend, 2, new SluiceOptions { Beta = beta }), without = Build(backend, 2, new SluiceOptions());
        with.Store.Initialize(88);
        without.Store.Initialize(88);
        Assert.That(with.Store["sluice.seg.beta"].Value.ToDoubles(), Is.EqualTo(new[] { other, other, other, last }).Within(1e-7));
        using var step = new Step(backend, recordGradients: false);
        Assert.That(Outputs(step, with), Is.Not.EqualTo(Outputs(step, without)));

        // Nothing of the earlier stages leaves the network of before.
        foreach (string task in AllTasks[..2])
        {
            with.Store[$"sluice.{task}.beta"].Value.CopyFromDoubles([0, 0, 0, 1]);
        }

        Assert.That(Outputs(step, with), Is.EqualTo(Outputs(step, without)));
    }

    [Test]
    public void ProjectionsOfTasksThatAreNotPredictedAreNotComputed()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new SluiceOptions { Beta = SluiceOptions.Balanced });
        model.Store.Initialize(1);
        using var step = new Step(backend, recordGradients: false);
        model.Forward(step, new InputGroup(Images(step), [1]), new ForwardContext(GateTable.Shared, Training: true));
        Assert.That(model.Store.Counters.Where(static c => c.Name.StartsWith("sluice.", StringComparison.Ordinal) && c.Value > 0).Select(static c => c.Name),
            Is.EqualTo(Enumerable.Range(0, 3).Select(static stage => $"sluice.sn.projection.{stage}.1.num_batches_tracked")));
    }

    [Test]
    public void ThePenaltyIsThatOfInnerProductsBetweenTheHalves()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new SluiceOptions { Orthogonality = 0.3 }, DType.Float64);
        model.Store.Initialize(88);
        string[] names = [.. AllTasks[..2].SelectMany(static task => Enumerable.Range(0, 4).Select(stage => $"{task}.backbone.blocks.{stage}.1.conv2.weight"))];
        Assert.That(Penalty(), Is.EqualTo(names.Sum(Expected)).Within(1e-12));

        // Its gradient, by central differences along each of the filters.
        double[][] gradients;
        using (var step = new Step(backend))
        {
            step.Backward(model.ExtraLosses(step).Single().Loss);
            gradients = [.. names.Select(name => model.Store[name].Gradient.ToDoubles())];
            Assert.That(model.Store.Parameters.Where(static p => p.HasGradient).Select(static p => p.Name), Is.EquivalentTo(names));
        }

        foreach ((string name, double[] gradient) in names.Zip(gradients))
        {
            Parameter parameter = model.Store[name];
            double[] start = parameter.Value.ToDoubles(), direction = SmallRun.Normal(parameter.Count, 3);
            double numeric = (At(1e-6) - At(-1e-6)) / 2e-6;
            parameter.Value.CopyFromDoubles(start);
            Assert.That(direction.Zip(gradient, static (d, g) => d * g).Sum(), Is.EqualTo(numeric).Within(1e-6 * Math.Abs(numeric)), name);

            double At(double distance)
            {
                parameter.Value.CopyFromDoubles([.. start.Zip(direction, (x, d) => x + (distance * d))]);
                return Penalty();
            }
        }

        double Penalty()
        {
            using var step = new Step(backend, recordGradients: false);
            WeightedLoss loss = model.ExtraLosses(step).Single();
            Assert.That((loss.Name, loss.Weight), Is.EqualTo(("orthogonality", 0.3)));
            return loss.Loss.Item();
        }

        double Expected(string name)
        {
            Parameter parameter = model.Store[name];
            double[] values = parameter.Value.ToDoubles();
            int filters = parameter.Shape[0], length = values.Length / filters;
            double sum = 0;
            for (int a = 0; a < filters / 2; a++)
            {
                for (int b = filters / 2; b < filters; b++)
                {
                    double product = Enumerable.Range(0, length).Sum(i => values[(a * length) + i] * values[(b * length) + i]);
                    sum += product * product;
                }
            }

            return sum;
        }
    }

    [TestCase(2, 0)]
    [TestCase(1, 0.1)]
    public void WithoutWeightOrHalvesThereIsNoPenalty(int subspaces, double weight)
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new SluiceOptions { Subspaces = subspaces, Orthogonality = weight });
        using var step = new Step(backend);
        Assert.That(model.ExtraLosses(step), Is.Empty);
    }

    [Test]
    public void TheLogHasThePenaltyOfEveryStep()
    {
        using var backend = new CpuBackend();
        using var folders = new RunFolders();
        var steps = new List<StepRecord>();
        SmallRun.Train(backend, SmallRun.Config("sluice", "seg", "sn"), folders.New(), onStep: steps.Add);
        Assert.That(steps.Select(static s => s.Losses["orthogonality"]), Has.All.GreaterThan(0));
        Assert.That(steps.Select(static s => s.Total - s.Losses["seg"] - (20 * s.Losses["sn"]) - (0.1 * s.Losses["orthogonality"])), Has.All.EqualTo(0).Within(1e-4));
    }

    // ResNet-34 has 21,284,672 parameters and 18,528,804,864 multiply-adds at 224x224 (derived in CrossStitchTests); units have 4 (K G)^2 weights. With a mixture over stages each task has
    // 4 weights and projections of 512 (64 + 128 + 256) + 3 2 512 = 232,448 parameters, which take 841 512 (64 + 128 + 256) = 192,905,216 multiply-adds at 29x29 pixels.
    [TestCase(2, 2, SluiceOptions.None, 64, 0, 37.06)]
    [TestCase(3, 2, SluiceOptions.None, 144, 0, 55.59)]
    [TestCase(3, 1, SluiceOptions.None, 36, 0, 55.59)]
    [TestCase(2, 2, SluiceOptions.Balanced, 64 + (2 * 232_452), 2 * 192_905_216L, 37.44)]
    public void CostIsThePublishedOne(int tasks, int subspaces, string beta, long weights, long more, double published)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("sluice", AllTasks[..tasks]);
        config.Backbone = "ResNet34";
        config.Model.Width = 1;
        using var model = new ParallelNetworks(SmallRun.Spec(config), backend, exchange: (builder, spec) => new SluiceUnits(builder, spec, new SluiceOptions { Subspaces = subspaces, Beta = beta }));
        ModelCost cost = model.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo((tasks * 21_284_672L) + weights));
        Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo((tasks * 18_528_804_864L) + more));
        Assert.That(Math.Round(cost.PassesBackboneMultiplyAdds / 1e9, 2), Is.EqualTo(published));
    }

    [Test]
    public void UnitsHaveTheirOwnRate()
    {
        using var backend = new CpuBackend();
        using ParallelNetworks model = Build(backend, 2, new SluiceOptions { RateFactor = 7 });
        Assert.That(model.WeightGroups.Select(static g => (g.Parameters.Name, g.Rate, g.Factor)), Is.EqualTo(new[]
        {
            ("heads", RateKind.Head, 1.0), ("backbone", RateKind.Backbone, 1.0), ("sluice", RateKind.Backbone, 7.0),
        }));
    }

    [TestCase("subspaces", "sluice.subspaces is 3; expected 1 or 2")]
    [TestCase("init", "sluice.init is random; expected one of imbalanced, balanced")]
    [TestCase("own", "sluice.own_weight is 0; expected a weight above 0 and up to 1")]
    [TestCase("beta", "sluice.beta is all; expected one of none, imbalanced, balanced")]
    [TestCase("orthogonality", "sluice.orthogonality is -1; expected a weight of 0 or more")]
    [TestCase("factor", "sluice.rate_factor is 0; expected a factor above 0")]
    [TestCase("start", "sluice.start_from is empty; expected the folder of a")]
    public void OptionsOutOfRangeAreRefused(string what, string sentence)
    {
        RunConfig config = SmallRun.Config("sluice", "seg", "sn");
        SluiceOptions options = config.Options<SluiceOptions>();
        Assert.That(() => MethodRegistry.Get("sluice").Validate(config), Throws.Nothing);
        switch (what)
        {
            case "subspaces": options.Subspaces = 3; break;
            case "init": options.Init = "random"; break;
            case "own": options.OwnWeight = 0; break;
            case "beta": options.Beta = "all"; break;
            case "orthogonality": options.Orthogonality = -1; break;
            case "factor": options.RateFactor = 0; break;
            default: options.StartFrom = " "; break;
        }

        Assert.That(() => MethodRegistry.Get("sluice").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(sentence));
    }

    [Test]
    public void KeysWithoutEffectAreNoticed()
    {
        RunConfig config = SmallRun.Config("sluice", "seg", "sn");
        SluiceOptions options = config.Options<SluiceOptions>();
        Assert.That(MethodRegistry.Get("sluice").Notices(config), Is.Empty);
        (options.Subspaces, options.Init) = (1, SluiceOptions.Balanced);
        Assert.That(MethodRegistry.Get("sluice").Notices(config), Is.Empty, "nobody set what has no effect");
        (options.Orthogonality, options.OwnWeight) = (0.2, 0.8);
        Assert.That(MethodRegistry.Get("sluice").Notices(config), Is.EqualTo(new[]
        {
            "sluice.orthogonality has no effect with sluice.subspaces 1: there are no two halves", "sluice.own_weight has no effect with sluice.init balanced",
        }));
    }

    private static float[][] Outputs(Step step, ParallelNetworks model) =>
        [.. model.Forward(step, new InputGroup(Images(step), [.. Enumerable.Range(0, model.Tasks.Count)]), new ForwardContext(GateTable.Shared, Training: true, Seed: 88)).Select(static o => o.ToArray<float>())];

    private static Tensor Images(Step step)
    {
        Shape shape = SmallRun.Images(2, 32);
        return step.FromDoubles(shape, DType.Float32, SmallRun.Normal(shape.Count, 3));
    }

    private static NetworkSpec Spec(int tasks) => SmallRun.Spec(SmallRun.Config("sluice", AllTasks[..tasks]));

    private static ParallelNetworks Build(CpuBackend backend, int tasks, SluiceOptions options, DType type = DType.Float32) =>
        new(Spec(tasks), backend, type, (builder, spec) => new SluiceUnits(builder, spec, options));
}
