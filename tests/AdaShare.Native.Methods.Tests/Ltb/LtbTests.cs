using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.Ltb;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Ltb;

/// <summary>Learning to branch: the schedule, what training steps and evaluations compute, what a run says of its tree, costs, options.</summary>
public sealed class LtbTests
{
    private const int Stages = 4;

    private static readonly string[] AllTasks = ["seg", "sn", "depth", "keypoint", "edge"];

    [Test]
    public void TheTemperatureFallsAsInTheOriginalsEpochs()
    {
        // LibMTL: epochs / 20 / sqrt(epoch + 1) with 200 epochs. Here an epoch is 1/200 of the steps.
        var schedule = new BranchSchedule(2000, new LtbOptions());
        foreach (int epoch in new[] { 0, 1, 20, 100, 199 })
        {
            Assert.That(schedule.Temperature(10 * epoch), Is.EqualTo(10 / Math.Sqrt(epoch + 1)).Within(1e-3), $"epoch {epoch}");
        }

        Assert.That(schedule.Temperature(2000), Is.EqualTo(new LtbOptions().LastTemperature).Within(1e-12));
        Assert.That(new BranchSchedule(10, new LtbOptions { FirstTemperature = 3, LastTemperature = 3 }).Temperature(5), Is.EqualTo(3));
        Assert.That(Enumerable.Range(0, 30).Where(step => schedule.IsWarmUp(step)), Is.EqualTo(Enumerable.Range(0, 20)), "one step in a hundred");
        Assert.That(new BranchSchedule(5, new LtbOptions { WarmUp = 0 }).IsWarmUp(0), Is.False);
    }

    [Test]
    public void TheTreeFollowsTheLikeliestParentsFromEachTasksLastBranch()
    {
        // Two tasks, four stages: row s 2 + b says what branch b of stage s reads.
        BranchTree tree = BranchTree.Of(
        [
            1, 0, /**/ 1, 0,
            0, 1, /**/ 0, 1,
            1, 0, /**/ 1, 1,
            0, 3, /**/ 0, 2,
        ], 2);

        // Task 0: stage 3 is 0, its parent 1, of the equal parents of that branch 1 its own, whose parent is 1, whose parent is 0.
        Assert.That(tree.Path(0), Is.EqualTo(new[] { 0, 1, 1, 1, 0 }));
        Assert.That(tree.Path(1), Is.EqualTo(new[] { 0, 1, 1, 1, 1 }));
        Assert.That(Enumerable.Range(0, 5).Select(place => tree.At(place, [0, 1]).Count), Is.EqualTo(new[] { 1, 1, 1, 1, 2 }));
        Assert.That((tree.Parent(1, 1), tree.Parent(4, 0), tree.Parent(4, 1)), Is.EqualTo((0, 1, 1)));
        Assert.That(BranchTree.Of(new double[Stages * 9], 3).Path(2), Is.All.EqualTo(2), "before anything is learnt each task keeps to itself");
    }

    [TestCase(0.0)]
    [TestCase(0.5)]
    public void BranchesThatKeepToThemselvesAreSingleTaskNetworks(double warmUp)
    {
        using var backend = new CpuBackend();
        using BranchingNetwork branching = Build(backend, 3, new LtbOptions { WarmUp = warmUp });
        using var single = new ParallelNetworks(Spec(3), backend);
        single.Store.Initialize(88);
        Take(branching, single);
        Choose(branching, static (_, branch) => branch);
        using var step = new Step(backend, recordGradients: false);
        float[][] expected = Outputs(step, single, training: true);
        Assert.That(Outputs(step, branching, training: true), warmUp == 0 ? Is.EqualTo(expected) : Is.Not.EqualTo(expected), "in warm-up all branches are added up");
        if (warmUp == 0)
        {
            // Both have moved their running statistics by the same batch.
            Assert.That(Outputs(step, branching, training: false), Is.EqualTo(Outputs(step, single, training: false)));
        }
    }

    [Test]
    public void TheFirstStepsAddAllBranchesUpAndLeaveTheChoicesAlone()
    {
        using var backend = new CpuBackend();
        using BranchingNetwork model = Build(backend, 2, new LtbOptions { WarmUp = 0.5 });
        model.Store.Initialize(88);
        foreach ((long time, bool moves) in new[] { (49L, false), (50L, true) })
        {
            model.Logits.ClearGradient();
            using var step = new Step(backend);
            step.Backward(Sum(step, model.Forward(step, new InputGroup(Images(step), [0, 1]), new ForwardContext(GateTable.Shared, Training: true, Seed: 88, Time: time))));
            Assert.That(model.Logits.HasGradient, Is.EqualTo(moves), $"after {time} of 100 steps");
        }
    }

