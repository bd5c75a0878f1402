using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Safety;

/// <summary>Sizes at the ends of their ranges: an error in one sentence, never a sum or product that has overflowed.</summary>
[TestFixture]
public sealed class SizeTests
{
    private const int Huge = 1 << 30;

    private static IEnumerable<TestCaseData> Mistakes =>
    [
        Mistake("narrow to the end of all numbers", s => s.Narrow(F(s, 4, 2), 1, int.MaxValue), "narrow", "1 to 2147483648", "[4, 2]"),
        Mistake("narrow from the end of all numbers", s => s.Narrow(F(s, 4, 2), int.MaxValue, int.MaxValue), "narrow", "4294967294"),
        Mistake("slice to the end of all numbers", s => s.Slice(F(s, 4, 2), 1, 1, int.MaxValue), "slice", "1 to 2147483648", "the axis has 2"),
        Mistake("part to the end of all numbers", s => F(s, 4).Part(long.MaxValue, new Shape(2)), "part", "2 elements from 9223372036854775807", "[4]"),
        Mistake("part of more than there is", s => F(s, 4).Part(1, new Shape(Huge, 1 << 18)), "part", "[4]"),
        Mistake("concat beyond all sizes", s => s.Concat([F(s, int.MaxValue, 0), F(s, int.MaxValue, 0)], 0), "concat", "4294967294", "at most 2147483647"),
        Mistake("streams beyond all sizes", s => s.GatedResidual(F(s, Huge, 0, 1, 1), F(s, Huge, 0, 1, 1), F(s, 4, 2), sharedInput: true), "gated_residual", "4294967296"),
        Mistake("convolution stride", s => Conv(s, new Conv2dOptions(Huge)), "conv2d", "stride", "1073741824", "4096"),
        Mistake("convolution padding", s => Conv(s, new Conv2dOptions(1, Huge)), "conv2d", "padding", "1073741824", "4096"),
        Mistake("convolution padding, doubled beyond", s => Conv(s, new Conv2dOptions(1, int.MaxValue)), "conv2d", "padding", "2147483647"),
        Mistake("convolution dilation", s => Conv(s, new Conv2dOptions(1, 0, Huge)), "conv2d", "dilation", "1073741824", "4096"),
        Mistake("convolution without channels", s => s.Conv2d(F(s, 1, 4, 4, 0), s.NewFilter(new Shape(2, 0, 1, 1), DType.Float64)), "conv2d", "[2, 0, 1, 1]", "1 or more"),
        Mistake("pool stride", s => s.MaxPool2d(F(s, 1, 4, 4, 1), 2, Huge, 1, ceilMode: true), "max_pool2d", "stride", "1073741824", "4096"),
        Mistake("pool kernel", s => s.AveragePool2d(F(s, 1, 4, 4, 1), int.MaxValue, 1, Huge - 1), "avg_pool2d", "kernel", "2147483647", "4096"),
        Mistake("pool of images without pixels", s => s.MaxPool2d(F(s, 1, 0, 4, 1), 2, 1, 1), "max_pool2d", "[1, 0, 4, 1]", "no pixels"),
        Mistake("global pool of images without pixels", s => s.GlobalAveragePool(F(s, 2, 0, 3, 1)), "global_avg_pool", "[2, 0, 3, 1]", "no pixels"),
        Mistake("batch norm of nothing", s => s.BatchNorm(F(s, 0, 3), F(s, 3), F(s, 3)), "batch_norm", "[0, 3]", "no mean"),
        Mistake(
            "crop of a part beyond all numbers",
            s => s.CropImages(s.New(new Shape(48), DType.UInt8), [new ImagePart(0, 0, 0, int.MaxValue, int.MaxValue)], [CropWindow.Unscaled(4, 4)], [0, 0, 0], 4, 4),
            "crop_images", "2147483647x2147483647 pixels", "outside"),
        Mistake("running statistics of a group that is not there", s => s.BatchNorm(F(s, 2, 3), F(s, 3), F(s, 3), running: new(F(s, 3), F(s, 3), 0.1, [1])), "batch_norm", "group 1"),
        Mistake("running statistics of other channels", s => s.BatchNorm(F(s, 2, 3), F(s, 3), F(s, 3), running: new(F(s, 3), F(s, 2), 0.1, [0])), "batch_norm", "running variance", "[2]", "[3]"),
        Mistake("a filter without four dimensions", s => s.NewFilter(new Shape(3, 4), DType.Float64), "filter", "[3, 4]", "[out, in, kh, kw]"),
    ];

