using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Tensors;

[TestFixture]
public sealed class TensorTests
{
    private ReferenceBackend _backend = null!;
    private Step _step = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _step = new Step(_backend);
    }

    [TearDown]
    public void TearDown()
    {
        _step.Dispose();
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    [Test]
    public void Elements_come_back_as_they_went()
    {
        Assert.Multiple(() =>
        {
            Assert.That(_step.FromHost<float>(new Shape(3), [1.5f, -2, float.Epsilon]).ToArray<float>(), Is.EqualTo(new[] { 1.5f, -2, float.Epsilon }));
            Assert.That(_step.FromHost<double>(new Shape(2), [Math.PI, -1]).ToDoubles(), Is.EqualTo(new[] { Math.PI, -1 }));
            Assert.That(_step.FromHost<int>(new Shape(2), [int.MinValue, 7]).ToDoubles(), Is.EqualTo(new double[] { int.MinValue, 7 }));
            Assert.That(_step.FromHost<byte>(new Shape(2), [255, 0]).ToArray<byte>(), Is.EqualTo(new byte[] { 255, 0 }));
        });
    }

    [Test]
    public void A_prefix_may_be_shorter_but_not_longer()
    {
        Assert.That(_step.FromHostPrefix<int>(new Shape(2, 2), [5, 6, 7]).ToArray<int>()[..3], Is.EqualTo(new[] { 5, 6, 7 }));
        Assert.That(_step.FromHostPrefix<byte>(new Shape(3), []).Count, Is.EqualTo(3));
        Assert.That(() => _step.FromHostPrefix<int>(new Shape(2), [5, 6, 7]), Throws.TypeOf<ShapeException>().With.Message.Contains("2 elements").And.Message.Contains("3 of Int32"));
        Assert.That(() => _step.New(new Shape(2), DType.Float32).CopyPrefixFrom<int>([5]), Throws.TypeOf<ShapeException>().With.Message.Contains("Float32 [2]"));
        Assert.That(() => _step.NewFilter(new Shape(1, 1, 1, 2), DType.Float32).CopyPrefixFrom<float>([5]), Throws.TypeOf<ShapeException>().With.Message.Contains("filter"));
    }

    [Test]
    public void Fresh_memory_on_the_reference_backend_is_not_a_number()
    {
        Assert.Multiple(() =>
        {
            Assert.That(_step.New(new Shape(3), DType.Float64).ToDoubles(), Is.All.NaN);
            Assert.That(_step.New(new Shape(3), DType.Float32).ToDoubles(), Is.All.NaN);
            Assert.That(_step.New(new Shape(3), DType.Int32).ToDoubles(), Is.All.EqualTo(-1));
        });
    }

    [Test]
    public void Doubles_round_to_the_element_type() =>
        Assert.That(_step.FromDoubles(new Shape(1), DType.Float32, [Math.PI]).ToDoubles()[0], Is.EqualTo((double)(float)Math.PI));

    [Test]
    public void A_part_shares_memory()
    {
        Tensor whole = _step.FromHost<int>(new Shape(10), Enumerable.Range(0, 10).ToArray());
        Tensor part = whole.Part(3, new Shape(2, 2)).Part(1, new Shape(2));
        part.CopyFrom<int>([70, 80]);
        Assert.Multiple(() =>
        {
            Assert.That(part.Offset, Is.EqualTo(4));
            Assert.That(whole.ToArray<int>(), Is.EqualTo(new[] { 0, 1, 2, 3, 70, 80, 6, 7, 8, 9 }));
        });
    }

    [TestCase(-1, 3)]
    [TestCase(8, 3)]
    public void A_part_outside_is_refused(int start, int count)
    {
        Tensor whole = _step.New(new Shape(10), DType.Float64);
        Assert.That(() => whole.Part(start, new Shape(count)), Throws.TypeOf<ShapeException>().With.Message.Contains("[10]"));
    }

    [Test]
    public void A_view_keeps_the_count()
    {
        Tensor tensor = _step.New(new Shape(2, 6), DType.Float64);
        Assert.That(tensor.View(new Shape(3, 4)).Shape, Is.EqualTo(new Shape(3, 4)));
        Assert.That(() => tensor.View(new Shape(3, 5)), Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 6] has 12 elements, [3, 5] has 15"));
    }

    [Test]
    public void A_filter_keeps_its_shape()
    {
        Tensor filter = _step.NewFilter(new Shape(2, 3, 1, 1), DType.Float64);
        Assert.That(() => filter.View(new Shape(6)), Throws.TypeOf<ShapeException>().With.Message.Contains("a filter keeps its shape"));
    }

    [Test]
    public void The_host_side_must_fit()
    {
        Tensor tensor = _step.New(new Shape(4), DType.Float32);
        Assert.Multiple(() =>
        {
            Assert.That(() => tensor.CopyFrom<float>([1, 2, 3]), Throws.TypeOf<ShapeException>().With.Message.Contains("4 elements").And.Message.Contains("3 of Single"));
            Assert.That(() => tensor.CopyFrom<double>([1, 2, 3, 4]), Throws.TypeOf<ShapeException>().With.Message.Contains("4 of Double"));
            Assert.That(() => tensor.ToArray<int>(), Throws.TypeOf<ShapeException>());
        });
    }

    [Test]
    public void Only_one_element_is_a_number()
    {
        Assert.That(_step.FromDoubles(new Shape(1, 1), DType.Float64, [3.5]).Item(), Is.EqualTo(3.5));
        Tensor two = _step.New(new Shape(2), DType.Float64);
        Assert.That(() => two.Item(), Throws.TypeOf<ShapeException>().With.Message.Contains("[2] has 2 elements"));
    }

    [Test]
    public void Storage_lives_until_the_last_holder_lets_go()
    {
        var tensor = Tensor.Allocate(_backend, new Shape(5), DType.Float64);
        tensor.Storage.Retain();
        tensor.Storage.Release();
        Assert.That(tensor.Storage.IsFreed, Is.False);
        tensor.Storage.Release();
        Assert.Multiple(() =>
        {
            Assert.That(tensor.Storage.IsFreed, Is.True);
            Assert.That(() => tensor.ToDoubles(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(tensor.Storage.Retain, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(tensor.Storage.Release, Throws.TypeOf<ObjectDisposedException>());
        });
    }

    [Test]
    public void Types_know_their_size_and_nature()
    {
        Assert.Multiple(() =>
        {
            Assert.That(new[] { DType.Float32, DType.Float64, DType.Int32, DType.UInt8 }.Select(t => t.Size()), Is.EqualTo(new[] { 4, 8, 4, 1 }));
            Assert.That(DType.Float64.IsFloating() && !DType.Int32.IsFloating() && !DType.UInt8.IsFloating(), Is.True);
            Assert.That(DTypes.Of<double>(), Is.EqualTo(DType.Float64));
            Assert.That(() => DTypes.Of<short>(), Throws.TypeOf<NotSupportedException>().With.Message.Contains("Int16"));
        });
    }
}
