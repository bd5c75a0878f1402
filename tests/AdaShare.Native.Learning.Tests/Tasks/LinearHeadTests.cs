using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Tests.Tasks;

/// <summary>The head of tasks that speak of images: what it computes, what it costs, and gradients of a whole small network with three of them.</summary>
public sealed class LinearHeadTests
{
    private const double RelativeDistance = 1e-7;

    private static readonly TaskSpec[] Tasks = [ImageLabels.Class, ImageLabels.Properties, ImageLabels.Numbers];

    [Test]
    public void ItIsALinearFunctionOfTheMeanFeatures()
    {
        using var backend = new CpuBackend();
        using var store = new ParameterStore();
        var builder = new NetworkBuilder(store);
        var head = new LinearHead(builder, new HeadSpec(1, 2, 8, 3, Dropout: 0));
        store.Allocate(backend, DType.Float64);
        store["task1_fc1.linear.weight"].Value.CopyFromDoubles([1, 2, 3, 4, 5, 6]);
        store["task1_fc1.linear.bias"].Value.CopyFromDoubles([0.5, 0, -1]);
        using var step = new Step(backend, recordGradients: false);

        // Means over four pixels: 2.5 and -1 of the first image, 0 and 2 of the second.
        Tensor features = step.FromDoubles(new Shape(2, 2, 2, 2), DType.Float64, [1, -1, 2, -1, 3, 0, 4, -2, 0, 2, 0, 2, -1, 4, 1, 0]);
        Tensor output = head.Forward(step, features, training: true, seed: 1, time: 0);
        Assert.That(output.Shape, Is.EqualTo(new Shape(2, 1, 1, 3)));
        Assert.That(output.ToDoubles(), Is.EqualTo(new[] { 2.5 - 2 + 0.5, 7.5 - 4, 12.5 - 6 - 1, 4 + 0.5, 8, 12 - 1 }).Within(1e-12));
    }

    [Test]
    public void DropoutZeroesMeansInTrainingAndKeepsTheirExpectation()
    {
        using var backend = new CpuBackend();
        using var store = new ParameterStore();
        var head = new LinearHead(new NetworkBuilder(store), new HeadSpec(1, 64, 8, 1, Dropout: 0.25));
        store.Allocate(backend, DType.Float64);
        store["task1_fc1.linear.weight"].Value.CopyFromDoubles([.. Enumerable.Repeat(1.0, 64)]);
        store["task1_fc1.linear.bias"].Value.CopyFromDoubles([0]);
        using var step = new Step(backend, recordGradients: false);
        Tensor ones = step.FromDoubles(new Shape(200, 1, 1, 64), DType.Float64, [.. Enumerable.Repeat(1.0, 200 * 64)]);
        double[] trained = head.Forward(step, ones, training: true, seed: 1, time: 5).ToDoubles();
        Assert.That(head.Forward(step, ones, training: true, seed: 1, time: 5).ToDoubles(), Is.EqualTo(trained), "a function of seed and time");
        Assert.That(head.Forward(step, ones, training: false, seed: 1, time: 5).ToDoubles(), Is.All.EqualTo(64));

        // Each sum has 64 / 0.75 or less in steps of 1 / 0.75; its mean is 64 with a deviation of 4.6 over the square root of 200.
        Assert.That(trained.Select(static sum => sum * 0.75), Is.All.Matches<double>(static kept => Math.Abs(kept - Math.Round(kept)) < 1e-9));
        Assert.That(trained.Average(), Is.EqualTo(64).Within(1.5));
        Assert.That(trained.Distinct().Count(), Is.GreaterThan(5));
    }

    [Test]
    public void ItCostsInputsTimesOutputs()
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Network(backend, DType.Float32);
        ModelCost cost = network.Cost(GateTable.Shared, 32, 40);

        // 64 features; 4 classes, 3 properties, 2 numbers; a bias each.
        Assert.That(network.HeadMultiplyAdds([0, 1, 2], 32, 40), Is.EqualTo(64 * (4 + 3 + 2)));
        Assert.That(network.HeadMultiplyAdds([1], 320, 400), Is.EqualTo(64 * 3), "whatever the size of the image");
        Assert.That(cost.HeadParameters, Is.EqualTo((64 + 1) * (4 + 3 + 2)));
    }

    [TestCase("task1_fc1.linear.weight")]
    [TestCase("task1_fc1.linear.bias")]
    [TestCase("task2_fc1.linear.weight")]
    [TestCase("task3_fc1.linear.weight")]
    [TestCase("task3_fc1.linear.bias")]
    [TestCase("backbone.blocks.3.1.conv2.weight")]
    [TestCase("backbone.blocks.1.0.bn1.weight")]
    [TestCase("backbone.conv1.weight")]
    public void GradientsOfANetworkAreThoseOfCentralDifferences(string name)
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Network(backend, DType.Float64);
        network.Store.Initialize(88);
        using (var step = new Step(backend))
        {
            step.Backward(Loss(step, network));
        }

        Parameter parameter = network.Store[name];
        double[] start = parameter.Value.ToDoubles(), gradient = parameter.Gradient.ToDoubles();
        double[] direction = Normal(parameter.Count, 3);
        double length = RelativeDistance * (start.Any(static x => x != 0) ? start.Max(Math.Abs) : 1);
        double At(double distance)
        {
            parameter.Value.CopyFromDoubles([.. start.Zip(direction, (x, d) => x + (distance * d))]);
            using var step = new Step(backend, recordGradients: false);
            return Loss(step, network).Item();
        }

        double numeric = (At(length) - At(-length)) / (2 * length);
        Assert.That(gradient, Has.Some.Not.Zero);
        Assert.That(direction.Zip(gradient, static (d, g) => d * g).Sum(), Is.EqualTo(numeric).Within(1e-5 * Math.Max(1e-2, Math.Abs(numeric))));
    }

    private static SharedNetwork Network(CpuBackend backend, DType type) => new(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), Tasks, 8, Dropout: 0), backend, type);

    /// <summary>The three losses with a weight each, over images of which some lack labels.</summary>
    private static Tensor Loss(Step step, SharedNetwork network)
    {
        Tensor images = step.FromDoubles(new Shape(3, 24, 24, 3), DType.Float64, [.. Normal(3 * 24 * 24 * 3, 7).Select(static x => 50 * x)]);
        IReadOnlyList<Tensor> outputs = network.Forward(step, new InputGroup(images, [0, 1, 2]), new ForwardContext(GateTable.Shared, Training: true, Seed: 88));
        Tensor[] losses =
        [
            Tasks[0].Kind.Loss(step, outputs[0], ImageLabels.Target(Tasks[0], [1f], [3f], null)),
            Tasks[1].Kind.Loss(step, outputs[1], ImageLabels.Target(Tasks[1], [1f, 0, 255], null, [0f, 1, 1])),
            Tasks[2].Kind.Loss(step, outputs[2], ImageLabels.Target(Tasks[2], null, [0.5f, float.NaN], [3f, -2])),
        ];
        return step.Keep(step.Add(step.Add(losses[0], step.Scale(losses[1], 2)), step.Scale(losses[2], 0.5)));
    }

    private static double[] Normal(long count, ulong seed)
    {
        var stream = RandomStream.For(seed, "test", 0);
        return [.. Enumerable.Range(0, (int)count).Select(i => stream.Normal((ulong)i))];
    }
}
