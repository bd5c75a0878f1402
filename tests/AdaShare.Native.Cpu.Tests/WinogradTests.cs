using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>Convolutions under <see cref="NumericsMode.Fast"/> against the definition, and the rule that chooses the algorithm.</summary>
[TestFixture]
public sealed class WinogradTests
{
    private const double Tolerance = 5e-5;

    public static readonly Conv2dGeometry[] Paying =
    [
        Of(2, 8, 8, 16, 16, 1),
        Of(3, 9, 11, 32, 48, 1),
        Of(1, 12, 13, 272, 16, 1),
        Of(2, 37, 35, 16, 16, 1),
        Of(1, 13, 13, 64, 32, 2),
        Of(2, 16, 17, 80, 16, 4),
    ];

    private static IEnumerable<TestCaseData> Widths => from g in Paying from vectors in VectorWidths.Supported select new TestCaseData(g, vectors).SetArgDisplayNames(g.ToString(), vectors.ToString());

    [TestCaseSource(nameof(Widths))]
    public void All_directions_are_the_definition(Conv2dGeometry g, VectorWidth vectors)
    {
        Assert.That(Pays(g), Is.True, "the case must go through the transforms");
        using var fast = new Operands(DType.Float32, g, vectors: vectors, numerics: NumericsMode.Fast);
        double[] forward = fast.NaiveForward(bias: true), data = fast.NaiveBackwardInput(), filter = fast.NaiveBackwardFilter();
        fast.Backend.Convolution.Forward(g, fast.Input, fast.Filter, fast.Bias, fast.Output);
        ConvolutionTests.AssertClose(fast.Output, forward, DType.Float32, Tolerance);
        fast.Backend.Convolution.Forward(g, fast.Input, fast.Filter, null, fast.Output);
        ConvolutionTests.AssertClose(fast.Output, fast.NaiveForward(bias: false), DType.Float32, Tolerance);
        fast.Backend.Convolution.BackwardInput(g, fast.GradOutput, fast.Filter, fast.GradInput, accumulate: false);
        ConvolutionTests.AssertClose(fast.GradInput, data, DType.Float32, Tolerance);
        fast.Backend.Convolution.BackwardInput(g, fast.GradOutput, fast.Filter, fast.GradInput, accumulate: true);
        ConvolutionTests.AssertClose(fast.GradInput, [.. data.Select(static x => 2 * x)], DType.Float32, Tolerance);
        fast.Backend.Convolution.BackwardFilter(g, fast.Input, fast.GradOutput, fast.GradFilter, accumulate: false);
        ConvolutionTests.AssertClose(fast.GradFilter, filter, DType.Float32, Tolerance);
        fast.Backend.Convolution.BackwardFilter(g, fast.Input, fast.GradOutput, fast.GradFilter, accumulate: true);
        ConvolutionTests.AssertClose(fast.GradFilter, [.. filter.Select(static x => 2 * x)], DType.Float32, Tolerance);
    }

    [TestCaseSource(nameof(Widths))]
    public void Bits_do_not_depend_on_the_number_of_threads(Conv2dGeometry g, VectorWidth vectors)
    {
        float[][] alone = Run(g, NumericsMode.Fast, 1, vectors);
        Assert.Multiple(() =>
        {
            Assert.That(Run(g, NumericsMode.Fast, 2, vectors), Is.EqualTo(alone));
            Assert.That(Run(g, NumericsMode.Fast, 5, vectors), Is.EqualTo(alone));
        });
    }

    [TestCaseSource(nameof(Widths))]
    public void Fast_takes_the_transforms_in_every_direction_and_exact_does_not(Conv2dGeometry g, VectorWidth vectors)
    {
        float[][] fast = Run(g, NumericsMode.Fast, 1, vectors), exact = Run(g, NumericsMode.Exact, 1, vectors);
        for (int direction = 0; direction < 3; direction++)
        {
            Assert.That(fast[direction], Is.Not.EqualTo(exact[direction]));
        }
    }

