using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Layers;

[TestFixture]
public sealed class ParameterStoreTests
{
    private ReferenceBackend _backend = null!;
    private ParameterStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _store = new ParameterStore();
    }

    [TearDown]
    public void TearDown()
    {
        _store.Dispose();
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    [Test]
    public void Parameters_of_a_group_lie_side_by_side_and_aligned()
    {
        ParameterGroup group = _store.Group("g");
        Parameter a = group.Add("a", new Shape(3), Initializers.Constant(1)), b = group.Add("b", new Shape(17), Initializers.Constant(2)), c = group.Add("c", new Shape(2, 2), Initializers.Constant(3));
        _store.Allocate(_backend, DType.Float32);
        _store.Initialize(0);
        Assert.Multiple(() =>
        {
            Assert.That(new[] { a, b, c }.Select(p => p.Value.Offset), Is.EqualTo(new[] { 0, 16, 48 }));
            Assert.That(new[] { a, b, c }.Select(p => p.Gradient.Offset), Is.EqualTo(new[] { 0, 16, 48 }));
            Assert.That(c.Value.ToDoubles(), Is.All.EqualTo(3));

            // The gaps are zero, so that they stay zero under every optimiser.
            Assert.That(group.Values.ToDoubles().Sum(), Is.EqualTo(3 + (17 * 2) + (4 * 3)));
            Assert.That(_backend.Memory.LiveBuffers, Is.EqualTo(2));
        });
    }

    [Test]
    public void Values_follow_from_the_seed_and_the_name()
    {
        ParameterGroup group = _store.Group("g");
        Parameter a = group.Add("a", new Shape(8, 50), Initializers.KaimingUniformDefault), b = group.Add("b", new Shape(8, 50), Initializers.KaimingUniformDefault);
        _store.Allocate(_backend, DType.Float64);
        _store.Initialize(5);
        double[] first = a.Value.ToDoubles(), other = b.Value.ToDoubles();
        _store.Initialize(6);
        double[] anotherSeed = a.Value.ToDoubles();
        _store.Initialize(5);
        Assert.Multiple(() =>
        {
            Assert.That(a.Value.ToDoubles(), Is.EqualTo(first));
            Assert.That(other, Is.Not.EqualTo(first));
            Assert.That(anotherSeed, Is.Not.EqualTo(first));

            // PyTorch's default bound is 1 / sqrt(fan-in).
            Assert.That(first, Is.All.InRange(-1 / Math.Sqrt(50), 1 / Math.Sqrt(50)));
            Assert.That(first.Max(), Is.GreaterThan(0.9 / Math.Sqrt(50)));
        });
    }

    [Test]
    public void Normal_values_have_their_mean_and_deviation()
    {
        Parameter p = _store.Group("g").Add("p", new Shape(20_000), Initializers.Normal(3, 0.01));
        _store.Allocate(_backend, DType.Float64);
        _store.Initialize(1);
        double[] values = p.Value.ToDoubles();
        Assert.Multiple(() =>
        {
            Assert.That(values.Average(), Is.EqualTo(3).Within(3e-4));
            Assert.That(Math.Sqrt(values.Average(v => (v - 3) * (v - 3))), Is.EqualTo(0.01).Within(3e-4));
        });
    }

    [Test]
    public void Counts_leave_buffers_out_and_state_leaves_nothing_out()
    {
        var layer = new BatchNormLayer(_store.Group("w"), _store.Group("b", isBuffer: true), _store, "bn", 7);
        _store.Allocate(_backend, DType.Float64);
        layer.BatchesTracked.Value = 9;
        _store.Initialize(0);
        Assert.Multiple(() =>
        {
            Assert.That(_store.ParameterCount, Is.EqualTo(14));
            Assert.That(_store.StateCount, Is.EqualTo(29));
            Assert.That(_store.Parameters.Select(p => p.Name), Is.EqualTo(new[] { "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var" }));
            Assert.That(layer.BatchesTracked.Value, Is.Zero);
            Assert.That(layer.RunningVariance.Value.ToDoubles(), Is.All.EqualTo(1));
        });
    }

    [Test]
    public void Filters_take_and_give_pytorch_order()
    {
        Parameter filter = _store.Group("g").Add("f", new Shape(2, 3, 1, 2), Initializers.Constant(0), isFilter: true);
        _store.Allocate(_backend, DType.Float64);
        double[] ordered = [.. Enumerable.Range(0, 12).Select(i => (double)i)];
        filter.Value.CopyFromDoubles(ordered);
        Assert.That(filter.Value.ToDoubles(), Is.EqualTo(ordered));
    }

    [Test]
    public void Buffers_are_never_trained()
    {
        Parameter buffer = _store.Group("b", isBuffer: true).Add("mean", new Shape(2), Initializers.Constant(0));
        _store.Allocate(_backend, DType.Float64);
        Assert.Multiple(() =>
        {
            Assert.That(buffer.Trainable, Is.False);
            Assert.That(buffer.Value.RequiresGradient, Is.False);
            Assert.That(() => buffer.Trainable = true, Throws.TypeOf<AdaShareException>().With.Message.Contains("mean").And.Message.Contains("group b"));
            Assert.That(() => buffer.Gradient, Throws.TypeOf<InvalidOperationException>());
        });
    }

    [Test]
    public void Freezing_before_the_allocation_holds_after_it()
    {
        ParameterGroup group = _store.Group("g");
        Parameter p = group.Add("p", new Shape(2), Initializers.Constant(0));
        group.Trainable = false;
        _store.Allocate(_backend, DType.Float64);
        Assert.That(p.Value.RequiresGradient, Is.False);
        group.Trainable = true;
        Assert.That(p.Value.RequiresGradient, Is.True);
    }

    [Test]
    public void Misuse_is_named()
    {
        ParameterGroup group = _store.Group("g");
        Parameter p = group.Add("p", new Shape(2), Initializers.Constant(0));
        Assert.That(() => group.Add("p", new Shape(1), Initializers.Constant(0)), Throws.TypeOf<AdaShareException>().With.Message.Contains("two parameters are called p"));
        Assert.That(() => p.Value, Throws.TypeOf<InvalidOperationException>().With.Message.Contains("ParameterStore.Allocate"));
        _store.Allocate(_backend, DType.Float64);
        Assert.Multiple(() =>
        {
            Assert.That(() => _store["q"], Throws.TypeOf<AdaShareException>().With.Message.Contains("no parameter is called q"));
            Assert.That(_store["p"], Is.SameAs(p));
            Assert.That(() => group.Add("late", new Shape(1), Initializers.Constant(0)), Throws.TypeOf<InvalidOperationException>().With.Message.Contains("late"));
            Assert.That(() => _store.Allocate(_backend, DType.Float64), Throws.TypeOf<InvalidOperationException>());
        });
    }
}
