using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32, true)]
[TestFixture(DType.Float32, false)]
[TestFixture(DType.Float64, true)]
[TestFixture(DType.Float64, false)]
public sealed class ActivationTests(DType type, bool wide)
{
    [TestCase(1)]
    [TestCase(37)]
    [TestCase(70_001)]
    public void Relu_KeepsPositiveNumbers(int count)
    {
        double[] x = Bench.Normal(type, count, "x");
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(new Shape(count));
            new ActivationKernels(b.Threads, wide).Relu(b.Of(new Shape(count), x), y);
            return [y];
        });
        Assert.That(actual[0], Is.EqualTo(Array.ConvertAll(x, static v => Math.Max(v, 0))));
    }

    [Test]
    public void Relu_LetsNaNThrough_AndWorksInPlace()
    {
        double[] x = [1, -1, double.NaN, 0, -2, 3, -4, 5, double.NaN, -6];
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Of(new Shape(10), x);
            new ActivationKernels(b.Threads, wide).Relu(y, y);
            return [y];
        });
        Assert.That(actual[0], Is.EqualTo(new[] { 1, 0, double.NaN, 0, 0, 3, 0, 5, double.NaN, 0 }));
    }

    [Test]
    public void ReluBackward_PassesGradientsOfPositiveOutputs([Values] bool accumulate, [Values(5, 40_003)] int count)
    {
        double[] y = Array.ConvertAll(Bench.Normal(type, count, "y"), static v => Math.Max(v, 0)), dy = Bench.Normal(type, count, "dy");
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor dx = b.Target(new Shape(count), accumulate);
            new ActivationKernels(b.Threads, wide).ReluBackward(b.Of(new Shape(count), y), b.Of(new Shape(count), dy), dx, accumulate);
            return [dx];
        });
        double[] expected = y.Zip(dy, (o, g) => (accumulate ? 0.75 : 0) + (o > 0 ? g : 0)).ToArray();
        Bench.Near(type, actual[0], expected);
    }

    [Test]
    public void Dropout_FollowsTheStreamExactly([Values(0f, 0.1f, 0.5f)] float probability, [Values(3, 77, 50_005)] int count, [Values] bool accumulate)
    {
        var stream = RandomStream.For(11, "dropout", 3);
        double[] x = Bench.Normal(type, count, "x");
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Target(new Shape(count), accumulate);
            new ActivationKernels(b.Threads, wide).Dropout(b.Of(new Shape(count), x), probability, stream, y, accumulate);
            return [y];
        });
        double[] expected = x.Select((v, i) => (accumulate ? 0.75 : 0) + (stream.Uniform((ulong)i) >= probability ? v / (1 - (double)probability) : 0)).ToArray();
        Bench.Near(type, actual[0], expected);
    }

    [Test]
    public void Dropout_OfEverything_IsZero()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(new Shape(21));
            new ActivationKernels(b.Threads, wide).Dropout(b.Full(new Shape(21), 2), 1, RandomStream.For(1, "all"), y, accumulate: false);
            return [y];
        });
        Assert.That(actual[0], Is.All.Zero);
    }

    [Test]
    public unsafe void UniformLanes_AreTheStream_AcrossTheWordBoundaryOfTheCounter()
    {
        var stream = new RandomStream(0xDEADBEEF12345678, 0xFEDCBA9876543210);
        const int Count = 75;
        float* numbers = stackalloc float[Count + UniformLanes.Padding];
        foreach (ulong block in new ulong[] { 0, 5, 0xFFFFFFFD, 0x1_0000_0000 })
        {
            UniformLanes.Fill(stream, block, numbers, Count, wide);
            for (int i = 0; i < Count; i++)
            {
                Assert.That(numbers[i], Is.EqualTo(stream.Uniform((4 * block) + (ulong)i)), $"number {i} from block {block}");
            }
        }
    }
}
