using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>Gates that differ from image to image, beside gates that do not, against a pass for each task that computes every block for every image.</summary>
public sealed class ImageGateTests
{
    private const int Images = 3;
    private const double Tolerance = 1e-10;
    private static readonly Shape Input = new(Images, 17, 25, 3);

    [Test]
    public void TrainingEqualsPassesThatMixEveryImage([Range(0, 19)] int seed)
    {
        using var backend = new CpuBackend();
        Scenario scenario = Scenario.Of(seed);
        Dictionary<string, double[]> naive = Run(backend, scenario, training: true, planned: false), planned = Run(backend, scenario, training: true, planned: true);
        AssertEqual(planned, naive, scenario);
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void EvaluationEqualsPassesThatMixEveryImage([Range(20, 31)] int seed)
    {
        using var backend = new CpuBackend();
        Scenario scenario = Scenario.Of(seed);
        AssertEqual(Run(backend, scenario, training: false, planned: true), Run(backend, scenario, training: false, planned: false), scenario);
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void RecomputedBodiesGiveTheSameGradients()
    {
        using var backend = new CpuBackend();
        Scenario scenario = Scenario.Of(3);
        Dictionary<string, double[]> kept = Run(backend, scenario, training: true, planned: true), again = Run(backend, scenario, training: true, planned: true, recompute: true);
        Assert.That(again.Keys, Is.EqualTo(kept.Keys));
        foreach ((string name, double[] values) in kept)
        {
            Assert.That(again[name], Is.EqualTo(values), name);
        }
    }

    // Three images of one task run 8, 6 and 0 of the blocks: bodies of 114,048 twice, 103,680, 138,240, 414,720, 552,960, 1,658,880 and 2,211,840 multiply-adds at 32x40, projections
    // of 3,840, 15,360 and 61,440 and a stem of 376,320 for each.
    [Test]
    public void InEvaluationAnImageCostsWhatItRuns()
    {
        using var backend = new CountingBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", 1);
        network.Store.Initialize(1);
        bool[][] runs = [[true, true, false], [true, true, false], [true, true, false], [true, true, false], [true, true, false], [true, true, false], [true, false, false], [true, false, false]];
        GateTable gates = GateTable.PerTask([[.. runs.Select(Gate.PerImage)]]);
        long heads = network.MultiplyAdds(GateTable.Shared, [0], 32, 40) - 5765376;
        using (var step = new Step(backend, recordGradients: false))
        {
            network.Forward(step, new InputGroup(step.FromDoubles(new Shape(Images, 32, 40, 3), DType.Float32, Normal(Images * 32 * 40 * 3)), [0]), ForwardContext.Evaluation(gates));
        }

        const long Always = 376320 + 3840 + 15360 + 61440, FirstSix = 114048 + 114048 + 103680 + 138240 + 414720 + 552960, LastTwo = 1658880 + 2211840;
        Assert.That(backend.ForwardMultiplyAdds, Is.EqualTo((3 * (Always + heads)) + (2 * FirstSix) + LastTwo));
    }

    [Test]
    public void ABlockThatNoImageRunsIsNotComputedInTraining()
    {
        Assert.That(Gate.PerImage([false, false]), Is.EqualTo(Gate.Off));
        Assert.That(Gate.PerImage([true, true]), Is.EqualTo(Gate.On));
        GateTable gates = GateTable.PerTask([[Gate.PerImage([true, false]), Gate.PerImage([false, false])], [Gate.PerImage([true, false]), Gate.On]]);
        ExecutionPlan plan = ExecutionPlan.Of(gates, training: true);
        Assert.That(plan.Blocks.Select(static b => b.BodyCount), Is.EqualTo(new[] { 1, 1 }), "equal decisions are computed once, block 1 for the second task alone");
        Assert.That(gates.Signature, Is.EqualTo("~(#.)./~(#.)#"));
    }

    [Test]
    public void OneRowForAllTasksIsOnePassWhoseStatisticsMoveOnce()
    {
        using var backend = new CpuBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", 3);
        network.Store.Initialize(1);
        Gate[] row = [Gate.Off, Gate.PerImage([true, false, true]), .. Enumerable.Repeat(Gate.On, 6)];
        GateTable gates = GateTable.Common(row);
        ExecutionPlan plan = ExecutionPlan.Common(gates, 3, training: true);
        Assert.That(plan.Blocks.Select(static b => b.BodyCount), Is.EqualTo(new[] { 0, 1, 1, 1, 1, 1, 1, 1 }));
        using (var step = new Step(backend))
        {
            network.Forward(step, new InputGroup(step.FromDoubles(Input, DType.Float32, Normal(Input.Count)), [0, 1, 2]), new ForwardContext(gates, Training: true));
        }

        Assert.That(network.Store.Counters.Where(static c => c.Name.Contains("blocks.0.1.", StringComparison.Ordinal)).Select(static c => c.Value), Is.All.EqualTo(1));
        Assert.That(network.Store.Counters.Where(static c => c.Name.Contains("blocks.0.0.", StringComparison.Ordinal)).Select(static c => c.Value), Is.All.Zero);
        Assert.That(gates.Of([1]), Is.SameAs(gates));
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        using var backend = new CpuBackend();
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", 1);
        network.Store.Initialize(1);
        using var step = new Step(backend);
        Tensor images = step.FromDoubles(Input, DType.Float32, Normal(Input.Count));
        Gate[] rest = [.. Enumerable.Repeat(Gate.On, 7)];
        void Refused(Gate gate, string why) => Assert.That(
            () => network.Forward(step, new InputGroup(images, [0]), new ForwardContext(GateTable.PerTask([[gate, .. rest]]), Training: true)),
            Throws.ArgumentException.With.Message.Contains(why));
        Refused(Gate.PerImage([true, false]), "decisions of 2 images for a group of 3");
        Refused(Gate.Soft(step.FromDoubles(new Shape(2, 2), DType.Float32, [1, 0, 0, 1])), "2 rows of weights for 3 images");
        Assert.That(() => Gate.PerImage([]), Throws.ArgumentException.With.Message.Contains("at least one image"));
        Assert.That(() => network.Forward(step, new InputGroup(images, [0]), ForwardContext.Evaluation(GateTable.Decided)), Throws.ArgumentException.With.Message.Contains("decides nothing by itself"));
        Assert.That(() => ExecutionPlan.Of(GateTable.Common(rest), training: true), Throws.ArgumentException.With.Message.Contains("ExecutionPlan.Common"));
        Assert.That(() => ExecutionPlan.Common(GateTable.Shared, 1, training: true), Throws.ArgumentException.With.Message.Contains("not one row"));
    }

    private static void AssertEqual(Dictionary<string, double[]> actual, Dictionary<string, double[]> expected, Scenario scenario)
    {
        foreach ((string name, double[] values) in expected)
        {
            double scale = values.Select(Math.Abs).Append(1e-30).Max();
            double worst = values.Zip(actual[name], static (a, b) => Math.Abs(a - b)).Append(0).Max();
            Assert.That(worst, Is.LessThanOrEqualTo(Tolerance * scale), $"{name}, {scenario}");
        }
    }

    private static Dictionary<string, double[]> Run(CpuBackend backend, Scenario scenario, bool training, bool planned, bool recompute = false)
    {
        using LogitNetwork network = LogitNetwork.Of(backend, "ResNet18", scenario.Tasks, type: DType.Float64);
        network.RecomputesBlocks = recompute;
        network.Store.Initialize(11);
        foreach (Parameter parameter in network.Store.Parameters.Where(static p => p.Shape.Rank == 1 || p.Name.EndsWith("logits", StringComparison.Ordinal)))
        {
            var noise = RandomStream.For(13, parameter.Name);
            parameter.Value.CopyFromDoubles([.. parameter.Value.ToDoubles().Select((v, i) => v + (0.4 * noise.UniformDouble((ulong)i)))]);
        }

        var results = new Dictionary<string, double[]>();
        using (var step = new Step(backend))
        {
            Tensor images = step.FromDoubles(Input, DType.Float64, [.. Normal(Input.Count).Select(static v => 50 * v)]);
            GateTable gates = scenario.Gates(step, network);
            IReadOnlyList<Tensor> outputs = planned
                ? network.Forward(step, new InputGroup(images, [.. Enumerable.Range(0, scenario.Tasks)]), new ForwardContext(gates, training))
                : Naive(step, network, images, gates, scenario, training);
            Tensor loss = step.Sum(step.Square(outputs[0]));
            for (int t = 0; t < outputs.Count; t++)
            {
                results[$"prediction {t}"] = outputs[t].ToDoubles();
                loss = t == 0 ? loss : step.Add(loss, step.Scale(step.Sum(step.Square(outputs[t])), t + 0.5));
            }

            step.Backward(loss);
        }

        foreach (Parameter parameter in network.Store.Parameters)
        {
            results[parameter.Name] = parameter.Group.IsBuffer ? parameter.Value.ToDoubles() : parameter.HasGradient ? parameter.Gradient.ToDoubles() : new double[parameter.Count];
        }

        foreach (Counter counter in network.Store.Counters)
        {
            results[counter.Name] = [counter.Value];
        }

        return results;
    }

    private static Tensor[] Naive(Step step, LogitNetwork network, Tensor images, GateTable gates, Scenario scenario, bool training)
    {
        int passes = scenario.IsCommon ? 1 : scenario.Tasks;
        Tensor[] features = [.. Enumerable.Range(0, passes).Select(t => Features(step, network.Backbone, images, gates, t, training))];
        return [.. network.Heads.Select((head, t) => head.Forward(step, features[passes == 1 ? 0 : t], training, 0, 0))];
    }

    private static Tensor Features(Step step, Backbone backbone, Tensor images, GateTable gates, int task, bool training)
    {
        Tensor x = backbone.Stem.Forward(step, images, training);
        for (int b = 0; b < backbone.Blocks.Count; b++)
        {
            (ResidualBlock body, Projection? projection) = backbone.Blocks[b];
            Tensor residual = projection?.Forward(step, x, training) ?? x;
            Gate gate = gates[task, b];
            if (gate.Kind == GateKind.Off)
            {
                x = residual;
                continue;
            }

            // Every image by itself: its own row of weights, as numbers times tensors.
            Tensor open = step.Relu(step.Add(residual, body.Forward(step, x, training)));
            x = gate.Kind == GateKind.On ? open : step.Concat([.. Enumerable.Range(0, Images).Select(i => Mixed(step, gate, i, step.Slice(open, 0, i, 1), step.Slice(residual, 0, i, 1)))], 0);
        }

        return x;
    }

    private static Tensor Mixed(Step step, Gate gate, int image, Tensor open, Tensor residual)
    {
        if (gate.Images is { } runs)
        {
            return runs[image] ? open : residual;
        }

        if (gate.Weights is not { } weights)
        {
            return step.Add(step.Scale(open, gate.Select!.Value), step.Scale(residual, 1 - gate.Select.Value));
        }

        Tensor row = step.Slice(weights, 0, weights.Shape[0] == 1 ? 0 : image, 1);
        Tensor Weight(int column) => step.Reshape(step.Slice(row, 1, column, 1), new Shape(1, 1, 1, 1));
        return step.Add(step.Multiply(open, Weight(0)), step.Multiply(residual, Weight(1)));
    }

    private static double[] Normal(long count)
    {
        var stream = RandomStream.For(7, "images");
        return [.. Enumerable.Range(0, (int)count).Select(i => stream.Normal((ulong)i))];
    }

    /// <summary>Gates of every kind, from a number.</summary>
    private sealed record Scenario(int Tasks, bool IsCommon, int Seed, bool HasWeights)
    {
        private const int Blocks = 8;

        public static Scenario Of(int seed)
        {
            var stream = RandomStream.For((ulong)seed, "image gates");
            return new Scenario(1 + stream.Integer(0, 3), stream.Integer(1, 4) == 0, seed, stream.Integer(2, 2) == 0);
        }

        public GateTable Gates(Step step, LogitNetwork network)
        {
            Tensor[] samples = [.. network.Logits.Select(logits => step.Softmax(logits.Value))];
            return IsCommon ? GateTable.Common(Row(step, samples, 0)) : GateTable.PerTask([.. Enumerable.Range(0, Tasks).Select(t => Row(step, samples, t))]);
        }

        private Gate[] Row(Step step, Tensor[] samples, int task)
        {
            var stream = RandomStream.For((ulong)Seed, $"row {task}");
            return [.. Enumerable.Range(0, Blocks).Select(b => stream.Integer((ulong)(2 * b), HasWeights ? 6 : 3) switch
            {
                0 => stream.Integer((ulong)((2 * b) + 1), 2) == 0 ? Gate.On : Gate.Off,

                // The same for all tasks in half of the blocks, so that streams stay together.
                1 or 2 => Gate.PerImage([.. Enumerable.Range(0, Images).Select(i => (((b % 2 == 0 ? 0 : task) + i + (Seed * 7) + (b * 3)) % 5) < 2)]),
                3 => Gate.Soft(step.Slice(samples[task], 0, b, 1)),
                4 => Gate.Constant(0.25),
                _ => Gate.Soft(step.Slice(samples[task], 0, b % (Blocks - Images), Images)),
            })];
        }
    }
}
