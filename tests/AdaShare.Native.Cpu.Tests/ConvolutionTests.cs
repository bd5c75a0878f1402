using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>Every direction of the convolution against its definition, on shapes that hit each edge of each algorithm.</summary>
[TestFixture]
public sealed class ConvolutionTests
{
    // Declared before the table that fills it.
    private static readonly Dictionary<Conv2dGeometry, string> Names = [];

    private static readonly Conv2dGeometry[] Geometries =
    [
        Case("1x1", 2, 5, 7, 16, 40, 1, 1, new(1, 0, 1)),
        Case("1x1 to one channel", 1, 3, 3, 1, 1, 1, 1, new(1, 0, 1)),
        Case("1x1 as a matrix product", 2, 17, 16, 40, 257, 1, 1, new(1, 0, 1)),
        Case("1x1 stride 2", 2, 9, 7, 17, 19, 1, 1, new(2, 0, 1)),
        Case("1x1 with padding", 1, 4, 5, 16, 16, 1, 1, new(1, 1, 1)),
        Case("3x3", 2, 8, 9, 16, 32, 3, 3, new(1, 1, 1)),
        Case("3x3 odd channels", 3, 5, 6, 17, 5, 3, 3, new(1, 1, 1)),
        Case("3x3 many channels, several depths", 1, 4, 5, 520, 33, 3, 3, new(1, 1, 1)),
        Case("3x3 enough panels to pack inside", 1, 6, 5, 19, 340, 3, 3, new(1, 1, 1)),
        Case("3x3 wide to wide: groups of panels, tap by tap", 1, 4, 5, 264, 532, 3, 3, new(1, 2, 2)),
        Case("3x3 wide to wide, all taps outside for some pixels", 1, 4, 4, 256, 300, 3, 3, new(1, 9, 4)),
        Case("3x3 no padding", 1, 7, 6, 16, 16, 3, 3, new(1, 0, 1)),
        Case("3x3 padding larger than the dilation", 1, 5, 6, 17, 16, 3, 3, new(1, 3, 1)),
        Case("3x3 padding smaller than the dilation", 1, 9, 8, 16, 17, 3, 3, new(1, 1, 2)),
        Case("3x3 stride 2", 2, 13, 12, 16, 17, 3, 3, new(2, 1, 1)),
        Case("3x3 stride 3", 2, 13, 11, 16, 5, 3, 3, new(3, 1, 1)),
        Case("3x3 stride 2 and 3, dilation 2 and 1", 1, 11, 13, 9, 16, 3, 3, new(2, 3, 2, 1, 2, 1)),
        Case("3x3 dilation 2", 1, 13, 13, 40, 16, 3, 3, new(1, 2, 2)),
        Case("3x3 dilation 4", 1, 13, 13, 16, 40, 3, 3, new(1, 4, 4)),
        Case("3x3 dilation 6", 2, 13, 13, 16, 40, 3, 3, new(1, 6, 6)),
        Case("3x3 dilation 24: one tap inside", 2, 13, 13, 17, 64, 3, 3, new(1, 24, 24)),
        Case("3x3 dilation 24 from three channels", 1, 13, 13, 3, 16, 3, 3, new(1, 24, 24)),
        Case("3x3 all taps outside for some pixels", 1, 4, 4, 16, 16, 3, 3, new(1, 9, 4)),
        Case("3x3 from one channel", 1, 7, 5, 1, 17, 3, 3, new(1, 1, 1)),
        Case("3x3 from three channels, dilation 2", 2, 9, 8, 3, 5, 3, 3, new(1, 2, 2)),
        Case("3x3 from two channels, padding wider than the image", 1, 2, 3, 2, 5, 3, 3, new(1, 4, 1)),
        Case("7x7 stem", 2, 23, 21, 3, 64, 7, 7, new(2, 3, 1)),
        Case("7x7 stem, many blocks of windows", 3, 37, 35, 3, 17, 7, 7, new(2, 3, 1)),
        Case("7x7 from 16 channels", 1, 9, 11, 16, 5, 7, 7, new(2, 3, 1)),
        Case("1x5", 2, 6, 11, 16, 17, 1, 5, new(1, 1, 0, 2, 1, 1)),
        Case("5x1 stride 1 and 2", 1, 12, 5, 5, 16, 5, 1, new(1, 2, 2, 0, 1, 1)),
        Case("9x9: more than 64 taps", 1, 11, 10, 17, 16, 9, 9, new(1, 4, 1)),
        Case("9x9 stride 2 from three channels", 1, 19, 18, 3, 40, 9, 9, new(2, 4, 1)),
        Case("16x16 kernel over one channel", 1, 17, 18, 1, 3, 16, 16, new(1, 0, 1)),
        Case("chunks of more than 256 pixels", 3, 19, 17, 16, 16, 3, 3, new(1, 1, 1)),
    ];

