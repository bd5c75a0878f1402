using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.Mtan;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Mtan;

/// <summary>Attention at every block: what it computes, for whom, and what it costs.</summary>
public sealed class MtanTests
{
    private static readonly string[] AllTasks = ["seg", "sn", "depth", "keypoint", "edge"];

    [TestCase(1, 0, 4, 4)]
    [TestCase(1, 3, 4, 4)]
    [TestCase(2, 3, 7, 4)]
    [TestCase(2, 3, 8, 4)]
    public void ABlockIsAttendedThroughAMaskAndRefined(int stride, int before, int sideBefore, int side)
    {
        const int Channels = 2;
        using var backend = new CpuBackend();
        using var store = new ParameterStore();
        var builder = new NetworkBuilder(store);
        var attention = new BlockAttention(builder, store.Group("attention"), "a", before, Channels, stride);
        store.Allocate(backend, DType.Float64);
        store.Initialize(5);
        foreach (Parameter parameter in store.Parameters)
        {
            // Statistics too: in evaluation they are numbers like others, and variances are above 0.
            double[] values = SmallRun.Normal(parameter.Count, RandomSeed(parameter.Name));
            parameter.Value.CopyFromDoubles(parameter.Name.EndsWith("running_var", StringComparison.Ordinal) ? [.. values.Select(static v => 0.5 + (v * v))] : values);
        }

        double[] u = SmallRun.Normal(side * side * Channels, 1), earlier = SmallRun.Normal(sideBefore * sideBefore * Math.Max(1, before), 2);
        using var step = new Step(backend, recordGradients: false);
        Tensor features = step.FromDoubles(new Shape(1, side, side, Channels), DType.Float64, u);
        Tensor? ofTask = before == 0 ? null : step.FromDoubles(new Shape(1, sideBefore, sideBefore, before), DType.Float64, earlier);
        Tensor found = attention.Forward(step, features, ofTask, training: false);

        // u' = sigmoid(BN(W2 ReLU(BN(W1 [u; pooled] + b1)) + b2)) u, then ReLU(BN(W3 * u' + b3)).
        double[][] attended = new double[side * side][];
        for (int p = 0; p < attended.Length; p++)
        {
            double[] seen = [.. u[(p * Channels)..((p + 1) * Channels)], .. Enumerable.Range(0, before).Select(c => Pooled(p / side, p % side, c))];
            double[] hidden = [.. Product("a.conv1", seen).Select((x, c) => Math.Max(0, Norm("a.bn1", c, x)))];
            attended[p] = [.. Product("a.conv2", hidden).Select((x, c) => u[(p * Channels) + c] / (1 + Math.Exp(-Norm("a.bn2", c, x))))];
        }

        double[] expected = [.. Enumerable.Range(0, side * side * Channels).Select(i => Math.Max(0, Norm("a.refine_bn", i % Channels, Refined(i / Channels / side, i / Channels % side, i % Channels))))];
        Assert.That(found.ToDoubles(), Is.EqualTo(expected).Within(1e-9));

        double Pooled(int y, int x, int c) => Enumerable.Range(0, stride * stride).Select(k => (Y: (y * stride) + (k / stride), X: (x * stride) + (k % stride)))
            .Where(at => at.Y < sideBefore && at.X < sideBefore).Max(at => earlier[(((at.Y * sideBefore) + at.X) * before) + c]);

        double[] Product(string name, double[] input)
        {
            double[] weight = store[name + ".weight"].Value.ToDoubles(), bias = store[name + ".bias"].Value.ToDoubles();
            return [.. bias.Select((b, o) => b + input.Select((x, i) => x * weight[(o * input.Length) + i]).Sum())];
        }

        double Norm(string name, int c, double x) => (Value(name, "weight", c) * (x - Value(name, "running_mean", c)) / Math.Sqrt(Value(name, "running_var", c) + 1e-5)) + Value(name, "bias", c);

        double Value(string name, string what, int c) => store[$"{name}.{what}"].Value.ToDoubles()[c];

        double Refined(int y, int x, int o)
        {
            double[] weight = store["a.refine.weight"].Value.ToDoubles();
            double sum = Value("a.refine", "bias", o);
            for (int k = 0; k < 9; k++)
            {
                (int at, int to) = (y + (k / 3) - 1, x + (k % 3) - 1);
                for (int i = 0; i < Channels && at >= 0 && at < side && to >= 0 && to < side; i++)
                {
                    sum += weight[(((o * Channels) + i) * 9) + k] * attended[(at * side) + to][i];
                }
            }

            return sum;
        }
    }

    [Test]
    public void AttentionOfTasksThatAreNotPredictedIsNotComputed()
    {
        using var backend = new CpuBackend();
        using var model = new MtanNetwork(Spec(3), backend);
        model.Store.Initialize(1);
        using var step = new Step(backend, recordGradients: false);
        Shape shape = SmallRun.Images(2, 32);
        model.Forward(step, new InputGroup(step.FromDoubles(shape, DType.Float32, SmallRun.Normal(shape.Count, 3)), [1]), new ForwardContext(GateTable.Shared, Training: true));
        Counter[] moved = [.. model.Store.Counters.Where(static c => c.Value > 0 && c.Name.Contains(".attention.", StringComparison.Ordinal))];
        Assert.That(moved.Select(static c => c.Name[..c.Name.IndexOf('.', StringComparison.Ordinal)]).Distinct(), Is.EqualTo(new[] { "sn" }));
        Assert.That(moved, Has.Length.EqualTo(3 * 8), "three batch norms for each of 8 blocks");
    }

