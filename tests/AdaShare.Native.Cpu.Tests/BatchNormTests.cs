using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32, true)]
[TestFixture(DType.Float32, false)]
[TestFixture(DType.Float64, true)]
[TestFixture(DType.Float64, false)]
public sealed class BatchNormTests(DType type, bool wide)
{
    private const double Epsilon = 1e-5;

    private static readonly object[] Cases =
    [
        new object[] { 2, 1, 3, 3, 1 },
        new object[] { 6, 3, 5, 7, 3 },
        new object[] { 4, 2, 3, 5, 5 },
        new object[] { 3, 3, 7, 5, 40 },
        new object[] { 4, 2, 9, 11, 64 },
        new object[] { 2, 2, 3, 3, 71 },
        new object[] { 6, 3, 31, 33, 20 },
    ];

    [TestCaseSource(nameof(Cases))]
    public void ForwardTraining_NormalizesEachGroup_AndUpdatesTheRunningStatisticsInOrder(int batch, int groups, int height, int width, int channels)
    {
        var shape = new Shape(batch, height, width, channels);
        double[] x = Bench.Normal(type, shape.Count, "x", 3, 1), gamma = Bench.Normal(type, channels, "gamma"), beta = Bench.Normal(type, channels, "beta");
        double[] mean0 = Bench.Normal(type, channels, "mean"), variance0 = Bench.Normal(type, channels, "variance", 0.1, 1);
        int[] updates = [0, groups - 1, 0];
        foreach (bool relu in new[] { false, true })
        {
            double[][] actual = Bench.Run(type, b =>
            {
                Tensor y = b.Empty(shape), mean = b.Empty(new Shape(groups, channels)), inverse = b.Empty(new Shape(groups, channels));
                var running = new RunningStatistics(b.Of(new Shape(channels), mean0), b.Of(new Shape(channels), variance0), 0.1, updates);
                new BatchNormKernels(b.Threads, wide).ForwardTraining(b.Of(shape, x), b.Of(new Shape(channels), gamma), b.Of(new Shape(channels), beta), Epsilon, relu, y, mean, inverse, running);
                return [y, mean, inverse, running.Mean, running.Variance];
            });

            Reference r = Statistics(x, groups, channels);
            double[] expected = x.Select((v, i) =>
            {
                int c = i % channels, g = GroupOf(i, x.Length, groups), k = (g * channels) + c;
                double value = ((v - r.Mean[k]) / Math.Sqrt(r.Variance[k] + Epsilon) * gamma[c]) + beta[c];
                return relu ? Math.Max(value, 0) : value;
            }).ToArray();
            Bench.Near(type, actual[0], expected, 2e-6, 1e-12);
            Bench.Near(type, actual[1], r.Mean, 1e-7, 1e-14, "mean");
            Bench.Near(type, actual[2], Array.ConvertAll(r.Variance, static v => 1 / Math.Sqrt(v + Epsilon)), 1e-7, 1e-13, "inverse std");
            double rows = x.Length / (double)channels / groups;
            Bench.Near(type, actual[3], Running(mean0, r.Mean, channels, updates, 1), 1e-7, 1e-14, "running mean");
            Bench.Near(type, actual[4], Running(variance0, r.Variance, channels, updates, rows / (rows - 1)), 1e-7, 1e-13, "running variance");
        }
    }

