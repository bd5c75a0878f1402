using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class ResizeTests(DType type)
{
    private static readonly object[] Cases =
    [
        new object[] { 2, 3, 4, 5, 7, 3 },
        new object[] { 1, 9, 11, 4, 5, 13 },
        new object[] { 2, 5, 5, 5, 5, 1 },
        new object[] { 1, 1, 3, 4, 1, 8 },
        new object[] { 2, 6, 7, 48, 53, 9 },
        new object[] { 1, 49, 3, 47, 10, 17 },
    ];

    // PyTorch 1.13: F.interpolate(torch.arange(i, dtype=torch.float32).reshape(1, 1, 1, i), size=(1, o)).
    [TestCase(5, new[] { 0, 0, 1, 2, 2, 3, 4 })]
    [TestCase(7, new[] { 0, 1, 2, 4, 5 })]
    [TestCase(3, new[] { 0, 0, 0, 0, 1, 1, 1, 2, 2, 2 })]
    [TestCase(10, new[] { 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8, 9, 9 })]
    public void Nearest_ReadsPyTorchsPixels(int inputs, int[] expected)
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(new Shape(1, 1, expected.Length, 1));
            new ResizeKernels(b.Threads).Nearest(b.Of(new Shape(1, 1, inputs, 1), Enumerable.Range(0, inputs).Select(i => (double)i).ToArray()), y);
            return [y];
        });
        Assert.That(actual[0], Is.EqualTo(Array.ConvertAll(expected, static v => (double)v)));
    }

    // In exact arithmetic these positions belong to the next pixel; PyTorch's single-precision scale puts them one before.
    [TestCase(2, 82, 41, 0)]
    [TestCase(2, 94, 47, 0)]
    [TestCase(4, 82, 41, 1)]
    public void Nearest_RoundsAsPyTorchDoes(int inputs, int outputs, int position, int pixel)
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(new Shape(1, outputs, 1, 1));
            new ResizeKernels(b.Threads).Nearest(b.Of(new Shape(1, inputs, 1, 1), Enumerable.Range(0, inputs).Select(i => (double)i).ToArray()), y);
            return [y];
        });
        Assert.That(actual[0][position], Is.EqualTo(pixel));
    }

    // PyTorch 1.13: b = (torch.arange(12) * 5 % 7).reshape(1, 1, 3, 4); F.interpolate(b, size=(5, 3), mode='bilinear', align_corners=True|False).
    [TestCase(true, new[] { 0, 4, 1, 3, 3.5, 0.5, 6, 3, 0, 5.5, 2.5, 3, 5, 2, 6 })]
    [TestCase(false, new[] { 0.833333333, 4, 1.33333333, 2.76666667, 3.6, 0.933333333, 5.66666667, 3, 0.333333333, 5.06666667, 2.4, 3.23333333, 4.66666667, 2, 5.16666667 })]
    public void Bilinear_IsPyTorchs(bool alignCorners, double[] expected)
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(new Shape(1, 5, 3, 1));
            new ResizeKernels(b.Threads).Bilinear(b.Of(new Shape(1, 3, 4, 1), Enumerable.Range(0, 12).Select(i => (double)(i * 5 % 7)).ToArray()), y, alignCorners);
            return [y];
        });
        Bench.Near(type, actual[0], expected, 3e-7, 1e-8);
    }

    [TestCaseSource(nameof(Cases))]
    public void EveryMode_AndItsGradient(int batch, int height, int width, int outputHeight, int outputWidth, int channels)
    {
        Shape input = new(batch, height, width, channels), output = new(batch, outputHeight, outputWidth, channels);
        double[] x = Bench.Normal(type, input.Count, "x"), dy = Bench.Normal(type, output.Count, "dy");
        foreach ((bool bilinear, bool alignCorners, bool accumulate) in new[] { (false, false, false), (false, false, true), (true, false, false), (true, true, true) })
        {
            double[][] actual = Bench.Run(type, b =>
            {
                var kernels = new ResizeKernels(b.Threads);
                Tensor y = b.Empty(output), dx = b.Target(input, accumulate);
                if (bilinear)
                {
                    kernels.Bilinear(b.Of(input, x), y, alignCorners);
                    kernels.BilinearBackward(b.Of(output, dy), dx, alignCorners, accumulate);
                }
                else
                {
                    kernels.Nearest(b.Of(input, x), y);
                    kernels.NearestBackward(b.Of(output, dy), dx, accumulate);
                }

                return [y, dx];
            });
            double[] expected = new double[output.Count], gradient = new double[input.Count];
            for (int i = 0; i < expected.Length; i++)
            {
                int c = i % channels, z = i / channels % outputWidth, y = i / channels / outputWidth % outputHeight, n = i / channels / outputWidth / outputHeight;
                foreach ((int row, double rowWeight) in Taps(y, height, outputHeight, bilinear, alignCorners))
                {
                    foreach ((int column, double columnWeight) in Taps(z, width, outputWidth, bilinear, alignCorners))
                    {
                        int at = (((((n * height) + row) * width) + column) * channels) + c;
                        expected[i] += rowWeight * columnWeight * x[at];
                        gradient[at] += rowWeight * columnWeight * dy[i];
                    }
                }
            }

            Bench.Near(type, actual[0], expected, what: $"bilinear {bilinear}, aligned {alignCorners}: output");
            Bench.Near(type, actual[1], Array.ConvertAll(gradient, v => v + (accumulate ? 0.75 : 0)), 4e-6, what: $"bilinear {bilinear}, aligned {alignCorners}: gradient");
        }
    }

    private static IEnumerable<(int Source, double Weight)> Taps(int position, int inputs, int outputs, bool bilinear, bool alignCorners)
    {
        if (!bilinear)
        {
            return [(Math.Min((int)MathF.Floor(position * ((float)inputs / outputs)), inputs - 1), 1)];
        }

        double source = alignCorners ? (outputs == 1 ? 0 : position * (inputs - 1) / (double)(outputs - 1)) : Math.Max(((position + 0.5) * inputs / outputs) - 0.5, 0);
        int low = Math.Min((int)source, inputs - 1);
        return [(low, 1 - (source - low)), (Math.Min(low + 1, inputs - 1), source - low)];
    }
}