    [TestCaseSource(nameof(Mistakes))]
    public void The_error_names_what_was_found(Func<Step, Tensor> mistake, string[] parts)
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        ShapeException error = Assert.Throws<ShapeException>(() => mistake(step))!;
        Assert.That(parts.Where(part => !error.Message.Contains(part, StringComparison.Ordinal)), Is.Empty, error.Message);
    }

    [Test]
    public void A_shape_has_no_more_elements_than_can_be_counted()
    {
        Assert.Multiple(static () =>
        {
            Assert.That(static () => new Shape(Huge, Huge, 4), Throws.TypeOf<ShapeException>().With.Message.Contains("[1073741824, 1073741824, 4]"));
            Assert.That(static () => new Shape(Huge, Huge, Huge, 0), Throws.TypeOf<ShapeException>(), "products along some of the dimensions overflow too");
            Assert.That(static () => new Shape(Huge, 1 << 18, 2), Throws.TypeOf<ShapeException>());
            Assert.That(new Shape(Huge, 1 << 18).Count, Is.EqualTo(Shape.MaxCount));
            Assert.That(new Shape(Huge, 0).Count, Is.Zero);
            Assert.That(static () => new Shape(2, 3).With(2, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void A_buffer_that_no_memory_holds_is_an_error_of_the_device()
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        Assert.That(() => step.New(new Shape(Huge, 1 << 18), DType.Float64), Throws.TypeOf<DeviceException>().With.Message.Contains("2251799813685248 bytes"));
    }

    [Test]
    public void Lengths_of_host_memory_are_checked()
    {
        Assert.Multiple(static () =>
        {
            Assert.That(static () => FilterLayout.Hwio.Store<int>(new Shape(1, 1, 2, 2), [1, 2, 3], new int[4]), Throws.ArgumentException);
            Assert.That(static () => FilterLayout.Hwio.Load<int>(new Shape(1, 1, 2, 2), [1, 2, 3, 4], new int[3]), Throws.ArgumentException);
            Assert.That(static () => FilterLayout.Hwio.Locate(new Shape(0, 1, 2, 2), 0), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(static () => new RandomStream(1, 2).Permutation(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(static () => Conv2dGeometry.Output(4, 3, 0, 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(Conv2dGeometry.Output(4, int.MaxValue, 1, 0, int.MaxValue), Is.Zero);
        });
    }

    [Test]
    public void The_mean_of_nothing_is_not_a_number()
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        Assert.Multiple(() =>
        {
            Assert.That(step.Mean(F(step, 0, 3)).Item(), Is.NaN);
            Assert.That(step.Mean(F(step, 0, 3), [0]).ToDoubles(), Is.EqualTo(new[] { double.NaN, double.NaN, double.NaN }));
            Assert.That(step.Mean(F(step, 0, 3), [1]).Count, Is.Zero);
            Assert.That(step.Sum(F(step, 0, 3)).Item(), Is.Zero);
        });
    }

    [Test]
    public void A_maximum_is_NaN_where_there_is_one()
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        Tensor x = step.Watch(step.FromDoubles(new Shape(1, 2, 2, 1), DType.Float64, [3, double.NaN, 5, double.NaN]));
        Tensor pooled = step.Keep(step.MaxPool2d(x, 2, 1));
        step.Backward(step.Sum(pooled));
        Assert.Multiple(() =>
        {
            Assert.That(pooled.Item(), Is.NaN);
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { 0, 1, 0, 0 }));
        });
    }

    private static TestCaseData Mistake(string name, Func<Step, Tensor> mistake, params string[] parts) => new TestCaseData(mistake, parts).SetArgDisplayNames(name);

    private static Tensor Conv(Step step, Conv2dOptions options) => step.Conv2d(F(step, 1, 4, 4, 3), step.NewFilter(new Shape(2, 3, 3, 3), DType.Float64), null, options);

    private static Tensor F(Step step, params int[] shape) => step.New(new Shape(shape), DType.Float64);
}
