using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>What plans share and leave out, what that saves, and that no more than that is computed.</summary>
public sealed class ExecutionPlanTests
{
    private const string Published = "seg:6;sn:9,10,11;depth:5,10,11";
    private static readonly string[] Names = ["seg", "sn", "depth"];
    private static readonly int[] All = [0, 1, 2];

    [Test]
    public void ThePublishedPolicySharesItsPrefix()
    {
        ExecutionPlan plan = Plan(Published, 16);
        Assert.That(plan.Blocks.Take(6).Select(b => b.Streams), Is.All.EqualTo(new[] { All }), "no task has gone its own way");
        Assert.That(plan.Blocks[6].Streams, Is.EqualTo(new int[][] { [0, 1], [2] }), "depth has skipped block 5");
        Assert.That(plan.Blocks[7].Streams, Is.EqualTo(new int[][] { [1], [2], [0] }), "seg has skipped block 6");
        Assert.That(plan.Blocks.Select(b => b.BodyCount), Is.EqualTo(new[] { 1, 1, 1, 1, 1, 1, 2, 3, 3, 2, 1, 1, 3, 3, 3, 3 }));
        Assert.That(plan.Blocks.Select(b => b.Bodies.Count), Is.All.EqualTo(1), "streams that differ are one batch");
        Assert.That(plan.Blocks[10].Bodies[0].Streams.SelectMany(s => plan.Blocks[10].Streams[s]), Is.EqualTo(new[] { 0 }), "only seg runs block 10");
    }

    [Test]
    public void ThePublishedPolicySavesTheMultiplyAddsOfWhatItShares()
    {
        using var backend = new CpuBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet34", 3, width: 1);
        ExecutionPlan plan = Plan(Published, 16);
        PlanCost cost = PlanCost.Of(plan, network.Backbone, 224, 224);
        ModelCost model = network.Cost(BlockPolicy.Parse(Published, Names, 16).ToGates(), 224, 224);

        // What the paper counts, 50.13 G, less what the tasks share: two of three computations of the stem and of blocks 0 to 4, whose projection is that of
        // block 3; one of the two of block 5; nothing after that, where every task has a stream of its own when it runs a block.
        Assert.That(cost.Full, Is.EqualTo(model.FullBackboneMultiplyAdds));
        long fifth = network.Backbone.Blocks[5].Body.Convolutions(network.Backbone.StageShape(new Shape(1, 224, 224, 3), 1)).Sum(LayerCost.MultiplyAdds);
        long shared = (2 * cost.Stem) + (2 * cost.FullBlocks.Take(5).Sum()) + fifth;
        Assert.That(cost.Total, Is.EqualTo(model.PassesBackboneMultiplyAdds - shared));
        Assert.That(model.ExecutedBackboneMultiplyAdds, Is.EqualTo(cost.Total));
        Assert.That((cost.Total / 1e9, cost.Full / 1e9), Is.EqualTo((47.33, 55.59)).Within(0.006));
    }

    [Test]
    public void SoftGatesShareTheFirstOpenBlock()
    {
        Gate soft = new(GateKind.Soft);
        Gate[] row = [Gate.On, Gate.On, soft, soft];
        ExecutionPlan plan = ExecutionPlan.Of(GateTable.PerTask([row, row, row]), training: true);
        Assert.That(plan.Blocks.Select(b => b.BodyCount), Is.EqualTo(new[] { 1, 1, 1, 3 }));
        Assert.That(plan.Blocks[2].Bodies[0].Updates, Is.EqualTo(new[] { 0, 0, 0 }), "one computation stands for three passes");
        Assert.That(plan.Blocks[3].Bodies[0].Updates, Is.EqualTo(All));
        Assert.That(plan.FeatureStreams, Is.EqualTo(new int[][] { [0], [1], [2] }));
    }

    [Test]
    public void WarmUpIsOneStreamAndOneUpdate()
    {
        ExecutionPlan plan = ExecutionPlan.Shared(3, 8, training: true);
        Assert.That(plan.FeatureStreams, Is.EqualTo(new[] { All }));
        Assert.That(plan.StemUpdates, Has.Count.EqualTo(1));
        Assert.That(plan.Blocks.Select(b => (b.BodyCount, b.Updates.Count, b.Bodies[0].Updates.Count)), Is.All.EqualTo((1, 1, 1)));
    }

