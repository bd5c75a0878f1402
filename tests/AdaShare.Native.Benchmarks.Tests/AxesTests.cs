using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Checks;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>Shapes and parts of tensors by the letters of their axes.</summary>
[TestFixture]
internal sealed class AxesTests
{
    private static readonly Extents Sizes = new(('S', 3), ('N', 2), ('C', 4));

    [TestCase("", new int[0])]
    [TestCase("NC", new[] { 2, 4 })]
    [TestCase("(SN)C", new[] { 6, 4 })]
    [TestCase("S2", new[] { 3, 2 })]
    [TestCase("N(2C)", new[] { 2, 8 })]
    public void Axes_have_a_shape(string axes, int[] shape) => Assert.That(Sizes.ShapeOf(axes), Is.EqualTo(new Shape(shape)));

    [Test]
    public void Parts_are_cut_along_every_named_axis()
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend, recordGradients: false);

        // Element [s, n, c] is 100 s + 10 n + c.
        double[] values = [.. from s in Enumerable.Range(0, 3) from n in Enumerable.Range(0, 2) from c in Enumerable.Range(0, 4) select (double)((100 * s) + (10 * n) + c)];
        Tensor tensor = step.FromDoubles(Sizes.ShapeOf("(SN)C"), DType.Float32, values);
        double[] Part(params (char Axis, AxisRange Range)[] ranges) => TensorPart.Read(tensor, "(SN)C", Sizes, ranges.ToDictionary(static r => r.Axis, static r => r.Range));
        Assert.That(Part(), Is.EqualTo(values));
        Assert.That(Part(('N', new AxisRange(1, 1)), ('C', new AxisRange(2, 2))), Is.EqualTo(new double[] { 12, 13, 112, 113, 212, 213 }));
        Assert.That(Part(('S', new AxisRange(2, 1))), Is.EqualTo(new double[] { 200, 201, 202, 203, 210, 211, 212, 213 }));
        Assert.That(Part(('S', new AxisRange(1, 2)), ('C', new AxisRange(0, 1))), Is.EqualTo(new double[] { 100, 110, 200, 210 }));
    }

    [Test]
    public void Filters_are_cut_in_the_order_of_PyTorch_whatever_their_layout()
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend, recordGradients: false);
        double[] values = [.. Enumerable.Range(0, 3 * 2).Select(static i => (double)i)];
        Tensor filter = step.NewFilter(new Shape(3, 2, 1, 1), DType.Float32);
        filter.CopyFromDoubles(values);
        var sizes = new Extents(('O', 3), ('I', 2), ('a', 1), ('b', 1));
        Assert.That(TensorPart.Read(filter, "OIab", sizes, new Dictionary<char, AxisRange> { ['O'] = new(1, 2), ['I'] = new(1, 1) }), Is.EqualTo(new double[] { 3, 5 }));
    }
}