    [Test]
    public void AStepTakesTheParentsThatNoiseMakesTheLikeliest()
    {
        using var backend = new CpuBackend();
        using BranchingNetwork sampled = Build(backend, 3, new LtbOptions { WarmUp = 0 }), chosen = Build(backend, 3, new LtbOptions { WarmUp = 0 });
        sampled.Store.Initialize(88);
        chosen.Store.Initialize(88);
        const long Time = 7;
        double[] logits = SmallRun.Normal(sampled.Logits.Count, 4);
        sampled.Logits.Value.CopyFromDoubles(logits);
        var stream = RandomStream.For(88, "branches", Time);
        int[] parents = [.. Enumerable.Range(0, Stages * 3).Select(row => Enumerable.Range(0, 3).MaxBy(j => logits[(row * 3) + j] + stream.Gumbel((ulong)((row * 3) + j))))];
        Assert.That(parents.Distinct().Count(), Is.EqualTo(3), "the sample says something");
        Choose(chosen, (stage, branch) => parents[(stage * 3) + branch]);
        using var step = new Step(backend, recordGradients: false);
        Assert.That(Outputs(step, sampled, training: true, Time), Is.EqualTo(Outputs(step, chosen, training: true, Time)));
    }

    [Test]
    public void AnEvaluationComputesSharedBranchesOnceAndNothingElse()
    {
        using var backend = new CpuBackend();
        using BranchingNetwork model = Build(backend, 2, new LtbOptions());
        using var single = new ParallelNetworks(Spec(2), backend);
        single.Store.Initialize(88);
        Take(model, single);

        // Both tasks read branch 1 behind stage 2, which keeps to itself: sn's own network, and seg's with sn's weights up to there.
        Choose(model, static (stage, branch) => stage == 3 ? 1 : branch);
        foreach (Parameter parameter in single.Store.Parameters)
        {
            if (parameter.Name.StartsWith("seg.backbone.", StringComparison.Ordinal) && !parameter.Name.Contains(".blocks.3.", StringComparison.Ordinal) && !parameter.Name.Contains(".ds.3.", StringComparison.Ordinal))
            {
                parameter.Value.CopyFromDoubles(single.Store["sn" + parameter.Name[3..]].Value.ToDoubles());
            }

            if (parameter.Name.StartsWith("seg.backbone.", StringComparison.Ordinal) && !parameter.Name.Contains(".3.", StringComparison.Ordinal))
            {
                // Whatever is not run may be anything.
                model.Store[Ours(parameter.Name)].Value.CopyFromDoubles([.. Enumerable.Repeat(double.NaN, (int)parameter.Count)]);
            }
        }

        using var step = new Step(backend, recordGradients: false);
        Assert.That(Outputs(step, model, training: false), Is.EqualTo(Outputs(step, single, training: false)));
        Assert.That(model.FindBranches(), Is.EqualTo(new Dictionary<string, int[]> { ["seg"] = [1, 1, 1, 1, 0], ["sn"] = [1, 1, 1, 1, 1] }));
    }

