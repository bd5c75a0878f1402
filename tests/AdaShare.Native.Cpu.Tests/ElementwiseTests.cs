using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class ElementwiseTests(DType type)
{
    private static readonly int[][][] Broadcasts =
    [
        [[], [], []],
        [[7], [7], [7]],
        [[3, 5], [1], [3, 5]],
        [[3, 5], [3, 5], []],
        [[4, 3, 5, 3], [4, 3, 5, 3], [3]],
        [[40, 30, 3], [3], [40, 30, 3]],
        [[6, 40], [6, 40], [1, 40]],
        [[5, 300], [5, 300], [300]],
        [[4, 3, 5, 3], [4, 3, 5, 1], [4, 3, 5, 3]],
        [[4, 3, 5, 3], [4, 1, 5, 1], [1, 3, 1, 3]],
        [[2, 3, 4, 5, 6], [2, 1, 4, 1, 6], [3, 1, 5, 1]],
        [[2, 3, 4, 5, 6], [1, 3, 4, 1, 1], [2, 1, 1, 5, 6]],
        [[3, 4], [1, 1], [1]],
        [[3, 1, 4], [3, 1, 1], [1, 4]],
        [[90, 20, 21], [90, 20, 21], [90, 20, 21]],
        [[90, 20, 21], [90, 1, 21], [20, 1]],
        [[4, 9001], [4, 1], [9001]],
    ];

    [Test]
    public void Binary_BroadcastsBothSides([Values] BinaryOp op, [ValueSource(nameof(Broadcasts))] int[][] shapes)
    {
        Shape output = new(shapes[0]), left = new(shapes[1]), right = new(shapes[2]);
        double[] a = Bench.Normal(type, left.Count, "a"), c = Bench.Normal(type, right.Count, "c");
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Empty(output);
            new ElementwiseKernels(b.Threads).Binary(op, b.Of(left, a), b.Of(right, c), y);
            return [y];
        });
        double[] expected = Enumerable.Range(0, (int)output.Count).Select(i =>
        {
            double x = a[Source(output, left, i)], y = c[Source(output, right, i)];
            return Value(op, x, y);
        }).ToArray();

        // One rounding each, so the nearest number of the type.
        Assert.That(actual[0], Is.EqualTo(Bench.Rounded(type, expected)));
    }

    [Test]
    public void Affine_Broadcasts([Values] bool accumulate, [ValueSource(nameof(Broadcasts))] int[][] shapes)
    {
        Shape output = new(shapes[0]), input = new(shapes[2]);
        double[] x = Bench.Normal(type, input.Count, "x");
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new ElementwiseKernels(b.Threads);
            Tensor y = b.Target(output, accumulate), copy = b.Target(output, accumulate);
            kernels.Affine(b.Of(input, x), -1.5, 0.25, y, accumulate);
            kernels.Affine(b.Of(input, x), 1, 0, copy, accumulate);
            return [y, copy];
        });
        double before = accumulate ? 0.75 : 0;
        double[] spread = Enumerable.Range(0, (int)output.Count).Select(i => x[Source(output, input, i)]).ToArray();
        Bench.Near(type, actual[0], Array.ConvertAll(spread, v => before + (-1.5 * v) + 0.25));
        Bench.Near(type, actual[1], Array.ConvertAll(spread, v => before + v));
    }

    [Test]
    public void Binary_WritesOverItsInput([Values(9, 50_001)] int count)
    {
        double[] x = Bench.Normal(type, count, "x");
        double[][] actual = Bench.Run(type, b =>
        {
            Tensor y = b.Of(new Shape(count), x);
            new ElementwiseKernels(b.Threads).Binary(BinaryOp.Add, y, y, y);
            return [y];
        });
        Assert.That(actual[0], Is.EqualTo(Array.ConvertAll(x, static v => v + v)));
    }

    [Test]
    public void Unary_AndItsGradient([Values] UnaryOp op, [Values(1, 8, 43, 40_001)] int count, [Values] bool accumulate)
    {
        double[] x = Bench.Normal(type, count, "x", 2);
        UnaryFunction function = Constants(op);
        x = op is UnaryOp.Log or UnaryOp.Sqrt or UnaryOp.Pow ? Array.ConvertAll(x, static v => Math.Abs(v) + 0.125) : x;
        x = Bench.Rounded(type, x);
        double[] y = Bench.Rounded(type, Array.ConvertAll(x, v => ReferenceFunctions.Apply(function, v))), dy = Bench.Normal(type, count, "dy");
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new ElementwiseKernels(b.Threads);
            Tensor output = b.Empty(new Shape(count)), dx = b.Target(new Shape(count), accumulate);
            kernels.Unary(function, b.Of(new Shape(count), x), output);
            kernels.UnaryBackward(function, b.Of(new Shape(count), x), b.Of(new Shape(count), y), b.Of(new Shape(count), dy), dx, accumulate);
            return [output, dx];
        });
        Bench.Near(type, actual[0], Array.ConvertAll(x, v => ReferenceFunctions.Apply(function, v)), 3e-7, 1e-15);

        // The argument of its sigmoid grows with the cube of x, and so does what its rounding does to the slope.
        double single = op == UnaryOp.GeluTanh ? 4e-6 : 5e-7;
        Bench.Near(type, actual[1], x.Select((v, i) => (accumulate ? 0.75 : 0) + (dy[i] * ReferenceFunctions.Derivative(function, v))).ToArray(), single, 1e-14, "gradient");
    }

    [Test]
    public void Abs_HasNoSlopeAtZero_AndSigmoidHoldsAtTheEnds()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new ElementwiseKernels(b.Threads);
            Tensor x = b.Of(new Shape(3), [0, -2000, 2000]), dx = b.Empty(new Shape(3)), y = b.Empty(new Shape(3));
            kernels.UnaryBackward(UnaryOp.Abs, x, x, b.Full(new Shape(3), 3), dx, accumulate: false);
            kernels.Unary(UnaryOp.Sigmoid, x, y);
            return [dx, y];
        });
        Assert.That(actual[0], Is.EqualTo(new double[] { 0, -3, 3 }));
        Assert.That(actual[1], Is.EqualTo(new[] { 0.5, 0, 1 }));
    }

    [Test]
    public void Exp_HoldsOverTheWholeRange()
    {
        double[] x = Bench.Rounded(type, Enumerable.Range(0, 40_001).Select(i => -110 + (i * 0.005)).ToArray());
        double[] ends = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, 1e5, -1e5];
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new ElementwiseKernels(b.Threads);
            Tensor y = b.Empty(new Shape(x.Length)), z = b.Empty(new Shape(ends.Length));
            kernels.Unary(UnaryOp.Exp, b.Of(new Shape(x.Length), x), y);
            kernels.Unary(UnaryOp.Exp, b.Of(new Shape(ends.Length), ends), z);
            return [y, z];
        });
        for (int i = 0; i < x.Length; i++)
        {
            double exact = Math.Exp(x[i]), got = actual[0][i];
            if (type == DType.Float32)
            {
                // Two units in the last place, subnormal numbers included; overflow begins where the exact value rounds to infinity.
                float nearest = (float)exact;
                double unit = float.IsInfinity(nearest) ? double.PositiveInfinity : MathF.BitIncrement(nearest) - (double)nearest;
                Assert.That(float.IsInfinity(nearest) ? got == nearest : Math.Abs(got - exact) <= 2 * unit, Is.True, $"e^{x[i]} is {got:R}, exactly {exact:R}");
            }
            else
            {
                Assert.That(got, Is.EqualTo(exact).Within(4).Ulps, $"e^{x[i]}");
            }
        }

        Assert.That(actual[1], Is.EqualTo(new[] { double.NaN, double.PositiveInfinity, 0, 1, 1, double.PositiveInfinity, 0 }));
    }

    [Test]
    public void Fill_AndCast_BetweenAllTypes()
    {
        double[] values = [0, 1.75, -1.75, 254.5, 255, 256, -300, 3e9, -3e9, double.NaN, 17];
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new ElementwiseKernels(b.Threads);
            var shape = new Shape(values.Length);
            Tensor x = b.Of(shape, values), i = b.EmptyIntegers(shape), u = b.Bytes(shape, new byte[values.Length]), back = b.Empty(shape), f = b.Empty(shape);
            Tensor fromInteger = b.Bytes(shape, new byte[values.Length]), widened = b.EmptyIntegers(shape), filled = b.EmptyIntegers(shape), bytes = b.Bytes(shape, new byte[values.Length]);
            kernels.Cast(x, i);
            kernels.Cast(x, u);
            kernels.Cast(u, back);
            kernels.Cast(i, fromInteger);
            kernels.Cast(u, widened);
            kernels.Fill(filled, -3);
            kernels.Fill(bytes, 200);
            kernels.Fill(f, 0.5);
            return [i, u, back, fromInteger, widened, filled, bytes, f];
        });
        double[] integers = [0, 1, -1, 254, 255, 256, -300, int.MaxValue, int.MinValue, 0, 17], small = [0, 1, 0, 254, 255, 255, 0, 255, 0, 0, 17];
        Assert.Multiple(() =>
        {
            Assert.That(actual[0], Is.EqualTo(integers));
            Assert.That(actual[1], Is.EqualTo(small));
            Assert.That(actual[2], Is.EqualTo(small));
            Assert.That(actual[3], Is.EqualTo(small));
            Assert.That(actual[4], Is.EqualTo(small));
            Assert.That(actual[5], Is.All.EqualTo(-3));
            Assert.That(actual[6], Is.All.EqualTo(200));
            Assert.That(actual[7], Is.All.EqualTo(0.5));
        });
    }

    [Test]
    public void Cast_BetweenFloats_Rounds()
    {
        double[] x = Bench.Normal(DType.Float64, 40_005, "x");
        double[][] actual = Bench.Run(DType.Float64, b =>
        {
            var single = Tensor.Allocate(b.Backend, new Shape(x.Length), DType.Float32);
            var kernels = new ElementwiseKernels(b.Threads);
            Tensor wide = b.Empty(new Shape(x.Length));
            kernels.Cast(b.Of(new Shape(x.Length), x), single);
            kernels.Cast(single, wide);
            single.Storage.Release();
            return [wide];
        });
        Assert.That(actual[0], Is.EqualTo(Bench.Rounded(DType.Float32, x)));
    }

    [Test]
    public void Affine_OfIntegers_CopiesAndComputes()
    {
        int[] x = [1, -2, int.MaxValue, 4];
        byte[] u = [1, 2, 250, 0];
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new ElementwiseKernels(b.Threads);
            Tensor copy = b.EmptyIntegers(new Shape(3, 4)), doubled = b.EmptyIntegers(new Shape(4)), bytes = b.Bytes(new Shape(2, 4), new byte[8]), added = b.Bytes(new Shape(4), u);
            kernels.Affine(b.Integers(new Shape(4), x), 1, 0, copy, accumulate: false);
            kernels.Affine(b.Integers(new Shape(4), x), 2, 1, doubled, accumulate: false);
            kernels.Affine(b.Bytes(new Shape(4), u), 1, 0, bytes, accumulate: false);
            kernels.Affine(b.Bytes(new Shape(4), u), 1, 3, added, accumulate: true);
            return [copy, doubled, bytes, added];
        });
        Assert.That(actual[0], Is.EqualTo(new[] { 1, -2, int.MaxValue, 4, 1, -2, int.MaxValue, 4, 1, -2, int.MaxValue, 4.0 }));
        Assert.That(actual[1], Is.EqualTo(new[] { 3, -3, int.MaxValue, 9.0 }));
        Assert.That(actual[2], Is.EqualTo(new double[] { 1, 2, 250, 0, 1, 2, 250, 0 }));
        Assert.That(actual[3], Is.EqualTo(new double[] { 5, 7, 255, 3 }));
    }

    [TestCase(5, 1)]
    [TestCase(7, 3)]
    [TestCase(20_000, 3)]
    [TestCase(9, 40)]
    [TestCase(3, 20_001)]
    public void CopyBlocks_MovesRuns(int blocks, int length)
    {
        foreach (bool accumulate in new[] { false, true })
        {
            int sourceStride = length + 2, targetStride = length + 5;
            double[] x = Bench.Normal(type, ((long)blocks * sourceStride) + 3, "x"), before = Bench.Normal(type, ((long)blocks * targetStride) + 2, "before");
            double[][] actual = Bench.Run(type, b =>
            {
                Tensor target = b.Of(new Shape(before.Length), before);
                new ElementwiseKernels(b.Threads).CopyBlocks(b.Of(new Shape(x.Length), x), 3, sourceStride, target, 2, targetStride, blocks, length, accumulate);
                return [target];
            });
            double[] expected = [.. before];
            for (int n = 0; n < blocks; n++)
            {
                for (int i = 0; i < length; i++)
                {
                    int at = 2 + (n * targetStride) + i;
                    expected[at] = (accumulate ? expected[at] : 0) + x[3 + (n * sourceStride) + i];
                }
            }

            Assert.That(actual[0], Is.EqualTo(Bench.Rounded(type, expected)));
        }
    }

    [Test]
    public void CopyBlocks_MovesLabelsAndMasks()
    {
        double[][] actual = Bench.Run(type, b =>
        {
            var kernels = new ElementwiseKernels(b.Threads);
            Tensor labels = b.EmptyIntegers(new Shape(4)), mask = b.Bytes(new Shape(4), new byte[4]);
            kernels.CopyBlocks(b.Integers(new Shape(4), 1, 2, 3, 4), 1, 2, labels, 0, 3, 2, 1, accumulate: false);
            kernels.CopyBlocks(b.Bytes(new Shape(4), 1, 2, 3, 4), 0, 0, mask, 1, 0, 1, 3, accumulate: false);
            return [labels, mask];
        });
        Assert.That(actual[0], Is.EqualTo(new double[] { 2, -1, -1, 4 }));
        Assert.That(actual[1], Is.EqualTo(new double[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void Unary_OfIntegers_IsRefusedInOneLine() =>
        Bench.Run(type, b =>
        {
            Tensor x = b.EmptyIntegers(new Shape(4));
            var error = Assert.Throws<ShapeException>(() => new ElementwiseKernels(b.Threads).Unary(UnaryOp.Exp, x, x));
            Assert.That(error!.Message, Does.Contain("Int32 [4]").And.Not.Contain("\n"));
            return [];
        });

    private static int Source(Shape output, Shape operand, int index)
    {
        int source = 0, step = 1;
        for (int d = 1; d <= output.Rank; d++)
        {
            int coordinate = index % output[-d];
            index /= output[-d];
            if (d <= operand.Rank)
            {
                source += operand[-d] == 1 ? 0 : coordinate * step;
                step *= operand[-d];
            }
        }

        return source;
    }

    // Every function that has constants gets some that its inputs lie on both sides of.
    private static UnaryFunction Constants(UnaryOp op) => op switch
    {
        UnaryOp.LeakyRelu => new UnaryFunction(op, 0.25),
        UnaryOp.Elu => new UnaryFunction(op, 1.5),
        UnaryOp.Clamp => new UnaryFunction(op, -1, 2),
        UnaryOp.Pow => new UnaryFunction(op, 1.5),
        UnaryOp.Huber => new UnaryFunction(op, 1),
        _ => op,
    };

    private static double Value(BinaryOp op, double x, double y) => op switch
    {
        BinaryOp.Add => x + y,
        BinaryOp.Subtract => x - y,
        BinaryOp.Multiply => x * y,
        BinaryOp.Divide => x / y,
        BinaryOp.Maximum => Math.Max(x, y),
        BinaryOp.Minimum => Math.Min(x, y),
        _ => x > y ? 1 : x == y ? 0.5 : 0,
    };
}
