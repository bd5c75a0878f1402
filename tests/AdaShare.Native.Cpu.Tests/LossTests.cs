using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class LossTests(DType type)
{
    private const int Ignore = 255;

    // PyTorch 1.13: l = (torch.arange(15) * 0.37).sin().reshape(5, 3); F.cross_entropy(l, [0, 2, 255, 1, 2], weight=[0.5, 2, 1.25], ignore_index=255).
    [Test]
    public void CrossEntropy_IsPyTorchsWeightedMean()
    {
        double[] logits = Bench.Rounded(type, Enumerable.Range(0, 15).Select(i => Math.Sin(i * 0.37)).ToArray());
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new LossKernels(b.Threads);
            Tensor x = b.Of(new Shape(5, 3), logits), t = b.Integers(new Shape(5), 0, 2, Ignore, 1, 2), w = b.Of(new Shape(3), [0.5, 2, 1.25]);
            Tensor loss = b.Empty(Shape.Scalar), normalizer = b.Empty(Shape.Scalar), dx = b.Empty(new Shape(5, 3));
            kernels.CrossEntropy(x, t, w, Ignore, loss, normalizer);
            kernels.CrossEntropyBackward(x, t, w, Ignore, normalizer, b.Full(Shape.Scalar, 1), dx, accumulate: false);
            return [loss, normalizer, dx];
        });
        Bench.Near(type, actual[0], [1.14252181], 2e-7, 1e-8);
        Assert.That(actual[1][0], Is.EqualTo(0.5 + 1.25 + 2 + 1.25));
        double[] gradient =
        [
            -0.077263848, 0.0326410823, 0.0446227656, 0.0787861465, 0.0870880203, -0.165874167, 0, 0, 0,
            0.177660492, -0.273867505, 0.0962070135, 0.0821982382, 0.0796008661, -0.161799104,
        ];
        Bench.Near(type, actual[2], gradient, 1e-7, 1e-9);
    }

    [Test]
    public void CrossEntropy_AndItsGradient([Values(1, 3, 40)] int classes, [Values] bool weighted, [Values] bool accumulate)
    {
        const int Pixels = 1500;
        var shape = new Shape(Pixels, classes);
        double[] x = Bench.Normal(type, shape.Count, "x", 3), w = Array.ConvertAll(Bench.Normal(type, classes, "w"), static v => Math.Abs(v) + 0.25);
        w = Bench.Rounded(type, w);
        int[] targets = Enumerable.Range(0, Pixels).Select(i => i % 7 == 3 ? -1 : i * 31 % classes).ToArray();
        double total = 0, weights = 0;
        var gradient = new double[x.Length];
        for (int i = 0; i < Pixels; i++)
        {
            if (targets[i] < 0)
            {
                continue;
            }

            double weight = weighted ? w[targets[i]] : 1, sum = 0;
            for (int c = 0; c < classes; c++)
            {
                sum += Math.Exp(x[(i * classes) + c]);
            }

            total += weight * (Math.Log(sum) - x[(i * classes) + targets[i]]);
            weights += weight;
            for (int c = 0; c < classes; c++)
            {
                gradient[(i * classes) + c] = weight * ((Math.Exp(x[(i * classes) + c]) / sum) - (c == targets[i] ? 1 : 0));
            }
        }

        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new LossKernels(b.Threads);
            Tensor logits = b.Of(shape, x), t = b.Integers(new Shape(Pixels), targets);
            Tensor? v = weighted ? b.Of(new Shape(classes), w) : null;
            Tensor loss = b.Empty(new Shape(1)), normalizer = b.Empty(new Shape(1)), dx = b.Target(shape, accumulate);
            kernels.CrossEntropy(logits, t, v, -1, loss, normalizer);
            kernels.CrossEntropyBackward(logits, t, v, -1, normalizer, b.Full(new Shape(1), 1000), dx, accumulate);
            return [loss, normalizer, dx];
        });
        Bench.Near(type, actual[0], [total / weights], 2e-7, 1e-13, "loss");
        Bench.Near(type, actual[1], [weights], 1e-7, 1e-13, "normalizer");
        Bench.Near(type, actual[2], Array.ConvertAll(gradient, v => (accumulate ? 0.75 : 0) + (1000 * v / weights)), 1e-6, 1e-12, "gradient");
    }

    [TestCase(3)]
    [TestCase(-2)]
    [TestCase(int.MinValue)]
    public void CrossEntropy_NamesATargetThatIsNoClass(int target) =>
        Bench.Run(type, b =>
        {
            var kernels = new LossKernels(b.Threads);
            Tensor x = b.Full(new Shape(2, 3), 0), t = b.Integers(new Shape(2), 1, target), one = b.Full(Shape.Scalar, 1), dx = b.Empty(new Shape(2, 3));
            foreach (Action call in new Action[]
            {
                () => kernels.CrossEntropy(x, t, null, Ignore, one, one),
                () => kernels.CrossEntropyBackward(x, t, null, Ignore, one, one, dx, accumulate: false),
            })
            {
                var error = Assert.Throws<AdaShareException>(call);
                Assert.That(error!.Message, Does.Contain($"is {target}").And.Contain("0 to 2").And.Contain($"{Ignore}").And.Not.Contain("\n"));
            }

            return [];
        });

    [Test]
    public void EveryLoss_IsZeroWhereNothingCounts([Values] bool accumulate)
    {
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new LossKernels(b.Threads);
            Shape shape = new(2, 2, 3), pixels = new(2, 2);
            Tensor x = b.Full(shape, double.NaN), t = b.Integers(pixels, Ignore, Ignore, Ignore, Ignore), mask = b.Bytes(pixels, new byte[4]), one = b.Full(Shape.Scalar, 1);
            Tensor[] losses = [b.Empty(Shape.Scalar), b.Empty(Shape.Scalar), b.Empty(Shape.Scalar)], normalizers = [b.Empty(Shape.Scalar), b.Empty(Shape.Scalar), b.Empty(Shape.Scalar)];
            Tensor[] gradients = [b.Target(shape, accumulate), b.Target(shape, accumulate), b.Target(shape, accumulate)];
            kernels.CrossEntropy(x, t, null, Ignore, losses[0], normalizers[0]);
            kernels.Cosine(x, x, mask, losses[1], normalizers[1]);
            kernels.L1(x, x, mask, losses[2], normalizers[2]);
            kernels.CrossEntropyBackward(x, t, null, Ignore, normalizers[0], one, gradients[0], accumulate);
            kernels.CosineBackward(x, x, mask, normalizers[1], one, gradients[1], accumulate);
            kernels.L1Backward(x, x, mask, normalizers[2], one, gradients[2], accumulate);
            return [.. losses, .. normalizers, .. gradients];
        });
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.That(actual[i], Is.All.EqualTo(i >= 6 && accumulate ? 0.75 : 0), $"output {i}");
        }
    }

    [Test]
    public void Cosine_AndItsGradient([Values(1, 3, 7)] int channels, [Values] bool accumulate)
    {
        const int Pixels = 12_001;
        var shape = new Shape(Pixels, channels);
        double[] p = Bench.Normal(type, shape.Count, "p"), t = Bench.Normal(type, shape.Count, "t");
        byte[] mask = Enumerable.Range(0, Pixels).Select(i => (byte)(i % 5 == 2 ? 0 : 1)).ToArray();
        double total = 0, count = 0;
        var gradient = new double[p.Length];
        for (int i = 0; i < Pixels; i++)
        {
            if (mask[i] == 0)
            {
                continue;
            }

            var q = p.AsSpan(i * channels, channels);
            var u = t.AsSpan(i * channels, channels);
            double dot = 0, pp = 0, tt = 0;
            for (int c = 0; c < channels; c++)
            {
                dot += q[c] * u[c];
                pp += q[c] * q[c];
                tt += u[c] * u[c];
            }

            double cosine = dot / Math.Sqrt(pp * tt);
            total += cosine;
            count++;
            for (int c = 0; c < channels; c++)
            {
                gradient[(i * channels) + c] = -((u[c] / Math.Sqrt(pp * tt)) - (cosine * q[c] / pp));
            }
        }

        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new LossKernels(b.Threads);
            Tensor x = b.Of(shape, p), y = b.Of(shape, t), m = b.Bytes(new Shape(Pixels), mask), loss = b.Empty(Shape.Scalar), normalizer = b.Empty(Shape.Scalar), dx = b.Target(shape, accumulate);
            kernels.Cosine(x, y, m, loss, normalizer);
            kernels.CosineBackward(x, y, m, normalizer, b.Full(Shape.Scalar, 500), dx, accumulate);
            return [loss, normalizer, dx];
        });
        Bench.Near(type, actual[0], [1 - (total / count)], 1e-7, 1e-13, "loss");
        Assert.That(actual[1][0], Is.EqualTo(count));
        Bench.Near(type, actual[2], Array.ConvertAll(gradient, v => (accumulate ? 0.75 : 0) + (500 * v / count)), 1e-6, 1e-11, "gradient");
    }

    [Test]
    public void Cosine_OfAZeroPrediction_HasABoundedNorm()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new LossKernels(b.Threads);
            Tensor x = b.Full(new Shape(1, 3), 0), y = b.Of(new Shape(1, 3), [0, 3, 4]), m = b.Bytes(new Shape(1), 1);
            Tensor loss = b.Empty(Shape.Scalar), normalizer = b.Empty(Shape.Scalar), dx = b.Empty(new Shape(1, 3));
            kernels.Cosine(x, y, m, loss, normalizer);
            kernels.CosineBackward(x, y, m, normalizer, b.Full(Shape.Scalar, 1e-12), dx, accumulate: false);
            return [loss, dx];
        });
        Assert.That(actual[0][0], Is.EqualTo(1));
        Bench.Near(type, actual[1], [0, -0.6, -0.8], 1e-6);
    }

    [Test]
    public void L1_AndItsGradient([Values(1, 3, 10)] int channels, [Values] bool accumulate)
    {
        const int Pixels = 13_003;
        var shape = new Shape(Pixels, channels);
        double[] p = Bench.Normal(type, shape.Count, "p"), t = Bench.Normal(type, shape.Count, "t");
        t[channels] = p[channels];
        byte[] mask = Enumerable.Range(0, Pixels).Select(i => (byte)(i % 3 == 2 ? 0 : 1)).ToArray();
        double count = mask.Count(static m => m != 0) * (double)channels;
        double total = p.Select((v, i) => mask[i / channels] * Math.Abs(v - t[i])).Sum();
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new LossKernels(b.Threads);
            Tensor x = b.Of(shape, p), y = b.Of(shape, t), m = b.Bytes(new Shape(Pixels), mask), loss = b.Empty(Shape.Scalar), normalizer = b.Empty(Shape.Scalar), dx = b.Target(shape, accumulate);
            kernels.L1(x, y, m, loss, normalizer);
            kernels.L1Backward(x, y, m, normalizer, b.Full(Shape.Scalar, 500), dx, accumulate);
            return [loss, normalizer, dx];
        });
        Bench.Near(type, actual[0], [total / count], 1e-7, 1e-13, "loss");
        Assert.That(actual[1][0], Is.EqualTo(count));
        double[] gradient = p.Select((v, i) => (accumulate ? 0.75 : 0) + (mask[i / channels] * 500 * Math.Sign(v - t[i]) / count)).ToArray();
        Bench.Near(type, actual[2], gradient, 1e-6, 1e-13, "gradient");
    }
}