    [TestCase(1000)]
    [TestCase(-1000)]
    public void ForwardTraining_IsExact_WhereTheMeanIsAThousandStandardDeviations(double offset)
    {
        const int Channels = 3, Rows = 20_000;
        var shape = new Shape(1, 1, Rows, Channels);
        double[] x = Bench.Normal(type, shape.Count, "far", 1, offset);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(shape), mean = b.Empty(new Shape(1, Channels)), inverse = b.Empty(new Shape(1, Channels));
            new BatchNormKernels(b.Threads, wide).ForwardTraining(b.Of(shape, x), b.Full(new Shape(Channels), 1), b.Full(new Shape(Channels), 0), Epsilon, relu: false, y, mean, inverse, running: null);
            return [y, mean, inverse];
        });
        Reference r = Statistics(x, 1, Channels);
        Bench.Near(type, actual[1], r.Mean, 6e-8, 1e-15, "mean");
        Bench.Near(type, actual[2], Array.ConvertAll(r.Variance, static v => 1 / Math.Sqrt(v + Epsilon)), 6e-8, 1e-12, "inverse std");

        // The output is held to the rounding of x itself: what the rounded mean loses is in the shift.
        double[] expected = x.Select((v, i) => (v - r.Mean[i % Channels]) / Math.Sqrt(r.Variance[i % Channels] + Epsilon)).ToArray();
        Bench.Near(type, actual[0], expected, 1e-6, 1e-11);
    }

    [Test]
    public void ForwardTraining_OfOnePixel_KeepsTheVarianceZero()
    {
        double[] x = Bench.Normal(type, 5, "one");
        var shape = new Shape(1, 1, 1, 5);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(shape);
            var running = new RunningStatistics(b.Full(new Shape(5), 0), b.Full(new Shape(5), 1), 0.25, [0]);
            new BatchNormKernels(b.Threads, wide).ForwardTraining(
                b.Of(shape, x), b.Full(new Shape(5), 2), b.Full(new Shape(5), 0.5), Epsilon, relu: false, y, b.Empty(new Shape(1, 5)), b.Empty(new Shape(1, 5)), running);
            return [y, running.Mean, running.Variance];
        });
        Assert.That(actual[0], Is.All.EqualTo(0.5));
        Bench.Near(type, actual[1], Array.ConvertAll(x, static v => v / 4), 1e-7);
        Assert.That(actual[2], Is.All.EqualTo(0.75));
    }

    [TestCaseSource(nameof(Cases))]
    public void BackwardTraining_IsTheFormula(int batch, int groups, int height, int width, int channels)
    {
        var shape = new Shape(batch, height, width, channels);
        double[] x = Bench.Normal(type, shape.Count, "x", 2, 0.5), dy = Bench.Normal(type, shape.Count, "dy"), gamma = Bench.Normal(type, channels, "gamma");
        Reference r = Statistics(x, groups, channels);
        double[] mean = Bench.Rounded(type, r.Mean), inverse = Bench.Rounded(type, Array.ConvertAll(r.Variance, static v => 1 / Math.Sqrt(v + Epsilon)));
        double[] beta = Bench.Normal(type, channels, "beta");
        double[] output = x.Select((v, i) =>
        {
            int c = i % channels, k = (GroupOf(i, x.Length, groups) * channels) + c;
            return ((v - mean[k]) * inverse[k] * gamma[c]) + beta[c];
        }).ToArray();
        foreach ((bool relu, bool accumulate) in new[] { (false, false), (true, true) })
        {
            double[][] actual = Bench.Run(type, b =>
            {
                Tensor dx = b.Target(shape, accumulate), dgamma = b.Target(new Shape(channels), accumulate), dbeta = b.Target(new Shape(channels), accumulate);
                new BatchNormKernels(b.Threads, wide).BackwardTraining(
                    b.Of(shape, x), b.Of(shape, dy), b.Of(new Shape(channels), gamma), relu ? b.Of(new Shape(channels), beta) : null, b.Of(new Shape(groups, channels), mean),
                    b.Of(new Shape(groups, channels), inverse), new Target(dx, accumulate), new Target(dgamma, accumulate), new Target(dbeta, accumulate));
                return [dx, dgamma, dbeta];
            });
            double[] masked = dy.Select((g, i) => relu && output[i] <= 0 ? 0 : g).ToArray();
            (double[] dx, double[] dgamma, double[] dbeta) = Gradients(x, masked, gamma, mean, inverse, groups, channels, constant: false);
            double before = accumulate ? 0.75 : 0;
            Bench.Near(type, actual[0], Array.ConvertAll(dx, v => v + before), 3e-6, 1e-12, "dx");
            Bench.Near(type, actual[1], Array.ConvertAll(dgamma, v => v + before), 2e-7, 1e-12, "dgamma");
            Bench.Near(type, actual[2], Array.ConvertAll(dbeta, v => v + before), 2e-7, 1e-12, "dbeta");
        }
    }

    [Test]
    public void Backward_LeavesOutWhatNobodyWants()
    {
        var shape = new Shape(2, 3, 3, 4);
        double[] x = Bench.Normal(type, shape.Count, "x");
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor dx = b.Empty(shape), dbeta = b.Empty(new Shape(4)), mean = b.Full(new Shape(1, 4), 0.1), inverse = b.Full(new Shape(1, 4), 0.9);
            var kernels = new BatchNormKernels(b.Threads, wide);
            kernels.BackwardTraining(b.Of(shape, x), b.Of(shape, x), b.Full(new Shape(4), 1), null, mean, inverse, new Target(dx, false), Target.None, Target.None);
            kernels.BackwardTraining(b.Of(shape, x), b.Of(shape, x), b.Full(new Shape(4), 1), null, mean, inverse, Target.None, Target.None, new Target(dbeta, false));
            return [dx, dbeta];
        });
        (double[] dx, _, double[] dbeta) = Gradients(x, x, [1, 1, 1, 1], Fill(4, 0.1), Fill(4, 0.9), 1, 4, constant: false);
        Bench.Near(type, actual[0], dx, 3e-6, 1e-12, "dx");
        Bench.Near(type, actual[1], dbeta, 2e-6, 1e-12, "dbeta");
    }

    [TestCaseSource(nameof(Cases))]
    public void Inference_UsesTheRunningStatistics(int batch, int groups, int height, int width, int channels)
    {
        Assume.That(groups, Is.Positive);
        var shape = new Shape(batch, height, width, channels);
        var vector = new Shape(channels);
        double[] x = Bench.Normal(type, shape.Count, "x"), dy = Bench.Normal(type, shape.Count, "dy"), gamma = Bench.Normal(type, channels, "gamma"), beta = Bench.Normal(type, channels, "beta");
        double[] mean = Bench.Normal(type, channels, "mean"), variance = Array.ConvertAll(Bench.Normal(type, channels, "variance"), static v => Math.Abs(v) + 0.5);
        variance = Bench.Rounded(type, variance);
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new BatchNormKernels(b.Threads, wide);
            Tensor y = b.Empty(shape), dx = b.Empty(shape), dgamma = b.Empty(vector), dbeta = b.Target(vector, accumulate: true);
            Tensor input = b.Of(shape, x), scale = b.Of(vector, gamma), shift = b.Of(vector, beta), m = b.Of(vector, mean), v = b.Of(vector, variance);
            kernels.ForwardInference(input, scale, shift, m, v, Epsilon, relu: true, y);
            kernels.BackwardInference(input, b.Of(shape, dy), scale, shift, m, v, Epsilon, new Target(dx, false), new Target(dgamma, false), new Target(dbeta, true));
            return [y, dx, dgamma, dbeta];
        });
        double[] inverse = Array.ConvertAll(variance, static v => 1 / Math.Sqrt(v + Epsilon));
        double[] y = x.Select((v, i) => Math.Max(0, ((v - mean[i % channels]) * inverse[i % channels] * gamma[i % channels]) + beta[i % channels])).ToArray();
        Bench.Near(type, actual[0], y);
        double[] masked = dy.Select((g, i) => actual[0][i] > 0 ? g : 0).ToArray();
        (double[] dx, double[] dgamma, double[] dbeta) = Gradients(x, masked, gamma, mean, inverse, 1, channels, constant: true);
        Bench.Near(type, actual[1], dx, what: "dx");
        Bench.Near(type, actual[2], dgamma, 1e-6, 1e-12, "dgamma");
        Bench.Near(type, actual[3], Array.ConvertAll(dbeta, static v => v + 0.75), 1e-6, 1e-12, "dbeta");
    }

    private double[] Fill(int count, double value) => Bench.Rounded(type, Enumerable.Repeat(value, count).ToArray());

    private static int GroupOf(int element, int total, int groups) => (int)((long)element * groups / total);

    private static Reference Statistics(double[] x, int groups, int channels)
    {
        var mean = new double[groups * channels];
        var variance = new double[groups * channels];
        var lost = new double[groups * channels];
        double rows = (double)x.Length / channels / groups;

        // Neumaier's compensated sum: a plain one loses three digits over 20,000 rows far from zero.
        for (int i = 0; i < x.Length; i++)
        {
            int k = (GroupOf(i, x.Length, groups) * channels) + (i % channels);
            double sum = mean[k] + x[i];
            lost[k] += Math.Abs(mean[k]) >= Math.Abs(x[i]) ? mean[k] - sum + x[i] : x[i] - sum + mean[k];
            mean[k] = sum;
        }

        for (int k = 0; k < mean.Length; k++)
        {
            mean[k] = (mean[k] + lost[k]) / rows;
        }

        for (int i = 0; i < x.Length; i++)
        {
            int k = (GroupOf(i, x.Length, groups) * channels) + (i % channels);
            variance[k] += (x[i] - mean[k]) * (x[i] - mean[k]) / rows;
        }

        return new Reference(mean, variance);
    }

    private static double[] Running(double[] before, double[] statistics, int channels, int[] updates, double unbias)
    {
        double[] values = [.. before];
        foreach (int group in updates)
        {
            for (int c = 0; c < channels; c++)
            {
                values[c] = (0.9 * values[c]) + (0.1 * statistics[(group * channels) + c] * unbias);
            }
        }

        return values;
    }

    private static (double[] Dx, double[] Dgamma, double[] Dbeta) Gradients(double[] x, double[] dy, double[] gamma, double[] mean, double[] inverse, int groups, int channels, bool constant)
    {
        double rows = (double)x.Length / channels / groups;
        double[] sum = new double[groups * channels], dot = new double[groups * channels], dgamma = new double[channels], dbeta = new double[channels];
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % channels, k = (GroupOf(i, x.Length, groups) * channels) + c;
            double normal = (x[i] - mean[k]) * inverse[k];
            sum[k] += dy[i];
            dot[k] += dy[i] * normal;
            dgamma[c] += dy[i] * normal;
            dbeta[c] += dy[i];
        }

        double[] dx = x.Select((v, i) =>
        {
            int c = i % channels, k = (GroupOf(i, x.Length, groups) * channels) + c;
            return gamma[c] * inverse[k] * (constant ? dy[i] : dy[i] - (sum[k] / rows) - ((v - mean[k]) * inverse[k] * dot[k] / rows));
        }).ToArray();
        return (dx, dgamma, dbeta);
    }

    private sealed record Reference(double[] Mean, double[] Variance);
}
