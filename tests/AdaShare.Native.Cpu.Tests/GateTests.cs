using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class GateTests(DType type)
{
    [TestCase(1)]
    [TestCase(50)]
    [TestCase(5_003)]
    public void GumbelNoise_IsTheStreamsToTheBit(int count)
    {
        var stream = RandomStream.For(5, "gumbel", 9);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor g = b.Empty(new Shape(count));
            new GateKernels(b.Threads).GumbelNoise(stream, g);
            return [g];
        });
        Assert.That(actual[0], Is.EqualTo(Bench.Rounded(type, Enumerable.Range(0, count).Select(i => stream.Gumbel((ulong)i)).ToArray())));
    }

    [Test]
    public void GumbelSoftmax_AndItsGradient([Values(0.1, 1, 5)] double temperature, [Values(2, 3)] int columns, [Values] bool accumulate)
    {
        const int Rows = 9;
        var shape = new Shape(3, 3, columns);
        double[] logits = Bench.Normal(type, shape.Count, "logits"), noise = Bench.Normal(type, shape.Count, "noise"), dy = Bench.Normal(type, shape.Count, "dy");
        double[] soft = new double[logits.Length], hard = new double[logits.Length];
        for (int r = 0; r < Rows; r++)
        {
            double[] e = Enumerable.Range(r * columns, columns).Select(i => Math.Exp((logits[i] + noise[i]) / temperature)).ToArray();
            for (int c = 0; c < columns; c++)
            {
                soft[(r * columns) + c] = e[c] / e.Sum();
            }

            hard[(r * columns) + Array.IndexOf(e, e.Max())] = 1;
        }

        double[] saved = Bench.Rounded(type, soft);
        double[] gradient = saved.Select((y, i) =>
        {
            double dot = Enumerable.Range(i / columns * columns, columns).Sum(j => saved[j] * dy[j]);
            return (accumulate ? 0.75 : 0) + (y * (dy[i] - dot) / temperature);
        }).ToArray();
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new GateKernels(b.Threads);
            Tensor s = b.Empty(shape), h = b.Empty(shape), alone = b.Empty(shape), dx = b.Target(shape, accumulate);
            kernels.GumbelSoftmax(b.Of(shape, logits), b.Of(shape, noise), temperature, s, h);
            kernels.GumbelSoftmax(b.Of(shape, logits), b.Of(shape, noise), temperature, alone, null);
            kernels.GumbelSoftmaxBackward(b.Of(shape, saved), temperature, b.Of(shape, dy), dx, accumulate);
            return [s, h, alone, dx];
        });
        Bench.Near(type, actual[0], soft, 1e-7, 1e-14);
        Assert.That(actual[1], Is.EqualTo(hard));
        Assert.That(actual[2], Is.EqualTo(actual[0]));
        Bench.Near(type, actual[3], gradient, 1e-6, 1e-13, "gradient");
    }

    [Test]
    public void GumbelSoftmax_TakesTheFirstOfEquals()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor s = b.Empty(new Shape(2, 2)), h = b.Empty(new Shape(2, 2));
            new GateKernels(b.Threads).GumbelSoftmax(b.Full(new Shape(2, 2), 800), b.Full(new Shape(2, 2), 0), 0.5, s, h);
            return [s, h];
        });
        Assert.That(actual[0], Is.All.EqualTo(0.5));
        Assert.That(actual[1], Is.EqualTo(new double[] { 1, 0, 1, 0 }));
    }

    [TestCase(1, false, 2, 5)]
    [TestCase(3, false, 2, 7)]
    [TestCase(3, true, 2, 7)]
    [TestCase(2, true, 3, 41)]
    [TestCase(3, false, 4, 64)]
    [TestCase(3, true, 4, 67)]
    public void GatedResidual_AndItsGradients(int streams, bool shared, int batch, int channels)
    {
        const int Height = 9, Width = 11;
        Shape input = new(shared ? batch : streams * batch, Height, Width, channels), output = new(streams * batch, Height, Width, channels), gates = new(streams, 2);
        double[] branch = Bench.Normal(type, input.Count, "branch"), residual = Bench.Normal(type, input.Count, "residual"), p = Bench.Normal(type, gates.Count, "gates"), dy = Bench.Normal(type, output.Count, "dy");
        int size = batch * Height * Width * channels;
        var expected = new double[output.Count];
        double[] gradBranch = new double[input.Count], gradResidual = new double[input.Count], gradGates = new double[gates.Count];
        for (int i = 0; i < expected.Length; i++)
        {
            int s = i / size, at = shared ? i % size : i;
            double sum = residual[at] + branch[at], open = sum > 0 ? 1 : 0;
            expected[i] = (p[2 * s] * sum * open) + (p[(2 * s) + 1] * residual[at]);
            gradBranch[at] += p[2 * s] * open * dy[i];
            gradResidual[at] += ((p[2 * s] * open) + p[(2 * s) + 1]) * dy[i];
            gradGates[2 * s] += dy[i] * sum * open;
            gradGates[(2 * s) + 1] += dy[i] * residual[at];
        }

        foreach (bool accumulate in new[] { false, true })
        {
            double[][] actual = Bench.Run(type, b =>
            {
                var kernels = new GateKernels(b.Threads);
                Tensor f = b.Of(input, branch), r = b.Of(input, residual), g = b.Of(gates, p), y = b.Empty(output), upper = b.Of(output, dy);
                Tensor df = b.Target(input, accumulate), dr = b.Target(input, accumulate), dg = b.Target(gates, accumulate), only = b.Target(gates, accumulate);
                kernels.GatedResidual(f, r, g, y);
                kernels.GatedResidualBackward(f, r, g, upper, new Target(df, accumulate), new Target(dr, accumulate), new Target(dg, accumulate));
                kernels.GatedResidualBackward(f, r, g, upper, Target.None, Target.None, new Target(only, accumulate));
                return [y, df, dr, dg, only];
            });
            double before = accumulate ? 0.75 : 0;
            Bench.Near(type, actual[0], expected, 5e-7);
            Bench.Near(type, actual[1], Array.ConvertAll(gradBranch, v => v + before), 1e-6, what: "branch");
            Bench.Near(type, actual[2], Array.ConvertAll(gradResidual, v => v + before), 1e-6, what: "residual");
            Bench.Near(type, actual[3], Array.ConvertAll(gradGates, v => v + before), 2e-7, 1e-12, "gates");
            Assert.That(actual[4], Is.EqualTo(actual[3]));
        }
    }
}
