namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Floating-point instructions against C#'s IEEE arithmetic, bit for bit, and approximations against double precision within the bounds that the PTX ISA documents.</summary>
[TestFixture]
public sealed class FloatInstructionTests
{
    private static readonly float[] Edges =
    [
        0, -0f, 1, -1, 0.1f, -0.1f, 1.5f, 2.5f, -2.5f, 3, 16777216, 16777217, 1e10f, -1e10f, 1e-10f, 1.17549435e-38f, 1e-40f, -1e-42f, 1e38f, -3e38f,
        float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    private static readonly double[] Edges64 = [0, -0.0, 1, -1.5, 0.1, 2.5, 1e300, -1e300, 1e-310, double.Epsilon, double.MaxValue, double.PositiveInfinity, double.NaN];

    private static readonly int[] EdgesInteger = [0, 1, -1, 16777217, 33554435, int.MaxValue, int.MinValue, -16777219];

    private static (T[] A, T[] B) Pairs<T>(T[] edges) => ([.. edges.SelectMany(a => edges.Select(_ => a))], [.. edges.SelectMany(_ => edges)]);

    private static void Check(string instruction, Func<float, float, float> expected)
    {
        (float[] a, float[] b) = Pairs(Edges);
        float[] actual = Instruction.Run<float>(instruction, "f32", ("f32", a), ("f32", b));
        for (int i = 0; i < a.Length; i++)
        {
            AssertSame(actual[i], expected(a[i], b[i]), $"{instruction} of {a[i]:R} and {b[i]:R}");
        }
    }

    private static void AssertSame(float actual, float expected, string what)
    {
        if (!(float.IsNaN(actual) && float.IsNaN(expected)))
        {
            Assert.That(BitConverter.SingleToUInt32Bits(actual), Is.EqualTo(BitConverter.SingleToUInt32Bits(expected)), $"{what}: {actual:R}, expected {expected:R}");
        }
    }

    [Test]
    public void Arithmetic_is_exact() => Assert.Multiple(static () =>
    {
        Check("add.f32 %d, %a, %b;", static (a, b) => a + b);
        Check("sub.rn.f32 %d, %a, %b;", static (a, b) => a - b);
        Check("mul.f32 %d, %a, %b;", static (a, b) => a * b);
        Check("div.rn.f32 %d, %a, %b;", static (a, b) => a / b);
        Check("fma.rn.f32 %d, %a, %b, 0f3F800001;", static (a, b) => MathF.FusedMultiplyAdd(a, b, BitConverter.UInt32BitsToSingle(0x3F800001)));
        Check("sqrt.rn.f32 %d, %a;", static (a, _) => MathF.Sqrt(a));
        Check("rcp.rn.f32 %d, %a;", static (a, _) => 1 / a);
        Check("neg.f32 %d, %a;", static (a, _) => -a);
        Check("abs.f32 %d, %a;", static (a, _) => MathF.Abs(a));
        Check("copysign.f32 %d, %a, %b;", static (a, b) => MathF.CopySign(b, a));
    });

    [Test]
    public void Minimum_and_maximum_prefer_numbers_to_NaN() => Assert.Multiple(static () =>
    {
        Check("min.f32 %d, %a, %b;", float.MinNumber);
        Check("max.f32 %d, %a, %b;", float.MaxNumber);
        Check("max.NaN.f32 %d, %a, %b;", MathF.Max);
    });

    [Test]
    public void Subnormal_numbers_are_flushed_where_asked() => Assert.Multiple(static () =>
    {
        static float Flush(float v) => float.IsSubnormal(v) ? MathF.CopySign(0, v) : v;
        Check("add.ftz.f32 %d, %a, %b;", static (a, b) => Flush(Flush(a) + Flush(b)));
        Check("mul.ftz.f32 %d, %a, %b;", static (a, b) => Flush(Flush(a) * Flush(b)));
        Check("setp.gt.ftz.f32 %p1, %a, 0f00000000;\nselp.f32 %d, 0f3F800000, 0f00000000, %p1;", static (a, _) => Flush(a) > 0 ? 1 : 0);
        Check("add.sat.f32 %d, %a, %b;", static (a, b) => a + b is var sum && sum > 0 ? MathF.Min(sum, 1) : 0);
    });

    [TestCase("rz")]
    [TestCase("rm")]
    [TestCase("rp")]
    public void Directed_rounding_brackets_the_exact_result(string direction)
    {
        // The neighbours of the nearest result tell what rounding up and down must give; exact results are compared in extended form.
        float[] values = [1, 3, -3, 0.1f, -0.7f, 1e-8f, 1e8f, 33554432, 7.0001f, -1e-20f];
        (float[] a, float[] b) = Pairs(values);
        float[] sums = Instruction.Run<float>($"add.{direction}.f32 %d, %a, %b;", "f32", ("f32", a), ("f32", b));
        float[] products = Instruction.Run<float>($"mul.{direction}.f32 %d, %a, %b;", "f32", ("f32", a), ("f32", b));
        float[] fused = Instruction.Run<float>($"fma.{direction}.f32 %d, %a, %b, %a;", "f32", ("f32", a), ("f32", b));
        Assert.Multiple(() =>
        {
            for (int i = 0; i < a.Length; i++)
            {
                AssertDirected(direction, sums[i], a[i], 1, b[i], $"{a[i]:R} + {b[i]:R}");
                AssertDirected(direction, products[i], a[i], b[i], 0, $"{a[i]:R} * {b[i]:R}");
                AssertDirected(direction, fused[i], a[i], b[i], a[i], $"{a[i]:R} * {b[i]:R} + {a[i]:R}");
            }
        });
    }

    /// <summary>Holds a result against a b + c, computed exactly as fractions of integers.</summary>
    private static void AssertDirected(string direction, float result, float a, float b, float c, string what)
    {
        System.Numerics.BigInteger exact = (Fixed(a) * Fixed(b)) + (Fixed(c) << Bits), actual = Fixed(result) << Bits;
        if (exact == actual)
        {
            return;
        }

        bool wantsUp = direction == "rp" || (direction == "rz" && exact.Sign < 0);
        float other = wantsUp ? MathF.BitDecrement(result) : MathF.BitIncrement(result);
        bool brackets = wantsUp ? actual > exact && (Fixed(other) << Bits) < exact : actual < exact && (Fixed(other) << Bits) > exact;
        Assert.That(brackets, $"{what}, {direction}: {result:R} is not next to the exact result on the right side");
    }

    private const int Bits = 160;

    private static System.Numerics.BigInteger Fixed(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value), exponent = bits >> 23 & 255, mantissa = bits & 0x7FFFFF;
        System.Numerics.BigInteger magnitude = exponent == 0 ? mantissa : mantissa | 0x800000;
        int shift = Math.Max(exponent, 1) - 150 + Bits;
        magnitude = shift >= 0 ? magnitude << shift : magnitude >> -shift;
        return bits < 0 ? -magnitude : magnitude;
    }

