using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Layers;

[TestFixture]
public sealed class LayerTests
{
    private ReferenceBackend _backend = null!;
    private ParameterStore _store = null!;
    private ParameterGroup _group = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _store = new ParameterStore();
        _group = _store.Group("w");
    }

    [TearDown]
    public void TearDown()
    {
        _store.Dispose();
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    [Test]
    public void A_convolution_layer_is_the_op_with_its_parameters()
    {
        var layer = new Conv2dLayer(_group, "conv", 3, 5, 3, new Conv2dOptions(2, 1), bias: true);
        Ready();
        using var step = new Step(_backend);
        Tensor x = Images(step, 2, 7, 6, 3);
        Tensor y = layer.Forward(step, x);
        Assert.Multiple(() =>
        {
            Assert.That(_store.Parameters.Select(p => $"{p.Name} {p.Shape}"), Is.EqualTo(new[] { "conv.weight [5, 3, 3, 3]", "conv.bias [5]" }));
            Assert.That(layer.Weight.IsFilter, Is.True);
            Assert.That(y.Shape, Is.EqualTo(new Shape(2, 4, 3, 5)));
            Assert.That(layer.Geometry(x.Shape).MultiplyAdds, Is.EqualTo(2L * 4 * 3 * 5 * 27));
            Assert.That(y.ToDoubles(), Is.EqualTo(step.Conv2d(x, layer.Weight.Value, layer.Bias!.Value, new Conv2dOptions(2, 1)).ToDoubles()));
            Assert.That(layer.Bias.Value.ToDoubles(), Is.All.InRange(-1 / Math.Sqrt(27), 1 / Math.Sqrt(27)).And.Some.Not.Zero);
        });
    }

    [Test]
    public void A_linear_layer_is_the_op_with_its_parameters()
    {
        var layer = new LinearLayer(_group, "fc", 4, 3);
        var plain = new LinearLayer(_group, "plain", 4, 3, bias: false);
        Ready();
        using var step = new Step(_backend);
        Tensor x = Images(step, 5, 4);
        Assert.Multiple(() =>
        {
            Assert.That(_store.Parameters.Select(p => $"{p.Name} {p.Shape}"), Is.EqualTo(new[] { "fc.weight [3, 4]", "fc.bias [3]", "plain.weight [3, 4]" }));
            Assert.That(layer.Forward(step, x).ToDoubles(), Is.EqualTo(step.Linear(x, layer.Weight.Value, layer.Bias!.Value).ToDoubles()));
            Assert.That(plain.Forward(step, x).ToDoubles(), Is.EqualTo(step.Linear(x, plain.Weight.Value).ToDoubles()));
        });
    }

    [Test]
    public void Batch_norm_in_training_moves_its_running_statistics_and_counts()
    {
        BatchNormLayer layer = BatchNorm();
        using var step = new Step(_backend);
        Tensor x = Images(step, 4, 3, 3, 2);
        layer.Forward(step, x, training: true);
        double[] once = layer.RunningMean.Value.ToDoubles();
        layer.Forward(step, x, training: true, groups: 2);
        layer.Forward(step, x, training: true, groups: 2, updates: [1, 1, 0]);
        Assert.Multiple(() =>
        {
            Assert.That(once, Is.EqualTo(ChannelMeans(x).Select(m => 0.1 * m)).Within(1e-15));
            Assert.That(layer.BatchesTracked.Value, Is.EqualTo(1 + 2 + 3));
        });
    }

    [Test]
    public void Streams_together_equal_streams_one_after_another()
    {
        BatchNormLayer layer = BatchNorm();
        using var step = new Step(_backend);
        Tensor x = Images(step, 4, 3, 3, 2);
        double[] apart = [.. new[] { 0, 2 }.SelectMany(start => layer.Forward(step, step.Slice(x, 0, start, 2), training: true, relu: true).ToDoubles())];
        double[] mean = layer.RunningMean.Value.ToDoubles(), variance = layer.RunningVariance.Value.ToDoubles();
        _store.Initialize(3);
        double[] together = layer.Forward(step, x, training: true, relu: true, groups: 2).ToDoubles();
        Assert.Multiple(() =>
        {
            Assert.That(together, Is.EqualTo(apart).Within(1e-14));
            Assert.That(layer.RunningMean.Value.ToDoubles(), Is.EqualTo(mean).Within(1e-14));
            Assert.That(layer.RunningVariance.Value.ToDoubles(), Is.EqualTo(variance).Within(1e-14));
        });
    }

    [Test]
    public void Batch_norm_in_evaluation_uses_its_running_statistics_and_leaves_them()
    {
        BatchNormLayer layer = BatchNorm();
        layer.RunningMean.Value.CopyFromDoubles([1, -1]);
        layer.RunningVariance.Value.CopyFromDoubles([4, 0.25]);
        using var step = new Step(_backend, recordGradients: false);
        Tensor x = step.FromDoubles(new Shape(1, 2), DType.Float64, [5, 1]);
        double[] y = layer.Forward(step, x, training: false).ToDoubles();
        Assert.Multiple(() =>
        {
            Assert.That(y, Is.EqualTo(new double[] { 2, 4 }).Within(1e-4));
            Assert.That(layer.RunningMean.Value.ToDoubles(), Is.EqualTo(new double[] { 1, -1 }));
            Assert.That(layer.BatchesTracked.Value, Is.Zero);
        });
    }

    private static double[] ChannelMeans(Tensor x)
    {
        int channels = x.Shape[-1];
        double[] values = x.ToDoubles();
        return [.. Enumerable.Range(0, channels).Select(c => values.Where((_, i) => i % channels == c).Average())];
    }

    private static Tensor Images(Step step, params int[] shape)
    {
        var sizes = new Shape(shape);
        return step.FromDoubles(sizes, DType.Float64, [.. Enumerable.Range(0, (int)sizes.Count).Select(i => Math.Sin(1 + (0.9 * i)))]);
    }

    private BatchNormLayer BatchNorm()
    {
        var layer = new BatchNormLayer(_group, _store.Group("b", isBuffer: true), _store, "bn", 2);
        Ready();
        return layer;
    }

    private void Ready()
    {
        _store.Allocate(_backend, DType.Float64);
        _store.Initialize(3);
    }
}