    [Test]
    public void WhereEachTaskHasItsOwnNormsOnlyTheConvolutionOfTheStemIsShared()
    {
        using var backend = new CountingBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet34", 3, taskNorms: true);
        network.Store.Initialize(1);
        GateTable gates = Gates(Published, 16);
        ExecutionPlan plan = network.Plan(gates, training: true);
        Assert.That(plan.HasTaskNorms);
        Assert.That(plan.StemUpdates, Is.EqualTo(All));
        Assert.That(plan.Blocks.Select(static b => b.Streams.Count), Is.All.EqualTo(3));
        Assert.That(plan.Blocks.Select(b => b.BodyCount), Is.EqualTo(new[] { 3, 3, 3, 3, 3, 2, 2, 3, 3, 2, 1, 1, 3, 3, 3, 3 }));
        Assert.That(plan.Blocks.SelectMany(static b => b.Bodies).Select(static pass => (pass.Streams.Count, pass.Updates.Count)), Is.All.EqualTo((1, 1)), "each body by itself");
        Assert.That(network.Plan(GateTable.Shared, training: true).Blocks.Select(static b => b.BodyCount), Is.All.EqualTo(3), "without a policy too");

        var cost = PlanCost.Of(plan, network.Backbone, 33, 41);
        ModelCost model = network.Cost(gates, 33, 41);
        Assert.That(cost.Total, Is.EqualTo(model.PassesBackboneMultiplyAdds - (2 * cost.Stem)), "K passes, less two computations of the stem");
        Assert.That(model.ExecutedBackboneMultiplyAdds, Is.EqualTo(cost.Total));
        using (var step = new Step(backend, recordGradients: false))
        {
            network.Backbone.Forward(step, Images(step), plan, gates).Dispose();
            Assert.That(backend.ForwardMultiplyAdds, Is.EqualTo(2 * cost.Total), "for two images");
        }

        string[] lines = PlanText.Of(plan, Names, cost: null).Split(Environment.NewLine);
        Assert.That(lines[1], Is.EqualTo("stem      seg+sn+depth: convolution computed, shared by 3; from its batch norm on, each task by itself"));
        Assert.That(lines[7], Is.EqualTo("block  5  seg: computed | sn: computed | depth: skipped"));
        Assert.That(
            () => network.Backbone.Forward(new Step(backend, recordGradients: false), network.Store["backbone.conv1.weight"].Value, ExecutionPlan.Of(gates, training: true), gates),
            Throws.ArgumentException.With.Message.EqualTo("execution plan: it is for batch norms that tasks share, those of the backbone are each task's own; give taskNorms as the backbone has them (Parameter 'plan')"));
    }

    [Test]
    public void SilentStreamsAreOutsideTheBatchThatRunsBackwardAndTakeTurnsWithIt()
    {
        ExecutionPlan apart = ExecutionPlan.Of(GateTable.PerTask([[Gate.Off, Gate.Silent], [Gate.On, Gate.On]]), training: true);
        Assert.That(apart.Blocks[1].Streams, Is.EqualTo(new int[][] { [1], [0] }));
        Assert.That(apart.Blocks[1].Bodies.Select(p => (p.IsSilent, p.Streams[0])), Is.EqualTo(new[] { (true, 1), (false, 0) }), "task 0's pass comes first");

        ExecutionPlan interleaved = ExecutionPlan.Of(GateTable.PerTask([[Gate.On, Gate.On], [Gate.Off, Gate.Silent], [Gate.On, Gate.On]]), training: true);
        Assert.That(interleaved.Blocks[1].Bodies.Select(p => (p.IsSilent, string.Join(',', p.Streams), string.Join(',', p.Updates))),
            Is.EqualTo(new[] { (false, "0", "0"), (true, "0,1", "1,0") }), "the second turn of the stream that runs is silent");
        Assert.That(ExecutionPlan.Of(GateTable.PerTask([[Gate.Silent], [Gate.On]]), training: false).Blocks[0].Bodies.Sum(p => p.Updates.Count), Is.EqualTo(1), "evaluation moves no statistics");
        Assert.That(ExecutionPlan.Of(GateTable.PerTask([[Gate.Silent], [Gate.Off]]), training: false).Blocks[0].Bodies, Is.Empty);
    }

    [TestCase(Published, true)]
    [TestCase("", false)]
    public void NoMoreIsComputedThanThePlanSays(string policy, bool training)
    {
        using var backend = new CountingBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet34", 3);
        network.Store.Initialize(1);
        using (var step = new Step(backend, recordGradients: false))
        {
            GateTable gates = Gates(policy, 16);
            var plan = ExecutionPlan.Of(gates, training);
            network.Backbone.Forward(step, Images(step), plan, gates).Dispose();
            Assert.That(backend.ForwardMultiplyAdds, Is.EqualTo(2 * PlanCost.Of(plan, network.Backbone, 33, 41).Total), "for two images");
        }

        Assert.That(backend.Memory.LiveBuffers, Is.EqualTo(network.Store.Groups.Count), "the parameters alone are left");
    }

    [Test]
    public void SilentBodiesAreNotRecorded()
    {
        using var backend = new CpuBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", 3);
        network.Store.Initialize(1);
        int Recorded(GateKind dropped)
        {
            using var step = new Step(backend);
            GateTable gates = Gates("seg:3;sn:3;depth:3", 8, dropped);
            network.Backbone.Forward(step, Images(step), ExecutionPlan.Of(gates, training: true), gates).Dispose();
            return step.TapeLength;
        }

        Assert.That(Recorded(GateKind.Silent), Is.EqualTo(Recorded(GateKind.Off)));
    }