    [TestCase("eq")]
    [TestCase("ne")]
    [TestCase("lt")]
    [TestCase("le")]
    [TestCase("gt")]
    [TestCase("ge")]
    [TestCase("equ")]
    [TestCase("neu")]
    [TestCase("ltu")]
    [TestCase("leu")]
    [TestCase("gtu")]
    [TestCase("geu")]
    [TestCase("num")]
    [TestCase("nan")]
    public void Comparisons_know_NaN(string relation) => Check($"setp.{relation}.f32 %p1, %a, %b;\nselp.f32 %d, 0f3F800000, 0f00000000, %p1;", (a, b) =>
    {
        bool unordered = float.IsNaN(a) || float.IsNaN(b);
        bool holds = relation switch
        {
            "num" => !unordered,
            "nan" => unordered,
            _ when unordered => relation.EndsWith('u'),
            _ => relation[..2] switch { "eq" => a == b, "ne" => a != b, "lt" => a < b, "le" => a <= b, "gt" => a > b, _ => a >= b },
        };
        return holds ? 1 : 0;
    });

    [TestCase("ex2.approx.f32", 2)]
    [TestCase("lg2.approx.f32", 2)]
    [TestCase("rcp.approx.f32", 1)]
    [TestCase("rsqrt.approx.f32", 2)]
    [TestCase("sqrt.approx.f32", 1)]
    [TestCase("sin.approx.f32", 4)]
    [TestCase("cos.approx.f32", 4)]
    [TestCase("tanh.approx.f32", 4)]
    public void Approximations_lie_within_their_documented_error(string opcode, int units)
    {
        float[] a = [.. Enumerable.Range(1, 500).Select(static i => i * 0.00625f)];
        float[] actual = Instruction.Run<float>($"{opcode} %d, %a;", "f32", ("f32", a));
        for (int i = 0; i < a.Length; i++)
        {
            double x = a[i];
            double exact = opcode[..3] switch { "ex2" => Math.Pow(2, x), "lg2" => Math.Log2(x), "rcp" => 1 / x, "rsq" => 1 / Math.Sqrt(x), "sqr" => Math.Sqrt(x), "sin" => Math.Sin(x), "cos" => Math.Cos(x), _ => Math.Tanh(x) };
            double unit = Math.Max(Math.BitIncrement(Math.Abs((float)exact)) - Math.Abs((float)exact), 1e-7 * Math.Max(Math.Abs(exact), float.Epsilon));
            Assert.That(actual[i], Is.EqualTo(exact).Within(units * unit), $"{opcode} of {x}");
        }
    }

