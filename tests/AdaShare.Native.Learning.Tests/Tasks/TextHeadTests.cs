using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
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

/// <summary>The head of tasks that speak of texts, and the gradients of a whole small network of texts.</summary>
public sealed class TextHeadTests
{
    private const double RelativeDistance = 1e-7;
    private const int Length = 72;

    [Test]
    public void ItReadsTheEightLargestValuesOfEachFeatureInTheOrderOfTheirPlaces()
    {
        using var backend = new CpuBackend();
        using var store = new ParameterStore();
        var head = new TextHead(new NetworkBuilder(store, InputKind.Text), new HeadSpec(1, 2, 3, 2, Dropout: 0));
        store.Allocate(backend, DType.Float64);
        store.Initialize(5);
        using var step = new Step(backend, recordGradients: false);
        double[] features = Normal(2 * 11 * 2, 9);
        Tensor output = head.Forward(step, step.FromDoubles(new Shape(2, 1, 11, 2), DType.Float64, features), training: true, seed: 1, time: 0);
        Assert.That(output.Shape, Is.EqualTo(new Shape(2, 1, 1, 2)));

        double[] expected = [.. Enumerable.Range(0, 2).SelectMany(image =>
        {
            double[][] kept = [.. Enumerable.Range(0, 2).Select(c =>
            {
                double[] row = [.. Enumerable.Range(0, 11).Select(place => features[(image * 22) + (place * 2) + c])];
                double least = row.OrderDescending().ElementAt(7);
                return row.Where(value => value >= least).ToArray();
            })];
            double[] x = [.. Enumerable.Range(0, 8).SelectMany(place => kept.Select(feature => feature[place]))];
            return Linear(store, 3, Linear(store, 2, Linear(store, 1, x).Select(Relu)).Select(Relu));
        })];
        Assert.That(output.ToDoubles(), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void ItCostsItsThreeLayers()
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Network(backend, DType.Float32);
        Assert.That(network.HeadMultiplyAdds([0, 1], 1, 1024), Is.EqualTo((2 * ((8 * 64 * 16) + (16 * 16))) + (16 * (3 + 2))), "whatever the length of the text");
        Assert.That(network.Cost(GateTable.Shared, 1, 128).HeadParameters, Is.EqualTo((2 * (((8 * 64) + 1) * 16 + (17 * 16))) + (17 * (3 + 2))));
    }

    [Test]
    public void PaddingIsZeroAndStaysSo()
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Network(backend, DType.Float64);
        network.Store.Initialize(88);
        using (var step = new Step(backend))
        {
            step.Backward(Loss(step, network));
        }

        Parameter table = network.Store["backbone.embedding.weight"];
        Assert.That(table.Value.ToDoubles()[..16], Is.All.Zero);
        Assert.That(table.Gradient.ToDoubles()[..16], Is.All.Zero, "though texts have padding");
        Assert.That(table.Value.ToDoubles()[16..], Has.None.Zero);
        Assert.That(table.Gradient.ToDoubles()[16..], Has.Some.Not.Zero);
    }

    [TestCase("backbone.embedding.weight")]
    [TestCase("backbone.conv1.weight")]
    [TestCase("backbone.blocks.2.0.conv1.weight")]
    [TestCase("backbone.ds.3.0.weight")]
    [TestCase("task1_fc1.linear1.weight")]
    [TestCase("task2_fc1.linear3.bias")]
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
        double[] start = parameter.Value.ToDoubles(), gradient = parameter.Gradient.ToDoubles(), direction = Normal((int)parameter.Count, 3);
        if (name.EndsWith("embedding.weight", StringComparison.Ordinal))
        {
            direction.AsSpan(0, CharacterEmbedding.Size).Clear();
        }

        double length = RelativeDistance * start.Max(Math.Abs);
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

    private static SharedNetwork Network(CpuBackend backend, DType type) =>
        new(new NetworkSpec(BackboneSpec.Of("VDCNN9", 0.125), [TaskSpec.Of("one", 3, 1, "class"), TaskSpec.Of("other", 2, 1, "class")], 16, Dropout: 0), backend, type);

    private static Tensor Loss(Step step, SharedNetwork network)
    {
        byte[] characters = [.. Enumerable.Range(0, 3 * Length).Select(static i => (byte)(i % Length > 60 ? 0 : 1 + (i * 31 % 71)))];
        Tensor texts = step.FromHost<byte>(new Shape(3, 1, Length, 1), characters);
        IReadOnlyList<Tensor> outputs = network.Forward(step, new InputGroup(texts, [0, 1]), new ForwardContext(GateTable.Shared, Training: true, Seed: 88));
        return step.Keep(step.Add(step.Sum(step.Square(outputs[0])), step.Scale(step.Sum(step.Square(outputs[1])), 2)));
    }

    private static double Relu(double value) => Math.Max(0, value);

    private static IEnumerable<double> Linear(ParameterStore store, int number, IEnumerable<double> inputs)
    {
        double[] x = [.. inputs], weight = store[$"task1_fc1.linear{number}.weight"].Value.ToDoubles(), bias = store[$"task1_fc1.linear{number}.bias"].Value.ToDoubles();
        return bias.Select((shift, o) => shift + x.Select((value, i) => value * weight[(o * x.Length) + i]).Sum());
    }

    private static double[] Normal(int count, ulong seed) => [.. Enumerable.Range(0, count).Select(i => RandomStream.For(seed, "test", 0).Normal((ulong)i))];
}
