using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class SoftmaxTests(DType type)
{
    [Test]
    public void Forward_AndItsGradient([Values] bool logarithm, [Values(1, 2, 13, 40, 1031)] int columns, [Values] bool accumulate)
    {
        int rows = columns == 40 ? 1100 : 5;
        var shape = new Shape(rows, columns);
        double[] x = Bench.Normal(type, shape.Count, "x", 5, 3), dy = Bench.Normal(type, shape.Count, "dy");
        double[] y = new double[x.Length], dx = new double[x.Length];
        for (int r = 0; r < rows; r++)
        {
            int first = r * columns;
            double max = x.AsSpan(first, columns).ToArray().Max(), sum = 0;
            for (int i = first; i < first + columns; i++)
            {
                sum += Math.Exp(x[i] - max);
            }

            for (int i = first; i < first + columns; i++)
            {
                y[i] = logarithm ? x[i] - max - Math.Log(sum) : Math.Exp(x[i] - max) / sum;
            }
        }

        double[] saved = Bench.Rounded(type, y);
        for (int r = 0; r < rows; r++)
        {
            int first = r * columns;
            double dot = 0;
            for (int i = first; i < first + columns; i++)
            {
                dot += logarithm ? dy[i] : dy[i] * saved[i];
            }

            for (int i = first; i < first + columns; i++)
            {
                dx[i] = (accumulate ? 0.75 : 0) + (logarithm ? dy[i] - (Math.Exp(saved[i]) * dot) : saved[i] * (dy[i] - dot));
            }
        }

        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new SoftmaxKernels(b.Threads);
            Tensor output = b.Empty(shape), gradient = b.Target(shape, accumulate);
            kernels.Forward(b.Of(shape, x), logarithm, output);
            kernels.Backward(b.Of(shape, saved), logarithm, b.Of(shape, dy), gradient, accumulate);
            return [output, gradient];
        });
        Bench.Near(type, actual[0], y, 3e-7, 2e-15);
        Bench.Near(type, actual[1], dx, 1e-6, 1e-14, "gradient");
    }

    [Test]
    public void Forward_SubtractsTheMaximum()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new SoftmaxKernels(b.Threads);
            Tensor x = b.Of(new Shape(2, 3), [10000, 10000, -10000, -30000, -30000, -30000]), y = b.Empty(new Shape(2, 3)), log = b.Empty(new Shape(2, 3));
            kernels.Forward(x, logarithm: false, y);
            kernels.Forward(x, logarithm: true, log);
            return [y, log];
        });
        Bench.Near(type, actual[0], [0.5, 0.5, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0], 1e-7);
        double third = -Math.Log(3), half = -Math.Log(2);
        Bench.Near(type, actual[1], [half, half, -20000 + half, third, third, third], 1e-7);
    }
}