    [Test]
    public void The_approximate_reciprocal_of_doubles_has_a_high_word_only()
    {
        double[] a = [3, -7.5, 1e100, 0.3];
        double[] actual = Instruction.Run<double>("rcp.approx.ftz.f64 %d, %a;", "f64", ("f64", a));
        Assert.Multiple(() =>
        {
            for (int i = 0; i < a.Length; i++)
            {
                Assert.That(BitConverter.DoubleToInt64Bits(actual[i]) & uint.MaxValue, Is.Zero);
                Assert.That(actual[i], Is.EqualTo(1 / a[i]).Within(Math.Abs(1 / a[i]) / (1 << 20)), "20 bits of mantissa are in the high word");
            }
        });
    }

    [Test]
    public void Double_precision_is_exact()
    {
        (double[] a, double[] b) = Pairs(Edges64);
        Assert.Multiple(() =>
        {
            foreach ((string instruction, Func<double, double, double> expected) in new (string, Func<double, double, double>)[]
            {
                ("add.f64 %d, %a, %b;", static (x, y) => x + y),
                ("sub.f64 %d, %a, %b;", static (x, y) => x - y),
                ("mul.f64 %d, %a, %b;", static (x, y) => x * y),
                ("div.rn.f64 %d, %a, %b;", static (x, y) => x / y),
                ("fma.rn.f64 %d, %a, %b, %b;", static (x, y) => Math.FusedMultiplyAdd(x, y, y)),
                ("sqrt.rn.f64 %d, %a;", static (x, _) => Math.Sqrt(x)),
                ("max.f64 %d, %a, %b;", double.MaxNumber),
                ("neg.f64 %d, %a;", static (x, _) => -x),
                ("abs.f64 %d, %a;", static (x, _) => Math.Abs(x)),
            })
            {
                double[] actual = Instruction.Run<double>(instruction, "f64", ("f64", a), ("f64", b));
                Assert.That(actual, Is.EqualTo(a.Zip(b, expected)), instruction);
            }
        });
    }