    /// <summary>Blocks and panels in every combination: more tiles than a block holds, with channels of one and of many panels and chunks.</summary>
    [TestCase(144, 80)]
    [TestCase(592, 16)]
    [TestCase(16, 288)]
    [TestCase(192, 160)]
    public void Many_tiles_give_what_exact_sums_give(int inputChannels, int outputChannels)
    {
        Conv2dGeometry g = Of(1, 39, 63, inputChannels, outputChannels, 1);
        Assert.That(Pays(g), Is.True, "the case must go through the transforms");
        foreach (VectorWidth vectors in VectorWidths.Supported)
        {
            float[][] fast = Run(g, NumericsMode.Fast, 2, vectors), exact = Run(g, NumericsMode.Exact, 2, vectors);
            for (int direction = 0; direction < 3; direction++)
            {
                double bound = Tolerance * exact[direction].Max(Math.Abs);
                Assert.That(fast[direction].Zip(exact[direction]).All(pair => Math.Abs(pair.First - pair.Second) <= bound), Is.True, $"{vectors}, direction {direction}");
            }
        }
    }

    [Test]
    public void Double_precision_is_exact_in_either_mode()
    {
        Conv2dGeometry g = Paying[0];
        using var fast = new Operands(DType.Float64, g, numerics: NumericsMode.Fast);
        fast.Backend.Convolution.Forward(g, fast.Input, fast.Filter, null, fast.Output);
        ConvolutionTests.AssertClose(fast.Output, fast.NaiveForward(bias: false), DType.Float64);
    }

    [TestCase(9, 4, ExpectedResult = false, TestName = "dilation 4 on 9x9: most taps lie outside")]
    [TestCase(9, 2, ExpectedResult = true, TestName = "dilation 2 on 9x9")]
    [TestCase(16, 12, ExpectedResult = false, TestName = "dilation 12 on 16x16")]
    public bool The_cheaper_algorithm_is_chosen(int size, int dilation) => Pays(Of(2, size, size, 64, 64, dilation));

    [Test]
    public void Other_shapes_do_not_fit()
    {
        Conv2dGeometry fits = Paying[0];
        Assert.Multiple(() =>
        {
            Assert.That(WinogradPlan.Fits(fits), Is.True);
            Assert.That(WinogradPlan.Fits(fits with { KernelWidth = 5 }), Is.False);
            Assert.That(WinogradPlan.Fits(fits with { InputChannels = 24 }), Is.False);
            Assert.That(WinogradPlan.Fits(fits with { OutputChannels = 40 }), Is.False);
            Assert.That(WinogradPlan.Fits(fits with { Options = new Conv2dOptions(2, 1, 1) }), Is.False);
            Assert.That(WinogradPlan.Fits(fits with { Options = new Conv2dOptions(1, 0, 1) }), Is.False);
            Assert.That(WinogradPlan.Fits(fits with { Options = new Conv2dOptions(1, 1, 2, 1, 2, 1) }), Is.False);
        });
    }

    private static bool Pays(Conv2dGeometry g) => new WinogradPlan(g).Pays(new ConvolutionPlan(g).Runs);

    private static Conv2dGeometry Of(int n, int h, int w, int ic, int oc, int dilation) =>
        Conv2dGeometry.Of(new Shape(n, h, w, ic), new Shape(oc, ic, 3, 3), new Conv2dOptions(1, dilation, dilation));

    private static float[][] Run(Conv2dGeometry g, NumericsMode numerics, int threads, VectorWidth vectors)
    {
        using var o = new Operands(DType.Float32, g, threads, vectors, numerics);
        o.Backend.Convolution.Forward(g, o.Input, o.Filter, o.Bias, o.Output);
        o.Backend.Convolution.BackwardInput(g, o.GradOutput, o.Filter, o.GradInput, accumulate: false);
        o.Backend.Convolution.BackwardFilter(g, o.Input, o.GradOutput, o.GradFilter, accumulate: false);
        return [o.Output.ToArray<float>(), o.GradInput.ToArray<float>(), o.GradFilter.ToArray<float>()];
    }
}