    [Test]
    public void ARunSaysWhichBranchesEachTaskTakes()
    {
        using var backend = new CpuBackend();
        using var folders = new RunFolders();
        RunConfig config = SmallRun.Config("ltb", "seg", "sn", "depth");

        // A large rate lets the choices move within a few steps.
        config.Options<LtbOptions>().RateFactor = 300;
        RunFolder folder = folders.New();
        MetricsFile results = SmallRun.Train(backend, config, folder);
        Assert.That(results.Branches, Is.Not.Null);
        Assert.That(results.Branches!.Select(static entry => (entry.Key, entry.Value[^1])), Is.EqualTo(new[] { ("seg", 0), ("sn", 1), ("depth", 2) }));
        Assert.That(MetricsFile.Read(folder.Metrics).Branches, Is.EqualTo(results.Branches));
        using IModel model = MethodRegistry.Get("ltb").Build(config, backend);
        using (SafeTensorsFile file = SafeTensorsFile.Open(folder.Checkpoint("final")))
        {
            StateEntries.Load(file, model.Store);
        }

        Assert.That(model.FindBranches(), Is.EqualTo(results.Branches));
        Assert.That(((BranchingNetwork)model).Logits.Value.ToDoubles(), Has.Some.Not.EqualTo(1));
        Assert.That(results.Cost, Is.EqualTo(model.Cost(GateTable.Shared, 32, 40)));

        // A step runs every branch, whatever tree comes out: 3 networks, forward and twice backward, for each image.
        long ofImage = model.MultiplyAdds(GateTable.Shared, [0, 1, 2], 32, 40);
        Assert.That(ofImage, Is.EqualTo((3 * TinyTraining.Pass) + results.Cost.HeadMultiplyAdds));
        Assert.That(results.Budget["train"].MultiplyAdds, Is.EqualTo(3.0 * ofImage * 5 * 2));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    public void ARunThatIsStoppedInOrBehindTheWarmUpGivesTheSameFiles(int steps)
    {
        using var backend = new CpuBackend();
        using var folders = new RunFolders();
        RunFolder whole = folders.New(), broken = folders.New();
        RunConfig config = SmallRun.Config("ltb", "seg", "sn");
        config.Options<LtbOptions>().WarmUp = 0.4;
        SmallRun.Train(backend, config, whole);
        using var source = new CancellationTokenSource();
        int left = steps;
        void Stop()
        {
            if (--left == 0)
            {
                source.Cancel();
            }
        }

        Assert.That(() => SmallRun.Train(backend, config, broken, onStep: _ => Stop(), stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        SmallRun.Train(backend, config, broken, resume: true);
        Assert.That(File.ReadAllBytes(broken.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("final"))));
        Assert.That(SmallRun.UntimedMetrics(broken), Is.EqualTo(SmallRun.UntimedMetrics(whole)));
        Assert.That(SmallRun.UntimedLog(broken), Is.EqualTo(SmallRun.UntimedLog(whole)));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "runs leave nothing behind");
    }

    [Test]
    public void MethodsWithoutBranchesSayNothingOfThem()
    {
        using var backend = new CpuBackend();
        using var folders = new RunFolders();
        RunFolder folder = folders.New();
        Assert.That(SmallRun.Train(backend, SmallRun.Config("hard_sharing", "seg", "sn"), folder).Branches, Is.Null);
        Assert.That(File.ReadAllText(folder.Metrics), Does.Not.Contain("branches"));
    }

    // ResNet-34 at 224x224, as derived in CrossStitchTests: stem 118,013,952; stages 718,626,816, 936,968,192, 5,732,040,704, 11,023,155,200; together 18,528,804,864. Its parameters: stem
    // 9,408 + 2 64 = 9,536; stage 1, 6 (9 64^2 + 2 64) = 221,952; stage 2, 9 64 128 + 7 9 128^2 + 64 128 + 9 2 128 = 1,116,416; stage 3, 9 128 256 + 11 9 256^2 + 128 256 + 13 2 256 = 6,822,400;
    // stage 4, 9 256 512 + 5 9 512^2 + 256 512 + 7 2 512 = 13,114,368. Logits: 4 K^2.
    [TestCase(3, 0, 3, 18_528_804_864L * 3, 21_284_672L * 3)]
    [TestCase(3, 4, 1, 18_528_804_864L + (2 * 11_023_155_200L), 21_284_672L + (2 * 13_114_368L))]
    [TestCase(3, 2, 1, 118_013_952L + 718_626_816L + (3 * (936_968_192L + 5_732_040_704L + 11_023_155_200L)), 9_536L + 221_952L + (3 * (1_116_416L + 6_822_400L + 13_114_368L)))]
    public void CostIsThatOfTheTree(int tasks, int sharedPlaces, int stems, long multiplyAdds, long used)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("ltb", AllTasks[..tasks]);
        config.Backbone = "ResNet34";
        config.Model.Width = 1;
        using var model = new BranchingNetwork(SmallRun.Spec(config), new BranchSchedule(10, new LtbOptions()), 1, backend);

        // The first places are shared: the first branch behind them is read by all.
        Choose(model, (stage, branch) => stage < sharedPlaces ? 0 : branch);
        ModelCost cost = model.Cost(GateTable.Shared, 224, 224);
        Assert.That(model.Tree.At(0, Enumerable.Range(0, tasks)), Has.Count.EqualTo(stems));
        Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(multiplyAdds));
        Assert.That(cost.PassesBackboneMultiplyAdds, Is.EqualTo(tasks * 18_528_804_864L));
        Assert.That(cost.BackboneParameters, Is.EqualTo((tasks * 21_284_672L) + (4 * tasks * tasks)));
        Assert.That(cost.UsedBackboneParameters, Is.EqualTo(used));

