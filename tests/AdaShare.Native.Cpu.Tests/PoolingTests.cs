using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class PoolingTests(DType type)
{
    private static readonly object[] Cases =
    [
        new object[] { 2, 7, 9, 3, 3, 3, 2, 1, false },
        new object[] { 2, 8, 7, 13, 3, 3, 2, 1, true },
        new object[] { 1, 5, 5, 1, 2, 2, 2, 0, true },
        new object[] { 2, 6, 5, 17, 2, 4, 1, 1, false },
        new object[] { 3, 9, 8, 40, 9, 8, 1, 0, false },
        new object[] { 1, 3, 7, 8, 1, 2, 3, 0, true },
        new object[] { 2, 33, 31, 24, 3, 3, 2, 1, true },
    ];

    // PyTorch 1.13: x = (torch.arange(30) * 7 % 11).reshape(1, 1, 5, 6); F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=True|False).
    [TestCase(true, new[] { 2.33333333, 3.77777778, 3.33333333, 0.333333333, 3.33333333, 5.11111111, 4.44444444, 2.66666667, 2.11111111, 3.44444444, 3, 2 })]
    [TestCase(false, new[] { 5.25, 5.66666667, 5, 1, 5, 5.11111111, 4.44444444, 5.33333333, 4.75, 5.16666667, 4.5, 6 })]
    public void Average_IsPyTorchs(bool countPadding, double[] expected)
    {
        var input = new Shape(1, 5, 6, 1);
        var geometry = PoolGeometry.Of("average", input, 3, 3, 2, 1, ceilMode: true, countPadding);
        Assert.That((geometry.OutputHeight, geometry.OutputWidth), Is.EqualTo((3, 4)));
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(Output(geometry));
            new PoolingKernels(b.Threads).Average(geometry, b.Of(input, Enumerable.Range(0, 30).Select(i => (double)(i * 7 % 11)).ToArray()), y);
            return [y];
        });
        Bench.Near(type, actual[0], expected, 3e-7, 1e-8);
    }

    // PyTorch 1.13: x = (torch.arange(30) * 7 % 11).reshape(1, 1, 6, 5); F.max_pool2d(x, 3, 2, 1, ceil_mode=True, return_indices=True).
    [Test]
    public void Max_IsPyTorchs()
    {
        var input = new Shape(1, 6, 5, 1);
        var geometry = PoolGeometry.Of("max", input, 3, 3, 2, 1, ceilMode: true, countPadding: true);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(Output(geometry)), indices = b.EmptyIntegers(Output(geometry));
            new PoolingKernels(b.Threads).Max(geometry, b.Of(input, Enumerable.Range(0, 30).Select(i => (double)(i * 7 % 11)).ToArray()), y, indices);
            return [y, indices];
        });
        Assert.That(actual[0], Is.EqualTo(new double[] { 9, 10, 10, 9, 9, 10, 10, 9, 9, 10, 9, 9 }));
        Assert.That(actual[1], Is.EqualTo(new double[] { 6, 3, 3, 6, 6, 14, 25, 17, 28, 25, 28, 28 }));
    }

    [TestCaseSource(nameof(Cases))]
    public void Max_AndItsGradient(int batch, int height, int width, int channels, int kernelHeight, int kernelWidth, int stride, int padding, bool ceilMode)
    {
        var input = new Shape(batch, height, width, channels);
        var geometry = PoolGeometry.Of("max", input, kernelHeight, kernelWidth, stride, padding, ceilMode, countPadding: true);
        Shape output = Output(geometry);

        // All below zero, so padding would win if it counted; rounded, so that equal maxima occur.
        double[] x = Array.ConvertAll(Bench.Normal(type, input.Count, "x"), static v => Math.Round(2 * v) - 20), dy = Bench.Normal(type, output.Count, "dy");
        var expected = new double[output.Count];
        var index = new double[output.Count];
        var gradient = new double[input.Count];
        ForEachWindow(geometry, (o, n, rows, columns, _) =>
        {
            for (int c = 0; c < channels; c++)
            {
                double best = double.NegativeInfinity;
                int at = -1;
                foreach (int y in Inside(rows, height))
                {
                    foreach (int z in Inside(columns, width))
                    {
                        double value = x[(((((n * height) + y) * width) + z) * channels) + c];
                        (best, at) = value > best ? (value, (y * width) + z) : (best, at);
                    }
                }

                expected[(o * channels) + c] = best;
                index[(o * channels) + c] = at;
                gradient[(((n * height * width) + at) * channels) + c] += dy[(o * channels) + c];
            }
        });
        foreach (bool accumulate in new[] { false, true })
        {
            double[][] actual = Bench.Run(type, b =>
            {
                var kernels = new PoolingKernels(b.Threads);
                Tensor y = b.Empty(output), plain = b.Empty(output), indices = b.EmptyIntegers(output), dx = b.Target(input, accumulate);
                kernels.Max(geometry, b.Of(input, x), plain, null);
                kernels.Max(geometry, b.Of(input, x), y, indices);
                kernels.MaxBackward(geometry, indices, b.Of(output, dy), dx, accumulate);
                return [y, indices, dx, plain];
            });
            Assert.That(actual[0], Is.EqualTo(expected));
            Assert.That(actual[3], Is.EqualTo(expected));
            Assert.That(actual[1], Is.EqualTo(index));
            Bench.Near(type, actual[2], Array.ConvertAll(gradient, v => v + (accumulate ? 0.75 : 0)));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Average_AndItsGradient(int batch, int height, int width, int channels, int kernelHeight, int kernelWidth, int stride, int padding, bool ceilMode)
    {
        foreach (bool countPadding in new[] { false, true })
        {
            var input = new Shape(batch, height, width, channels);
            var geometry = PoolGeometry.Of("average", input, kernelHeight, kernelWidth, stride, padding, ceilMode, countPadding);
            Shape output = Output(geometry);
            double[] x = Bench.Normal(type, input.Count, "x"), dy = Bench.Normal(type, output.Count, "dy");
            double[] expected = new double[output.Count], gradient = new double[input.Count];
            ForEachWindow(geometry, (o, n, rows, columns, divisor) =>
            {
                foreach (int y in Inside(rows, height))
                {
                    foreach (int z in Inside(columns, width))
                    {
                        for (int c = 0; c < channels; c++)
                        {
                            int at = (((((n * height) + y) * width) + z) * channels) + c;
                            expected[(o * channels) + c] += x[at] / divisor;
                            gradient[at] += dy[(o * channels) + c] / divisor;
                        }
                    }
                }
            });
            bool accumulate = countPadding;
            double[][] actual = Bench.Run(type, b =>
            {
                var kernels = new PoolingKernels(b.Threads);
                Tensor y = b.Empty(output), dx = b.Target(input, accumulate);
                kernels.Average(geometry, b.Of(input, x), y);
                kernels.AverageBackward(geometry, b.Of(output, dy), dx, accumulate);
                return [y, dx];
            });
            Bench.Near(type, actual[0], expected, 1e-6);
            Bench.Near(type, actual[1], Array.ConvertAll(gradient, v => v + (accumulate ? 0.75 : 0)), 1e-6, what: "gradient");
        }
    }

    private static Shape Output(in PoolGeometry g) => new(g.Batch, g.OutputHeight, g.OutputWidth, g.Channels);

    private static IEnumerable<int> Inside((int Start, int End) window, int size) => Enumerable.Range(window.Start, window.End - window.Start).Where(i => i >= 0 && i < size);

    private static void ForEachWindow(PoolGeometry g, Action<int, int, (int Start, int End), (int Start, int End), double> visit)
    {
        int o = 0;
        for (int n = 0; n < g.Batch; n++)
        {
            for (int y = 0; y < g.OutputHeight; y++)
            {
                for (int x = 0; x < g.OutputWidth; x++)
                {
                    // As in PyTorch: the window is cut at the end of the padding before its size is taken.
                    int top = (y * g.Stride) - g.Padding, left = (x * g.Stride) - g.Padding;
                    int bottom = Math.Min(top + g.KernelHeight, g.InputHeight + g.Padding), right = Math.Min(left + g.KernelWidth, g.InputWidth + g.Padding);
                    double divisor = g.CountPadding
                        ? (bottom - top) * (right - left)
                        : Inside((top, bottom), g.InputHeight).Count() * Inside((left, right), g.InputWidth).Count();
                    visit(o++, n, (top, bottom), (left, right), divisor);
                }
            }
        }
    }
}
