using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Autograd;

/// <summary>Inner products of several losses' gradients, against gradients that were taken whole.</summary>
[TestFixture]
public sealed class BackwardProductsTests
{
    private static readonly double[] Seeds = [1, 20, -0.5];

    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown()
    {
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Products_are_those_of_whole_gradients(bool recompute)
    {
        using var network = new Network(_backend, recompute);
        double[][] whole = [.. Enumerable.Range(0, 3).Select(t => network.Gradient(t, Seeds[t]))];
        double[] found = network.Products(Seeds, out bool any);
        Assert.That(any);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                double expected = j < i ? 0 : whole[i].Zip(whole[j], static (a, b) => a * b).Sum();
                Assert.That(found[(3 * i) + j], Is.EqualTo(expected).Within(1e-12 * Math.Max(1, Math.Abs(expected))), $"{i}, {j}");
            }
        }

        Assert.That(network.Store.Parameters.Where(static p => !p.Group.IsBuffer).Select(static p => p.HasGradient), Is.All.False, "no flat buffer was written to");
    }

    [Test]
    public void Frozen_parameters_are_left_out()
    {
        using var network = new Network(_backend, recompute: false);
        network.Store["first.weight"].Trainable = false;
        double[] whole = network.Gradient(1, 1), found = network.Products([1, 1, 1], out _);
        Assert.That(found[4], Is.EqualTo(whole.Sum(static g => g * g)).Within(1e-12 * found[4]));
    }

    [Test]
    public void The_last_common_layer_is_the_last_that_all_losses_reach()
    {
        // The last filter of the body; what comes behind it belongs to one loss each, or is no matrix.
        using var network = new Network(_backend, recompute: false);
        double[] products = network.Products(Seeds, out bool any, ProductsOf.LastCommonLayer);
        double[][] whole = [.. Enumerable.Range(0, 3).Select(t => network.Gradient(t, Seeds[t], "second.weight"))];
        Assert.That(any);
        Assert.That(products[1], Is.EqualTo(whole[0].Zip(whole[1], static (a, b) => a * b).Sum()).Within(1e-12));
        Assert.That(products[8], Is.EqualTo(whole[2].Sum(static g => g * g)).Within(1e-12));
    }

    [Test]
    public void Where_losses_have_no_layer_in_common_nothing_is_added()
    {
        using var network = new Network(_backend, recompute: false);
        network.Store["first.weight"].Trainable = network.Store["second.weight"].Trainable = false;
        Assert.That(network.Products(Seeds, out bool any, ProductsOf.LastCommonLayer), Is.All.Zero);
        Assert.That(any, Is.False);
    }

    [Test]
    public void Gradients_are_gone_layer_by_layer()
    {
        using var network = new Network(_backend, recompute: false);
        _backend.ResetPeak();
        long before = _backend.Memory.LiveBytes;
        network.Gradient(0, 1);
        long plain = _backend.Memory.PeakBytes - before;
        _backend.ResetPeak();
        before = _backend.Memory.LiveBytes;
        network.Products([1, 1, 1], out _);
        Assert.That(_backend.Memory.PeakBytes - before, Is.LessThan(2 * plain), "not three passes' worth");
        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void A_step_without_effects_leaves_the_network_as_it_was()
    {
        using var network = new Network(_backend, recompute: false);
        double[] mean = network.Store["norm.running_mean"].Value.ToDoubles();
        network.Products(Seeds, out _);
        Assert.That(network.Store["norm.running_mean"].Value.ToDoubles(), Is.EqualTo(mean));
        Assert.That(network.Store.Counters[0].Value, Is.Zero);
        network.Gradient(0, 1);
        Assert.That(network.Store["norm.running_mean"].Value.ToDoubles(), Is.Not.EqualTo(mean));
        Assert.That(network.Store.Counters[0].Value, Is.EqualTo(2), "once for each of two groups");
    }

    [Test]
    public void What_does_not_fit_is_refused_before_anything_runs()
    {
        using var network = new Network(_backend, recompute: false);
        using var step = new Step(_backend);
        Tensor[] losses = network.Losses(step);
        Tensor products = step.New(new Shape(3, 3), DType.Float64);
        Assert.That(() => step.BackwardProducts(losses, [1, 1], products), Throws.TypeOf<ShapeException>().With.Message.Contains("3 losses, 2 seeds"));
        Assert.That(() => step.BackwardProducts(losses[..2], [1, 1], products), Throws.TypeOf<ShapeException>().With.Message.Contains("[K, K]"));
        Assert.That(() => step.BackwardProducts([losses[0], losses[1], step.New(Shape.Scalar, DType.Float64)], Seeds, products), Throws.TypeOf<ShapeException>().With.Message.Contains("does not depend"));
        network.Store["first.weight"].TakeTarget();
        Assert.That(() => step.BackwardProducts(losses, Seeds, products), Throws.InvalidOperationException.With.Message.Contains("first.weight has a gradient of an earlier pass"));
        network.Store["first.weight"].ClearGradient();
        step.BackwardProducts(losses, Seeds, products);
        Assert.That(() => step.BackwardProducts(losses, Seeds, products), Throws.InvalidOperationException.With.Message.Contains("run backward before"));
    }

    [TestCase(DType.Float64, 1e-12)]
    [TestCase(DType.BFloat16, 0.02)]
    public void A_scaled_gradient_changes_what_lies_before_it_alone(DType type, double tolerance)
    {
        double[] Gradient(double factor, out double[] values, out double[] behind)
        {
            using var step = new Step(_backend);
            Tensor x = step.Watch(step.FromDoubles(new Shape(4), type, [1, -2, 3, 0.5]));
            Tensor weight = step.FromDoubles(Shape.Scalar, type.ParameterType(), [factor]);
            Tensor shared = step.Scale(x, 2), scaled = step.ScaleGradient(shared, weight), own = step.Watch(step.FromDoubles(new Shape(4), type, [1, 1, 2, 2]));
            values = scaled.ToDoubles();
            Tensor loss = step.Add(step.Sum(step.Cast(step.Multiply(scaled, own), DType.Float64)), step.Sum(step.Cast(step.Square(shared), DType.Float64)));
            step.Backward(loss);
            behind = step.GradientOf(own)!.ToDoubles();
            return step.GradientOf(x)!.ToDoubles();
        }

        // d/dx of the sum of 2 x own, times the factor, and of (2 x)^2 beside it.
        foreach (double factor in (double[])[1, 0, -3.25])
        {
            double[] found = Gradient(factor, out double[] values, out double[] behind);
            Assert.That(values, Is.EqualTo(new double[] { 2, -4, 6, 1 }));
            Assert.That(behind, Is.EqualTo(new double[] { 2, -4, 6, 1 }), "the factor is not theirs");
            double[] expected = [(factor * 2) + 8, (factor * 2) - 16, (factor * 4) + 24, (factor * 4) + 4];
            Assert.That(found, Is.EqualTo(expected).Within(tolerance * 32));
        }
    }

    [Test]
    public void A_factor_of_another_shape_or_type_is_refused()
    {
        using var step = new Step(_backend);
        Tensor x = step.FromDoubles(new Shape(2), DType.Float64, [1, 2]);
        Assert.That(() => step.ScaleGradient(x, x), Throws.TypeOf<ShapeException>().With.Message.Contains("expected one element of Float64"));
        Assert.That(() => step.ScaleGradient(x, step.FromDoubles(Shape.Scalar, DType.Float32, [1])), Throws.TypeOf<ShapeException>());
    }

    /// <summary>Two convolutions with a batch norm and a residual between them, parts of the batch that are used by themselves, and three heads.</summary>
    private sealed class Network : IDisposable
    {
        private readonly ReferenceBackend _backend;
        private readonly bool _recompute;
        private readonly Conv2dLayer _first, _second;
        private readonly BatchNormLayer _norm;
        private readonly Conv2dLayer[] _heads;

        public Network(ReferenceBackend backend, bool recompute)
        {
            (_backend, _recompute) = (backend, recompute);
            ParameterGroup weights = Store.Group("weights"), statistics = Store.Group("statistics", isBuffer: true);
            _first = new Conv2dLayer(weights, "first", 2, 3, 3, new Conv2dOptions(1, 1), bias: false);
            _norm = new BatchNormLayer(weights, statistics, Store, "norm", 3);
            _second = new Conv2dLayer(weights, "second", 3, 3, 3, new Conv2dOptions(1, 1), bias: true);
            _heads = [.. Enumerable.Range(0, 3).Select(t => new Conv2dLayer(weights, $"head{t}", 3, 2, 1, new Conv2dOptions(1), bias: true))];
            Store.Allocate(backend, DType.Float64);
            Store.Initialize(3);
        }

        public ParameterStore Store { get; } = new();

        public Tensor[] Losses(Step step)
        {
            var shape = new Shape(4, 5, 4, 2);
            var noise = RandomStream.For(5, "images");
            Tensor x = step.FromDoubles(shape, DType.Float64, [.. Enumerable.Range(0, (int)shape.Count).Select(i => noise.Normal((ulong)i))]);
            Tensor y = _first.Forward(step, x);
            Tensor Block()
            {
                Tensor normal = _norm.Forward(step, y, training: true, relu: true, groups: 2);
                return step.Add(_second.Forward(step, normal), y);
            }

            Tensor features = _recompute ? step.Recompute([y], Block) : Block();
            Tensor front = step.Narrow(features, 0, 2), back = step.Narrow(features, 2, 2);
            Tensor[] inputs = [features, front, step.Concat([back, front], 0)];
            return [.. _heads.Select((head, t) => step.Keep(step.Mean(step.Square(head.Forward(step, inputs[t])))))];
        }

        /// <summary>A loss's gradient of all trained parameters, or of one.</summary>
        public double[] Gradient(int loss, double seed, string? of = null)
        {
            Parameter[] parameters = [.. Store.Parameters.Where(p => p.Trainable && (of is null || p.Name == of))];
            using var step = new Step(_backend);
            step.Backward(Losses(step)[loss], seed);
            double[] gradient = [.. parameters.SelectMany(static p => p.HasGradient ? p.Gradient.ToDoubles() : new double[p.Count])];
            Store.Group("weights").ClearGradients();
            return gradient;
        }

        public double[] Products(double[] seeds, out bool any, ProductsOf what = ProductsOf.AllParameters)
        {
            using var step = new Step(_backend, hasEffects: false);
            Tensor products = step.New(new Shape(3, 3), DType.Float64);
            any = step.BackwardProducts(Losses(step), seeds, products, what);
            return products.ToDoubles();
        }

        public void Dispose() => Store.Dispose();
    }
}