    public static IEnumerable<TestCaseData> Cases => from g in Geometries
                                                     from type in new[] { DType.Float32, DType.Float64 }
                                                     select new TestCaseData(g, type).SetArgDisplayNames(Names[g], type.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Forward_is_the_definition(Conv2dGeometry g, DType type)
    {
        using var operands = new Operands(type, g);
        double[] expected = operands.NaiveForward(bias: true);
        operands.Backend.Convolution.Forward(g, operands.Input, operands.Filter, operands.Bias, operands.Output);
        AssertClose(operands.Output, expected, type);

        operands.Backend.Convolution.Forward(g, operands.Input, operands.Filter, null, operands.Output);
        AssertClose(operands.Output, operands.NaiveForward(bias: false), type);
    }

    [TestCaseSource(nameof(Cases))]
    public void BackwardInput_is_the_definition(Conv2dGeometry g, DType type)
    {
        using var operands = new Operands(type, g);
        double[] expected = operands.NaiveBackwardInput();
        operands.Backend.Convolution.BackwardInput(g, operands.GradOutput, operands.Filter, operands.GradInput, accumulate: false);
        AssertClose(operands.GradInput, expected, type);

        double[] before = operands.Input.ToDoubles();
        operands.Backend.Convolution.BackwardInput(g, operands.GradOutput, operands.Filter, operands.Input, accumulate: true);
        AssertClose(operands.Input, [.. expected.Zip(before, static (a, b) => a + b)], type);
    }

    [TestCaseSource(nameof(Cases))]
    public void BackwardFilter_is_the_definition(Conv2dGeometry g, DType type)
    {
        using var operands = new Operands(type, g);
        double[] expected = operands.NaiveBackwardFilter();
        operands.Backend.Convolution.BackwardFilter(g, operands.Input, operands.GradOutput, operands.GradFilter, accumulate: false);
        AssertClose(operands.GradFilter, expected, type);

        double[] before = operands.Filter.ToDoubles();
        operands.Backend.Convolution.BackwardFilter(g, operands.Input, operands.GradOutput, operands.Filter, accumulate: true);
        AssertClose(operands.Filter, [.. expected.Zip(before, static (a, b) => a + b)], type);
    }

    [TestCaseSource(nameof(Cases))]
    public void Every_vector_width_computes_the_definition(Conv2dGeometry g, DType type)
    {
        foreach (VectorWidth vectors in VectorWidths.Supported)
        {
            using var operands = new Operands(type, g, vectors: vectors);
            Pass(operands, g);
            AssertClose(operands.Output, operands.NaiveForward(bias: true), type);
            AssertClose(operands.GradInput, operands.NaiveBackwardInput(), type);
            AssertClose(operands.GradFilter, operands.NaiveBackwardFilter(), type);
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Bits_do_not_depend_on_the_number_of_threads(Conv2dGeometry g, DType type)
    {
        foreach (VectorWidth vectors in VectorWidths.Supported)
        {
            double[][] alone = Run(1, vectors), two = Run(2, vectors), five = Run(5, vectors);
            Assert.Multiple(() =>
            {
                Assert.That(two, Is.EqualTo(alone), vectors.ToString());
                Assert.That(five, Is.EqualTo(alone), vectors.ToString());
            });
        }

        double[][] Run(int threads, VectorWidth vectors)
        {
            using var operands = new Operands(type, g, threads, vectors);
            Pass(operands, g);
            return [operands.Output.ToDoubles(), operands.GradInput.ToDoubles(), operands.GradFilter.ToDoubles()];
        }
    }

    [Test]
    public void An_empty_batch_has_a_zero_filter_gradient([Values(3, 16)] int channels)
    {
        var g = new Conv2dGeometry(0, 5, 5, channels, 5, 5, 17, 3, 3, new Conv2dOptions(1, 1, 1));
        using var operands = new Operands(DType.Float32, g);
        operands.Backend.Convolution.Forward(g, operands.Input, operands.Filter, operands.Bias, operands.Output);
        operands.Backend.Convolution.BackwardFilter(g, operands.Input, operands.GradOutput, operands.GradFilter, accumulate: false);
        Assert.That(operands.GradFilter.ToArray<float>(), Is.All.Zero);
    }

    [Test]
    public void Steady_state_allocates_nothing([Values] NumericsMode numerics, [Values(1, 2)] int threads)
    {
        Conv2dGeometry[] shapes = [.. Geometries.Take(8), Geometries.First(static g => g.InputChannels == 3)];
        foreach (Conv2dGeometry g in shapes)
        {
            using var operands = new Operands(DType.Float32, g, threads, numerics: numerics);
            long managed = long.MaxValue, system = long.MaxValue;
            for (int i = 0; i < 6; i++)
            {
                long managedBefore = GC.GetAllocatedBytesForCurrentThread(), systemBefore = operands.Backend.Memory.SystemAllocations;
                Pass(operands, g);
                managed = Math.Min(managed, GC.GetAllocatedBytesForCurrentThread() - managedBefore);
                system = Math.Min(system, operands.Backend.Memory.SystemAllocations - systemBefore);
            }

            // The least of several passes: the runtime allocates now and then for itself, a pass that allocates does so each time.
            Assert.That((managed, system), Is.EqualTo((0L, 0L)));
        }
    }

    private static void Pass(Operands operands, Conv2dGeometry g)
    {
        operands.Backend.Convolution.Forward(g, operands.Input, operands.Filter, operands.Bias, operands.Output);
        operands.Backend.Convolution.BackwardInput(g, operands.GradOutput, operands.Filter, operands.GradInput, accumulate: false);
        operands.Backend.Convolution.BackwardFilter(g, operands.Input, operands.GradOutput, operands.GradFilter, accumulate: false);
    }

    internal static void AssertClose(Tensor actual, double[] expected, DType type, double single = 1e-5)
    {
        double scale = Math.Max(1e-30, expected.Max(Math.Abs));
        double worst = actual.ToDoubles().Zip(expected, static (a, b) => Math.Abs(a - b)).Max();

        // A comparison with NaN is false, so NaN fails too.
        Assert.That(worst <= scale * (type == DType.Float32 ? single : 1e-12), Is.True, $"error {worst} of {scale}");
    }

    private static Conv2dGeometry Case(string name, int n, int h, int w, int ic, int oc, int kh, int kw, Conv2dOptions options)
    {
        var g = Conv2dGeometry.Of(new Shape(n, h, w, ic), new Shape(oc, ic, kh, kw), options);
        Names.Add(g, name);
        return g;
    }
}
