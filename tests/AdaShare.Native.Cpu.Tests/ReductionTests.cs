using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class ReductionTests(DType type)
{
    private static readonly int[][][] Sums =
    [
        [[7], []],
        [[70_001], [1]],
        [[4, 9, 11, 40], [40]],
        [[4, 59, 61, 3], [3]],
        [[4, 59, 61, 5], [1, 1, 1, 5]],
        [[9, 5000], [5000]],
        [[300, 1100], [1100]],
        [[4, 5, 6, 3], [4, 5, 6, 1]],
        [[40, 50, 41], [40, 50, 1]],
        [[3, 40_000], [3, 1]],
        [[5, 4, 3, 2], [5, 1, 3, 1]],
        [[5, 4, 3, 2], [1, 4, 1, 2]],
        [[2, 3, 4, 5, 6], [3, 1, 5, 1]],
        [[2, 3, 4, 5, 6], [2, 1, 4, 1, 6]],
        [[2, 30, 4, 50, 6], [30, 1, 50, 1]],
        [[3, 5], [3, 5]],
        [[1, 1, 5], [5]],
        [[2, 1, 5], [1, 1, 5]],
        [[6, 2, 13], [6, 1, 13]],
    ];

    [Test]
    public void Sum_IsTheAdjointOfBroadcasting([ValueSource(nameof(Sums))] int[][] shapes, [Values] bool accumulate)
    {
        Shape input = new(shapes[0]), output = new(shapes[1]);
        double[] x = Bench.Normal(type, input.Count, "x", 1, 0.5);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Target(output, accumulate);
            new ReductionKernels(b.Threads).Sum(b.Of(input, x), y, -0.5, accumulate);
            return [y];
        });
        var expected = new double[output.Count];
        for (int i = 0; i < x.Length; i++)
        {
            expected[Target(input, output, i)] += -0.5 * x[i];
        }

        Bench.Near(type, actual[0], Array.ConvertAll(expected, v => v + (accumulate ? 0.75 : 0)), 1e-7, 1e-12);
    }

    [Test]
    public void Sum_LosesNothingOverAMillionSingles()
    {
        // A running sum in single precision stops growing at 2^24 and is off by percents long before.
        var shape = new Shape(1_000_003);
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(Shape.Scalar);
            new ReductionKernels(b.Threads).Sum(b.Full(shape, 0.1), y, 1, accumulate: false);
            return [y];
        });
        Bench.Near(type, actual[0], [1_000_003 * (type == DType.Float32 ? 0.1f : 0.1)], 6e-8, 1e-12);
    }

    [Test]
    public void Sum_OverNothing_IsZero()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(new Shape(3));
            new ReductionKernels(b.Threads).Sum(b.Of(new Shape(0, 3), []), y, 1, accumulate: false);
            return [y];
        });
        Assert.That(actual[0], Is.All.Zero);
    }

    [TestCase(1, 1)]
    [TestCase(5, 3)]
    [TestCase(4000, 40)]
    [TestCase(3, 1037)]
    public void Max_FindsTheFirstMaximum(int rows, int columns)
    {
        // Few different values, so that equal maxima are the rule.
        double[] x = Array.ConvertAll(Bench.Normal(type, (long)rows * columns, "x"), static v => Math.Round(v));
        double[] dy = Bench.Normal(type, rows, "dy");
        foreach (bool accumulate in new[] { false, true })
        {
            double[][] actual = Bench.Run(type, b =>
            {
                var kernels = new ReductionKernels(b.Threads);
                Tensor input = b.Of(new Shape(rows, columns), x), y = b.Empty(new Shape(rows)), indices = b.EmptyIntegers(new Shape(rows)), dx = b.Target(new Shape(rows, columns), accumulate);
                kernels.Max(input, y, null);
                kernels.Max(input, null, indices);
                kernels.MaxBackward(indices, b.Of(new Shape(rows), dy), dx, accumulate);
                return [y, indices, dx];
            });
            double[] expected = Enumerable.Repeat(accumulate ? 0.75 : 0, x.Length).ToArray();
            for (int r = 0; r < rows; r++)
            {
                double[] row = x[(r * columns)..((r + 1) * columns)];
                Assert.That(actual[0][r], Is.EqualTo(row.Max()));
                Assert.That(actual[1][r], Is.EqualTo(Array.IndexOf(row, row.Max())));
                expected[(r * columns) + Array.IndexOf(row, row.Max())] += dy[r];
            }

            Bench.Near(type, actual[2], expected);
        }
    }

    [TestCase(2)]
    [TestCase(17)]
    public void Max_NamesTheFirstNaN(int at)
    {
        double[] x = Bench.Normal(type, 19, "x");
        x[at] = double.NaN;
        x[18] = double.NaN;
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(new Shape(1)), indices = b.EmptyIntegers(new Shape(1));
            new ReductionKernels(b.Threads).Max(b.Of(new Shape(1, 19), x), y, indices);
            return [y, indices];
        });
        Assert.That(actual[0][0], Is.NaN);
        Assert.That(actual[1][0], Is.EqualTo(at));
    }

    [TestCase(-1)]
    [TestCase(3)]
    public void MaxBackward_RefusesAnIndexOutsideTheRow(int index) =>
        Bench.Run(type, b =>
        {
            Tensor dx = b.Empty(new Shape(1, 3));
            var error = Assert.Throws<ShapeException>(() => new ReductionKernels(b.Threads).MaxBackward(b.Integers(new Shape(1), index), b.Full(new Shape(1), 1), dx, accumulate: false));
            Assert.That(error!.Message, Does.Contain($"index {index}"));
            return [];
        });

    private static int Target(Shape input, Shape output, int index)
    {
        int target = 0, step = 1;
        for (int d = 1; d <= input.Rank; d++)
        {
            int coordinate = index % input[-d];
            index /= input[-d];
            if (d <= output.Rank)
            {
                target += output[-d] == 1 ? 0 : coordinate * step;
                step *= output[-d];
            }
        }

        return target;
    }
}