        // Training runs all of it, but for the last stages of tasks that an image has no labels for.
        Assert.That(model.MultiplyAdds(GateTable.Shared, [0], 224, 224), Is.EqualTo((tasks * 18_528_804_864L) - ((tasks - 1) * 11_023_155_200L) + HeadOf(model, 0)));
    }

    [Test]
    public void ChoicesHaveTheirOwnRate()
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("ltb", "seg", "sn");
        config.Options<LtbOptions>().RateFactor = 7;
        using IModel model = MethodRegistry.Get("ltb").Build(config, backend);
        Assert.That(model.WeightGroups.Select(static g => (g.Parameters.Name, g.Rate, g.Factor)), Is.EqualTo(new[]
        {
            ("heads", RateKind.Head, 1.0), ("backbone", RateKind.Backbone, 1.0), ("branches", RateKind.Backbone, 7.0),
        }));
    }

    [TestCase("warm_up", "ltb.warm_up is 1; expected a share from 0 up to, not including, 1")]
    [TestCase("first", "ltb.first_temperature is 0; expected a temperature above 0")]
    [TestCase("last", "ltb.last_temperature is 11; expected a temperature above 0 and up to ltb.first_temperature (10)")]
    [TestCase("factor", "ltb.rate_factor is -1; expected a factor above 0")]
    public void OptionsOutOfRangeAreRefused(string what, string sentence)
    {
        RunConfig config = SmallRun.Config("ltb", "seg", "sn");
        LtbOptions options = config.Options<LtbOptions>();
        Assert.That(() => MethodRegistry.Get("ltb").Validate(config), Throws.Nothing);
        switch (what)
        {
            case "warm_up": options.WarmUp = 1; break;
            case "first": options.FirstTemperature = 0; break;
            case "last": options.LastTemperature = 11; break;
            default: options.RateFactor = -1; break;
        }

        Assert.That(() => MethodRegistry.Get("ltb").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo(sentence));
    }

    /// <summary>Makes choices certain: a logit of 100 for the parent of each branch of each stage, 0 for the others.</summary>
    private static void Choose(BranchingNetwork model, Func<int, int, int> parent)
    {
        int tasks = model.Tasks.Count;
        model.Logits.Value.CopyFromDoubles([.. Enumerable.Range(0, Stages * tasks * tasks).Select(i => parent(i / tasks / tasks, i / tasks % tasks) == i % tasks ? 100.0 : 0)]);
    }

    /// <summary>Gives branch i the weights of task i's backbone, and heads those of heads.</summary>
    private static void Take(BranchingNetwork model, ParallelNetworks single)
    {
        foreach (Parameter parameter in single.Store.Parameters)
        {
            model.Store[Ours(parameter.Name)].Value.CopyFromDoubles(parameter.Value.ToDoubles());
        }
    }

    /// <summary>A branch's name for what is in a single-task network <c>task.backbone…</c>.</summary>
    private static string Ours(string name)
    {
        int task = Array.IndexOf(AllTasks, TaskNames.TaskOf(name));
        return name.StartsWith(TaskNames.Backbone(AllTasks[task]) + ".", StringComparison.Ordinal) ? $"branches.{task}{name[TaskNames.Backbone(AllTasks[task]).Length..]}" : name;
    }

    private static float[][] Outputs(Step step, IModel model, bool training, long time = 7) =>
        [.. model.Forward(step, new InputGroup(Images(step), [.. Enumerable.Range(0, model.Tasks.Count)]), new ForwardContext(GateTable.Shared, training, Seed: 88, time)).Select(static o => o.ToArray<float>())];

    private static Tensor Images(Step step)
    {
        Shape shape = SmallRun.Images(2, 32);
        return step.FromDoubles(shape, DType.Float32, SmallRun.Normal(shape.Count, 3));
    }

    private static Tensor Sum(Step step, IReadOnlyList<Tensor> outputs) => outputs.Select(output => step.Sum(output)).Aggregate(step.Add);

    private static long HeadOf(BranchingNetwork model, int task) =>
        model.Heads[task].Convolutions(model.FeatureShape(new Shape(1, 224, 224, 3))).Sum(Learning.Networks.LayerCost.MultiplyAdds);

    private static NetworkSpec Spec(int tasks) => SmallRun.Spec(SmallRun.Config("ltb", AllTasks[..tasks]));

    private static BranchingNetwork Build(CpuBackend backend, int tasks, LtbOptions options) => new(Spec(tasks), new BranchSchedule(100, options), 1, backend);
}