    [Test]
    public void TasksOfOneStreamReadTheSameFeaturesWithoutACopy()
    {
        using var backend = new CpuBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", 3);
        network.Store.Initialize(1);
        using var step = new Step(backend, recordGradients: false);
        GateTable gates = Gates("sn:7", 8);
        using TaskFeatures features = network.Backbone.Forward(step, Images(step), ExecutionPlan.Of(gates, training: false), gates);
        Assert.That(features.Of(2), Is.SameAs(features.Of(0)));
        Assert.That(features.Of(1), Is.Not.SameAs(features.Of(0)));
        Assert.That(features.Of(0).Shape[0], Is.EqualTo(2));
    }

    // The decisions of three tasks on a block, after a first block with those of the second row; a mix sends each task its own way.
    [TestCase("~~~", "", "~012 shared", TestName = "{m}(the first mixes)")]
    [TestCase("###", "", "#0", TestName = "{m}(all run)")]
    [TestCase("~~~", "~~~", "~012", TestName = "{m}(each its own mix)")]
    [TestCase(".##", "~~~", "#01", TestName = "{m}(one skips)")]
    [TestCase("#~~", "", "apart", TestName = "{m}(one runs and two are mixed)")]
    [TestCase("~~.", "#.#", "~01", TestName = "{m}(two mixes on streams of their own)")]
    [TestCase("~~~", "#..", "apart", TestName = "{m}(a stream of two mixes beside another)")]
    public void PassesAreComputedWholeWhereTheirStreamsEndAlike(string row, string before, string expected)
    {
        static GateKind Kind(char c) => c switch { '#' => GateKind.On, '~' => GateKind.Soft, _ => GateKind.Off };
        string rows = (before.Length == 0 ? "###" : before) + row;
        var plan = ExecutionPlan.Of(GateTable.PerTask([.. Enumerable.Range(0, 3).Select(t => new[] { new Gate(Kind(rows[t])), new Gate(Kind(rows[3 + t])) })]), training: true);
        BlockPlan block = plan.Blocks[1];
        PassEnd? end = PassEnd.Of(block, block.Bodies.Single(static pass => !pass.IsSilent));
        string actual = end is null ? "apart" : (end.IsMix ? "~" : "#") + string.Concat(end.Outputs) + (end.SharesInput ? " shared" : string.Empty);
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public void ThePlanReadsLineByLine()
    {
        using var backend = new CpuBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", 3);
        ExecutionPlan plan = Plan("seg:1;sn:2;depth:1,2", 8, training: true, GateKind.Silent);
        string[] lines = PlanText.Of(plan, Names, PlanCost.Of(plan, network.Backbone, 64, 64)).Split(Environment.NewLine);
        Assert.That(lines[..5], Is.EqualTo(new[]
        {
            "execution plan for training: 3 tasks, 8 blocks",
            "stem      seg+sn+depth: computed, shared by 3",
            "block  0  seg+sn+depth: computed, shared by 3",
            "block  1  seg+sn+depth: computed, skipped by seg+depth",
            "block  2  seg+depth: computed, skipped by depth, again for statistics | sn: skipped, statistics only",
        }));
        Assert.That(lines[^3..], Is.EqualTo(new[] { "computed  20 of 24 block bodies", lines[^2], string.Empty }));
        Assert.That(lines[^2], Does.Match(@"^cost      \d+\.\d\d M of the \d+\.\d\d M multiply-adds of 3 full passes through the backbone at 64x64: \d+\.\d % saved$"));
        Assert.That(plan.ToString(), Does.Contain("task1+task3: computed").And.Not.Contain("cost"));
    }

    [Test]
    public void PlansThatDoNotFitAreRefused()
    {
        using var backend = new CpuBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", 1);
        using var step = new Step(backend, recordGradients: false);
        Assert.That(() => ExecutionPlan.Of(GateTable.PerTask([[Gate.On], []]), training: true), Throws.ArgumentException.With.Message.Contains("every block"));
        Assert.That(() => network.Backbone.Forward(step, Images(step), Plan("", 16), Gates("", 16)), Throws.ArgumentException.With.Message.Contains("16 blocks").And.Message.Contains("has 8"));
        GateTable gates = GateTable.PerTask([[.. Enumerable.Repeat(new Gate(GateKind.Soft), 8)]]);
        ExecutionPlan soft = ExecutionPlan.Of(gates, training: false);
        Assert.That(() => network.Backbone.Forward(step, Images(step), soft, gates), Throws.ArgumentException.With.Message.Contains("task 0 mixes block 0"));
    }

    private static ExecutionPlan Plan(string policy, int blocks, bool training = false, GateKind dropped = GateKind.Off) =>
        ExecutionPlan.Of(Gates(policy, blocks, dropped), training);

    private static GateTable Gates(string policy, int blocks, GateKind dropped = GateKind.Off) => BlockPolicy.Parse(policy, Names, blocks).ToGates(dropped);

    private static Tensor Images(Step step)
    {
        var stream = RandomStream.For(7, "images");
        return step.FromDoubles(new Shape(2, 33, 41, 3), DType.Float32, [.. Enumerable.Range(0, 2 * 33 * 41 * 3).Select(i => stream.Normal((ulong)i))]);
    }
}
