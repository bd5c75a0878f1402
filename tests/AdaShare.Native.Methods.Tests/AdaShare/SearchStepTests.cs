using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Tests.Execution;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.Tests.AdaShare;

/// <summary>The network that AdaShare trains, and what a step of its search computes, moves and leaves behind.</summary>
public sealed class SearchStepTests
{
    private static readonly int[] All = [0, 1, 2];
    private static readonly TaskSpec[] ThreeTasks = [TaskSpec.Of("seg", 40, 1), TaskSpec.Of("sn", 3, 20), TaskSpec.Of("depth", 1, 3)];

    [Test]
    public void PublishedNetworksHaveTheirSizes()
    {
        using var backend = new CpuBackend();
        using (var three = new AdaShareNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), ThreeTasks, 1024, 0.5), backend))
        {
            Assert.That(three.Store.StateCount, Is.EqualTo(90_712_820));
            Assert.That(three.BackboneGroup.Parameters.Sum(p => p.Count), Is.EqualTo(21_284_672), "the backbone of ResNet-34");
        }

        using var two = new AdaShareNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18"), ThreeTasks[..2], 1024, 0.5), backend);
        Assert.That(two.Store.ParameterCount, Is.EqualTo(57_506_572));
        Assert.That(two.Store.StateCount, Is.EqualTo(57_516_192));
    }

    [Test]
    public void FrozenWeightsGetNoGradientAndClosedBlocksNoLogitGradient()
    {
        using var backend = new CpuBackend();
        using AdaShareNetwork network = Network(backend, "ResNet18", 1);
        network.Store.Initialize(3);
        network.BackboneGroup.Trainable = false;
        network.HeadGroup.Trainable = false;
        using (var step = new Step(backend))
        {
            GateTable gates = SoftPolicy.Sample(step, network, 5, openBlocks: 3, GumbelSource.Of(1, 0), straightThrough: false);
            Tensor output = network.Forward(step, new InputGroup(Images(step), [0]), new ForwardContext(gates, Training: true))[0];
            step.Backward(step.Sum(step.Square(output)));
        }

        Assert.That(network.Store.Parameters.Where(p => p.HasGradient).Select(p => p.Name), Is.EqualTo(new[] { "task1_logits" }));
        float[] gradient = network.Logits[0].Gradient.ToArray<float>();
        Assert.That(gradient[..10], Is.All.Zero, "blocks that are not open");
        Assert.That(gradient[10..], Has.Some.Not.Zero);
        network.Dispose();
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    // Two for every block after the first open one, and one for the projection of each such block that opens a stage: blocks 2, 4 and 6.
    [TestCase(1, 0)]
    [TestCase(2, 2)]
    [TestCase(3, 5)]
    [TestCase(8, 17)]
    public void PolicyStepsRunNothingBackwardBelowTheFirstOpenBlock(int open, int dataGradients)
    {
        using var backend = new CountingBackend();
        using AdaShareNetwork network = Network(backend, "ResNet18", 3);
        network.Store.Initialize(1);
        network.BackboneGroup.Trainable = network.HeadGroup.Trainable = false;
        using var step = new Step(backend);
        GateTable gates = SoftPolicy.Sample(step, network, 5, open, GumbelSource.Of(1, 0), straightThrough: false);
        Tensor[] losses;
        using (TaskFeatures features = network.Backbone.Forward(step, Images(step), network.Plan(gates, training: true), gates))
        {
            losses = [.. All.Select(t => step.Sum(step.Square(features.Of(t))))];
        }

        step.Backward(step.Add(step.Add(losses[0], losses[1]), losses[2]));
        Assert.That((backend.DataGradients, backend.FilterGradients), Is.EqualTo((dataGradients, 0)));
        Assert.That(network.Logits.Select(p => p.HasGradient), Is.All.True);
    }

    [Test]
    public void StepsLeaveNothingBehindAndReuseTheirMemory([Values] bool moveDuringBackward)
    {
        using var backend = new CpuBackend();
        using (AdaShareNetwork network = Network(backend, "ResNet18", 3))
        {
            network.Store.Initialize(1);
            OptimizerGroup[] groups = [new(network.BackboneGroup, 1e-6), new(network.HeadGroup, 1e-6), new(network.LogitGroup, 1e-6)];
            using var optimizer = new Sgd(network.Store, groups, [], momentum: 0.9);
            if (!moveDuringBackward)
            {
                // Whole gradients have memory of their own for good from when they are first asked for.
                Assert.That(groups.Select(static group => group.Parameters.Gradients.Count), Is.All.GreaterThan(0));
            }

            var allocations = new List<long>();
            for (int i = 0; i < 4; i++)
            {
                using var step = new Step(backend);
                GateTable gates = SoftPolicy.Sample(step, network, 5, 5, GumbelSource.Of(1, i), straightThrough: false);
                IReadOnlyList<Tensor> outputs = network.Forward(step, new InputGroup(Images(step), All), new ForwardContext(gates, Training: true));
                Tensor loss = step.Add(step.Sum(outputs[0]), step.Add(step.Sum(outputs[1]), step.Sum(outputs[2])));
                if (moveDuringBackward)
                {
                    optimizer.BackwardAndStep(step, loss);
                }
                else
                {
                    step.Backward(loss);
                }

                step.Dispose();
                allocations.Add(backend.Memory.SystemAllocations);
            }

            Assert.That(allocations[1..], Is.All.EqualTo(allocations[0]));
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    private static AdaShareNetwork Network(Backend backend, string backbone, int tasks) =>
        new(new NetworkSpec(BackboneSpec.Of(backbone, 0.125), [.. Enumerable.Range(0, tasks).Select(static _ => TaskSpec.Of("depth", 1, 1))], 8, 0), backend);

    private static Tensor Images(Step step)
    {
        var stream = RandomStream.For(7, "images");
        return step.FromDoubles(new Shape(2, 33, 41, 3), DType.Float32, [.. Enumerable.Range(0, 2 * 33 * 41 * 3).Select(i => stream.Normal((ulong)i))]);
    }
}
