using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>What is not a number stays so that a diverged run shows, and what can't be looked up becomes it.</summary>
[TestFixture]
public sealed class NotANumberTests
{
    // 12 channels are three vectors, 11 go one by one.
    [TestCase(DType.Float32, 12)]
    [TestCase(DType.Float32, 11)]
    [TestCase(DType.BFloat16, 12)]
    public void A_max_pool_keeps_it_and_the_first_one_has_the_gradient(DType type, int channels)
    {
        using var device = new SimulatedBackend();
        using (var step = new Step(device.Backend))
        {
            // Pixels 1 and 3 are not numbers; pixel 2 is the largest number.
            double[] pixels = [1, double.NaN, 100, double.NaN];
            Tensor x = step.Watch(step.FromDoubles(new Shape(1, 2, 2, channels), type, [.. pixels.SelectMany(pixel => Enumerable.Repeat(pixel, channels))]));
            Tensor y = step.Keep(step.MaxPool2d(x, 2, 1));
            step.Backward(step.Sum(y));
            Assert.That(y.ToDoubles(), Is.All.NaN);
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(Enumerable.Range(0, 4 * channels).Select(i => i / channels == 1 ? 1.0 : 0.0)));
        }

        device.AssertClean();
    }

    [Test]
    public void A_max_pool_of_nothing_but_minus_infinity_has_its_gradient_in_its_own_first_pixel()
    {
        using var device = new SimulatedBackend();
        using (var step = new Step(device.Backend))
        {
            Tensor x = step.Watch(step.FromDoubles(new Shape(1, 2, 4, 1), DType.Float32, Enumerable.Repeat(double.NegativeInfinity, 8).ToArray()));
            step.Backward(step.Sum(step.MaxPool2d(x, 2, 2)));
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { 1, 0, 1, 0, 0, 0, 0, 0 }));
        }

        device.AssertClean();
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.BFloat16)]
    public void A_k_max_pool_keeps_it_and_takes_the_earlier_ones(DType type)
    {
        using var device = new SimulatedBackend();
        using (var step = new Step(device.Backend))
        {
            Tensor x = step.Watch(step.FromDoubles(new Shape(1, 1, 8, 1), type, [-0.0, double.NaN, 9, double.NegativeInfinity, double.PositiveInfinity, double.NaN, 0, 9]));
            Tensor two = step.Keep(step.KMaxPool(x, 2));
            double[] five = step.KMaxPool(x, 5).ToDoubles(), six = step.KMaxPool(x, 6).ToDoubles(), all = step.KMaxPool(x, 8).ToDoubles();
            step.Backward(step.Sum(two));
            Assert.Multiple(() =>
            {
                Assert.That(two.ToDoubles(), Is.All.NaN);
                Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { 0, 1, 0, 0, 0, 1, 0, 0 }), "the first two that are no numbers");
                Assert.That(five, Is.EqualTo(new[] { double.NaN, 9, double.PositiveInfinity, double.NaN, 9 }), "then the largest");
                Assert.That(double.IsNegative(six[0]) && six[0] == 0, Is.True, "zeros are equal: the first one is taken, with its sign");
                Assert.That(all, Is.EqualTo(x.ToDoubles()));
            });
        }

        device.AssertClean();
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.BFloat16)]
    public void An_id_that_is_no_row_looks_up_what_is_not_a_number_and_counts_nowhere(DType type)
    {
        using var device = new SimulatedBackend();
        using (var step = new Step(device.Backend))
        {
            Tensor table = step.Watch(step.FromDoubles(new Shape(3, 4), type, [.. Enumerable.Range(0, 12).Select(static i => (double)i)]));
            Tensor y = step.Embedding(step.FromHost<int>(new Shape(5), [2, 3, -1, int.MaxValue, 0]), table);
            double[] values = y.ToDoubles();
            step.Backward(step.Sum(y));
            Assert.Multiple(() =>
            {
                Assert.That(values[..4], Is.EqualTo(new double[] { 8, 9, 10, 11 }));
                Assert.That(values[4..16], Is.All.NaN);
                Assert.That(values[16..], Is.EqualTo(new double[] { 0, 1, 2, 3 }));
                Assert.That(step.GradientOf(table)!.ToDoubles(), Is.EqualTo(new double[] { 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1 }));
            });
        }

        device.AssertClean();
    }

    [Test]
    public void A_table_of_50000_rows_has_the_gradient_of_each_of_its_ids()
    {
        const int Rows = 50_000, Columns = 16, Count = 70;
        int[] ids = [.. Enumerable.Range(0, Count).Select(static i => i % 5 == 0 ? Rows - 1 : i * 709)];
        using var device = new SimulatedBackend();
        using (var step = new Step(device.Backend))
        {
            Tensor table = step.Watch(step.FromDoubles(new Shape(Rows, Columns), DType.Float32, new double[Rows * Columns]));
            step.Backward(step.Sum(step.Embedding(step.FromHost<int>(new Shape(Count), ids), table)));
            double[] gradient = step.GradientOf(table)!.ToDoubles();
            ILookup<int, int> counts = ids.ToLookup(static id => id);
            Assert.That(Enumerable.Range(0, gradient.Length).Where(i => gradient[i] != counts[i / Columns].Count()), Is.Empty);
        }

        device.AssertClean();
    }
}
