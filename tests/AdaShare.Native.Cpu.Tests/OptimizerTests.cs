using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class OptimizerTests(DType type)
{
    // PyTorch 1.13: q = tensor([1, -.5, .25]); for s in 0..3: q.grad = [.3 (s + 1), -.2, .1 (s - 1)]; optimizer.step()
    // with SGD(0.1, momentum=0.9, weight_decay=0.01[, nesterov=True]) and Adam(0.02, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.01).
    private static readonly double[] Start = [1, -0.5, 0.25];

    [TestCase(false, 0.434783492, -0.314778878, 0.243050963)]
    [TestCase(true, 0.188351041, -0.251748774, 0.222655816)]
    public void Sgd_IsPyTorchs(bool nesterov, double first, double second, double third)
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor value = b.Of(new Shape(3), Start), velocity = b.Full(new Shape(3), 0);
            for (int s = 0; s < 4; s++)
            {
                new OptimizerKernels(b.Threads).Sgd(value, b.Of(new Shape(3), Gradient(s)), velocity, 0.1, 0.9, 0.01, nesterov);
            }

            return [value];
        });
        Bench.Near(type, actual[0], [first, second, third], 3e-7, 1e-9);
    }

    [Test]
    public void Adam_IsPyTorchs()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor value = b.Of(new Shape(3), Start), mean = b.Full(new Shape(3), 0), variance = b.Full(new Shape(3), 0);
            for (int s = 0; s < 4; s++)
            {
                new OptimizerKernels(b.Threads).Adam(value, b.Of(new Shape(3), Gradient(s)), mean, variance, 0.02, 0.8, 0.95, 1e-6, 0.01, s + 1);
            }

            return [value];
        });
        Bench.Near(type, actual[0], [0.920952487, -0.420007583, 0.265340271], 3e-7, 1e-9);
    }

    [Test]
    public void Sgd_UpdatesEveryElementOfALargeBuffer([Values] bool nesterov, [Values(1, 13, 70_003)] int count)
    {
        double[] w = Bench.Normal(type, count, "w"), g = Bench.Normal(type, count, "g"), v = Bench.Normal(type, count, "v");
        var shape = new Shape(count);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor value = b.Of(shape, w), velocity = b.Of(shape, v);
            new OptimizerKernels(b.Threads).Sgd(value, b.Of(shape, g), velocity, 0.05, 0.8, 0.001, nesterov);
            return [value, velocity];
        });
        double[] speed = w.Select((x, i) => (0.8 * v[i]) + g[i] + (0.001 * x)).ToArray();
        Bench.Near(type, actual[1], speed, what: "velocity");
        Bench.Near(type, actual[0], w.Select((x, i) => x - (0.05 * (nesterov ? g[i] + (0.001 * x) + (0.8 * speed[i]) : speed[i]))).ToArray(), what: "value");
    }

    [Test]
    public void Adam_UpdatesEveryElementOfALargeBuffer([Values(1, 13, 70_003)] int count)
    {
        double[] w = Bench.Normal(type, count, "w"), g = Bench.Normal(type, count, "g"), m = Bench.Normal(type, count, "m");
        double[] v = Bench.Rounded(type, Array.ConvertAll(Bench.Normal(type, count, "v"), static x => x * x));
        var shape = new Shape(count);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor value = b.Of(shape, w), mean = b.Of(shape, m), variance = b.Of(shape, v);
            new OptimizerKernels(b.Threads).Adam(value, b.Of(shape, g), mean, variance, 0.01, 0.9, 0.999, 1e-8, 0.1, 7);
            return [value, mean, variance];
        });
        var decayed = w.Select((x, i) => g[i] + (0.1 * x)).ToArray();
        double[] first = decayed.Select((x, i) => (0.9 * m[i]) + (0.1 * x)).ToArray(), second = decayed.Select((x, i) => (0.999 * v[i]) + (0.001 * x * x)).ToArray();
        Bench.Near(type, actual[1], first, what: "mean");
        Bench.Near(type, actual[2], second, what: "variance");
        double rate = 0.01 / (1 - Math.Pow(0.9, 7)), root = Math.Sqrt(1 - Math.Pow(0.999, 7));
        Bench.Near(type, actual[0], w.Select((x, i) => x - (rate * first[i] / ((Math.Sqrt(second[i]) / root) + 1e-8))).ToArray(), 4e-6, 1e-12, "value");
    }

    private static double[] Gradient(int step) => [0.3 * (step + 1), -0.2, 0.1 * (step - 1)];
}
