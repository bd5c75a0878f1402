using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Optimizers;

/// <summary>Moving parameters during the backward pass: the order of things, and the memory.</summary>
[TestFixture]
public sealed class BackwardAndStepTests
{
    private const int Elements = 64;
    private const int Bytes = Elements * sizeof(double);

    private ReferenceBackend _backend = null!;
    private ParameterStore _store = null!;
    private ParameterGroup _group = null!;
    private ParameterGroup _rest = null!;
    private Parameter[] _weights = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _store = new ParameterStore();
        _group = _store.Group("weights");
        _rest = _store.Group("rest");
        _weights = [.. Enumerable.Range(0, 8).Select(i => _group.Add($"w{i}", new Shape(Elements), Initializers.Normal(1, 0.1)))];
        _rest.Add("other", new Shape(Elements), Initializers.Constant(2));
        _store.Allocate(_backend, DType.Float64);
        _store.Initialize(1);
    }

    [TearDown]
    public void TearDown()
    {
        _store.Dispose();
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    [Test]
    public void A_parameter_that_is_used_twice_moves_after_its_first_use_has_run_backward()
    {
        using var step = new Step(_backend);
        Tensor w = _weights[0].Value, x = step.FromDoubles(new Shape(Elements), DType.Float64, Ramp());

        // loss = sum(x w w): the inner product's rule reads w after the outer one has written its part of the gradient 2 x w.
        double[] before = w.ToDoubles();
        Tensor loss = step.Sum(step.Multiply(step.Multiply(x, w), w));
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_group, 0.1)], [_rest]);
        optimizer.BackwardAndStep(step, loss);
        Assert.That(w.ToDoubles(), Is.EqualTo(before.Zip(Ramp(), static (v, r) => v - (0.1 * 2 * r * v))).Within(1e-14));
        Assert.That(optimizer.StepCount, Is.EqualTo(1));
    }

    [Test]
    public void Only_gradients_that_are_under_way_have_memory()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_group, 0.1)], [_rest]);
        long atRest = _backend.Memory.LiveBytes;
        using (var step = new Step(_backend))
        {
            Tensor y = step.FromDoubles(new Shape(Elements), DType.Float64, Ramp());
            foreach (Parameter parameter in _weights)
            {
                y = step.Multiply(y, parameter.Value);
            }

            Tensor loss = step.Sum(y);
            long forward = _backend.Memory.LiveBytes;
            _backend.ResetPeak();
            optimizer.BackwardAndStep(step, loss);

            // Two gradients of activations, one of a parameter, a product on its way; all gradients of parameters would be eight.
            Assert.That(_backend.Memory.PeakBytes, Is.LessThanOrEqualTo(forward + (4 * Bytes)));
        }

        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(atRest));
    }

    [Test]
    public void Parameters_of_another_optimiser_keep_their_gradients()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_group, 0.1)], [_rest]);
        using var step = new Step(_backend);
        Tensor other = _rest.Parameters[0].Value;
        optimizer.BackwardAndStep(step, step.Sum(step.Multiply(other, _weights[0].Value)));
        Assert.Multiple(() =>
        {
            Assert.That(_rest.Parameters[0].HasGradient, Is.True);
            Assert.That(_weights[0].HasGradient, Is.False);
            Assert.That(step.GradientOf(_weights[0].Value), Is.Null);
            Assert.That(other.ToDoubles(), Is.All.EqualTo(2));
        });
    }

    [Test]
    public void Gradients_of_earlier_passes_are_added_to_and_used_up()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_group, 0.1)], [_rest]);
        double[] first = _weights[0].Value.ToDoubles(), second = _weights[1].Value.ToDoubles();
        using (var step = new Step(_backend))
        {
            step.Backward(step.Sum(step.Add(_weights[0].Value, _weights[1].Value)));
        }

        using (var step = new Step(_backend))
        {
            optimizer.BackwardAndStep(step, step.Sum(step.Scale(_weights[0].Value, 2)));
        }

        Assert.Multiple(() =>
        {
            Assert.That(_weights[0].Value.ToDoubles(), Is.EqualTo(first.Select(static v => v - 0.3)).Within(1e-14));
            Assert.That(_weights[1].Value.ToDoubles(), Is.EqualTo(second.Select(static v => v - 0.1)).Within(1e-14));
            Assert.That(_weights.Any(static w => w.HasGradient), Is.False);
        });
    }

    [Test]
    public void A_loss_that_is_refused_moves_nothing()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_group, 0.1)], [_rest], weightDecay: 1);
        double[] before = _weights[0].Value.ToDoubles();
        using var step = new Step(_backend);
        Tensor many = step.Scale(_weights[0].Value, 2), constant = step.FromDoubles(new Shape(1), DType.Float64, [1.0]);
        Assert.Multiple(() =>
        {
            Assert.That(() => optimizer.BackwardAndStep(step, many), Throws.TypeOf<ShapeException>());
            Assert.That(() => optimizer.BackwardAndStep(step, constant), Throws.TypeOf<ShapeException>());
            Assert.That(optimizer.StepCount, Is.Zero);
            Assert.That(_weights[0].Value.ToDoubles(), Is.EqualTo(before));
        });
    }

    [Test]
    public void An_op_that_hides_an_input_is_found_out()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_group, 0.1)], [_rest]);
        using var step = new Step(_backend);
        Tensor output = step.New(new Shape(1), DType.Float64);
        _backend.Elementwise.Fill(output, 1);
        Assert.That(step.Wants(_weights[0].Value), Is.True);
        step.Record("careless", output, [], gradOutput => step.TargetFor(_weights[1].Value));
        Assert.That(() => optimizer.BackwardAndStep(step, output), Throws.TypeOf<InvalidOperationException>().With.Message.Contains("w1"));
    }

    [Test]
    public void Whole_gradients_get_memory_when_they_are_asked_for()
    {
        long before = _backend.Memory.LiveBytes;
        Assert.That(_weights[0].HasGradient, Is.False);
        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(before));
        Assert.That(_weights[0].Gradient.ToDoubles(), Is.All.Zero);
        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(before + (8 * Bytes)));
    }

    private static double[] Ramp() => [.. Enumerable.Range(1, Elements).Select(static i => i / (double)Elements)];
}