    [Test]
    public void Numbers_convert_and_round() => Assert.Multiple(static () =>
    {
        float[] a = [0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 1e10f, -1e10f, 3.99f, -3.99f, float.NaN, float.PositiveInfinity];
        Assert.That(Instruction.Run<float>("cvt.rni.f32.f32 %d, %a;", "f32", ("f32", a)), Is.EqualTo(a.Select(static v => MathF.Round(v, MidpointRounding.ToEven))));
        Assert.That(Instruction.Run<float>("cvt.rzi.f32.f32 %d, %a;", "f32", ("f32", a)), Is.EqualTo(a.Select(MathF.Truncate)));
        Assert.That(Instruction.Run<float>("cvt.rmi.f32.f32 %d, %a;", "f32", ("f32", a)), Is.EqualTo(a.Select(MathF.Floor)));
        Assert.That(Instruction.Run<float>("cvt.rpi.f32.f32 %d, %a;", "f32", ("f32", a)), Is.EqualTo(a.Select(MathF.Ceiling)));
        Assert.That(Instruction.Run<float>("cvt.sat.f32.f32 %d, %a;", "f32", ("f32", a)), Is.EqualTo(a.Select(static v => float.IsNaN(v) ? 0 : Math.Clamp(v, 0, 1))));
        Assert.That(Instruction.Run<int>("cvt.rzi.s32.f32 %d, %a;", "s32", ("f32", a)), Is.EqualTo(a.Select(static v => float.IsNaN(v) ? 0 : (int)Math.Clamp(Math.Truncate((double)v), int.MinValue, int.MaxValue))));
        Assert.That(Instruction.Run<uint>("cvt.rni.u32.f32 %d, %a;", "u32", ("f32", a)), Is.EqualTo(a.Select(static v => float.IsNaN(v) ? 0 : (uint)Math.Clamp(Math.Round((double)v), 0, uint.MaxValue))));
        Assert.That(Instruction.Run<float>("cvt.rn.f32.s32 %d, %a;", "f32", ("s32", EdgesInteger)), Is.EqualTo(EdgesInteger.Select(static v => (float)v)));
        Assert.That(Instruction.Run<float>("cvt.rn.f32.u32 %d, %a;", "f32", ("u32", EdgesInteger)), Is.EqualTo(EdgesInteger.Select(static v => (float)(uint)v)));
        Assert.That(Instruction.Run<double>("cvt.rn.f64.s32 %d, %a;", "f64", ("s32", EdgesInteger)), Is.EqualTo(EdgesInteger.Select(static v => (double)v)));
        Assert.That(Instruction.Run<double>("cvt.f64.f32 %d, %a;", "f64", ("f32", a)), Is.EqualTo(a.Select(static v => (double)v)));
        Assert.That(Instruction.Run<float>("cvt.rn.f32.f64 %d, %a;", "f32", ("f64", Edges64)), Is.EqualTo(Edges64.Select(static v => (float)v)));
    });

    [Test]
    public void Short_floats_round_to_nearest_even()
    {
        float[] a = [1, 1.00390625f, 1.01171875f, -3.1415927f, 65504, 65520, 1e-7f, float.PositiveInfinity, 3.3e38f, 1e-40f];
        ushort[] brain = Instruction.Run<ushort>("cvt.rn.bf16.f32 %d, %a;", "b16", ("f32", a));
        ushort[] half = Instruction.Run<ushort>("cvt.rn.f16.f32 %d, %a;", "b16", ("f32", a));
        Assert.Multiple(() =>
        {
            Assert.That(brain, Is.EqualTo(a.Select(static v => (ushort)((BitConverter.SingleToUInt32Bits(v) + 0x7FFF + (BitConverter.SingleToUInt32Bits(v) >> 16 & 1)) >> 16))));
            Assert.That(half, Is.EqualTo(a.Select(static v => BitConverter.HalfToUInt16Bits((Half)v))));
            Assert.That(Instruction.Run<float>("cvt.f32.f16 %d, %a;", "f32", ("b16", half)), Is.EqualTo(half.Select(static v => (float)BitConverter.UInt16BitsToHalf(v))));
            Assert.That(Instruction.Run<uint>("cvt.rn.bf16x2.f32 %d, %a, 0f3F800000;", "b32", ("f32", a)), Is.EqualTo(brain.Select(static v => ((uint)v << 16) | 0x3F80)));
        });
        Assert.That(Instruction.Run<ushort>("cvt.rn.bf16.f32 %d, %a;", "b16", ("f32", new[] { float.NaN })), Is.EqualTo(new ushort[] { 0x7FFF }));
    }
}