    [Test]
    public void ATaskPredictsTheSameWhateverStandsBesideIt()
    {
        using var backend = new CpuBackend();
        using MtanNetwork alone = new(Spec(1), backend), beside = new(Spec(3), backend);
        alone.Store.Initialize(88);
        beside.Store.Initialize(88);
        using var step = new Step(backend, recordGradients: false);
        Shape shape = SmallRun.Images(2, 32);
        Tensor images = step.FromDoubles(shape, DType.Float32, SmallRun.Normal(shape.Count, 3));
        var context = new ForwardContext(GateTable.Shared, Training: true, Seed: 88);
        Assert.That(beside.Forward(step, new InputGroup(images, [0, 1, 2]), context)[0].ToArray<float>(), Is.EqualTo(alone.Forward(step, new InputGroup(images, [0]), context)[0].ToArray<float>()));
    }

    // A task's attention, with C channels of a block and P of the block before (P = 0 at the first): C (C + P) + C^2 + 9 C^2 weights, 3 C biases, 6 C in batch norms, and 6 C running statistics.
    // Sums over the blocks of ResNet-34 (3 of 64, 4 of 128, 6 of 256, 3 of 512 channels):
    //   of C: 3,776; of C^2: 1,257,472; of C P: 2 64^2 + 64 128 + 3 128^2 + 128 256 + 5 256^2 + 256 512 + 2 512^2 = 1,081,344
    //   parameters 11 1,257,472 + 1,081,344 + 9 3,776 = 14,947,520; state entries + 6 3,776 = 14,970,176
    // At 57x57 (stage 1) and 29x29 pixels, and half a multiply-add for each bias:
    //   3,249 (11 3 64^2 + 2 64^2) + 841 (11 1,245,184 + 1,073,152) + (3 3,249 192 + 3 841 3,584) / 2 = 12,892,951,584
    [TestCase(2, 2.4055, 44_314_708_032, 44.31)]
    [TestCase(3, 3.1083, 57_207_659_616, 57.21)]
    [TestCase(5, 4.5138, 82_993_562_784, 82.99)]
    public void CostIsThePublishedOne(int tasks, double backbones, long multiplyAdds, double published)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("mtan", AllTasks[..tasks]);
        config.Backbone = "ResNet34";
        config.Model.Width = 1;
        using var model = new MtanNetwork(SmallRun.Spec(config), backend);
        ModelCost cost = model.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo(21_284_672L + (tasks * 14_947_520L)));
        long state = model.Store.Parameters.Sum(static p => p.Count) - cost.HeadParameters;
        Assert.That(state, Is.EqualTo(21_301_696L + (tasks * 14_970_176L)));
        Assert.That(Math.Round(state / 21_301_696.0, 4), Is.EqualTo(backbones));
        Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(multiplyAdds).And.EqualTo(18_528_804_864L + (tasks * 12_892_951_584L)));
        Assert.That(Math.Round(cost.ExecutedBackboneMultiplyAdds / 1e9, 2), Is.EqualTo(published));
        Assert.That(cost.PassesBackboneMultiplyAdds, Is.EqualTo(tasks * (18_528_804_864L + 12_892_951_584L)));
        Assert.That(cost.FullBackboneMultiplyAdds, Is.EqualTo(tasks * 18_528_804_864L));
    }

    [Test]
    public void AttentionHasTheRateOfTheBackbone()
    {
        using var backend = new CpuBackend();
        using var model = new MtanNetwork(Spec(2), backend);
        Assert.That(model.WeightGroups.Select(static g => (g.Parameters.Name, g.Rate, g.Factor)), Is.EqualTo(new[]
        {
            ("heads", RateKind.Head, 1.0), ("backbone", RateKind.Backbone, 1.0), ("attention", RateKind.Backbone, 1.0),
        }));
    }

    [Test]
    public void GatesAreRefused()
    {
        using var backend = new CpuBackend();
        using var model = new MtanNetwork(Spec(2), backend);
        using var step = new Step(backend);
        GateTable gates = BlockPolicy.AllOn(2, 8).ToGates();
        Assert.That(() => model.Forward(step, new InputGroup(step.New(SmallRun.Images(1, 32), DType.Float32), [0]), ForwardContext.Evaluation(gates)),
            Throws.ArgumentException.With.Message.StartsWith("gates: MtanNetwork has no gates"));
    }

    private static ulong RandomSeed(string name) => Engine.Random.RandomStream.Hash(name);

    private static NetworkSpec Spec(int tasks) => SmallRun.Spec(SmallRun.Config("mtan", AllTasks[..tasks]));
}
