using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Autograd;

/// <summary>Parts of a network that run again during the backward pass.</summary>
[TestFixture]
public sealed class RecomputationTests
{
    private const int Elements = 60;
    private const int Bytes = Elements * sizeof(double);

    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown()
    {
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    [Test]
    public void Only_input_and_output_are_kept_and_gradients_are_the_same()
    {
        (double[] kept, long keptForward, _) = Run(recompute: false);
        (double[] recomputed, long forward, long left) = Run(recompute: true);
        Assert.Multiple(() =>
        {
            Assert.That(recomputed, Is.EqualTo(kept));
            Assert.That(forward, Is.EqualTo(keptForward - (4 * Bytes)), "what the two sigmoids, the dropout and the exponential made is not kept");
            Assert.That(left, Is.EqualTo(2 * Bytes), "the input and its gradient are all that is left");
        });
    }

    [Test]
    public void A_body_within_a_body_is_computed_again_too()
    {
        double[] Gradient(bool recompute)
        {
            using var step = new Step(_backend);
            Tensor x = step.Watch(Input(step));
            Tensor Inner(Tensor t) => step.Exp(step.Sigmoid(t));
            Tensor Outer()
            {
                Tensor t = step.Square(x);
                return step.Sigmoid(recompute ? step.Recompute([t], () => Inner(t)) : Inner(t));
            }

            step.Backward(step.Sum(recompute ? step.Recompute([x], Outer) : Outer()));
            return step.GradientOf(x)!.ToDoubles();
        }

        Assert.That(Gradient(true), Is.EqualTo(Gradient(false)));
    }

    [Test]
    public void A_kept_output_keeps_its_gradient()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), y = step.Keep(step.Recompute([x], () => step.Square(x)));
        step.Backward(step.Sum(step.Scale(y, 3)));
        Assert.That(step.GradientOf(y)!.ToDoubles(), Is.All.EqualTo(3));
        Assert.That(y.ToDoubles(), Is.EqualTo(x.ToDoubles().Select(static v => v * v)));
    }

    [Test]
    public void A_tensor_from_outside_that_wants_a_gradient_stays_until_the_body_has_run_again()
    {
        using var step = new Step(_backend);
        Tensor x = Input(step), outside = step.Watch(Input(step)), factor = step.Square(outside);
        Tensor y = step.Recompute([x], () => step.Multiply(step.Sigmoid(x), factor));
        step.Release(factor);
        step.Backward(step.Sum(y));
        Assert.That(step.GradientOf(outside)!.ToDoubles(), Is.EqualTo(x.ToDoubles().Select(static v => 2 * v / (1 + Math.Exp(-v)))).Within(1e-14));
    }

    [Test]
    public void A_body_may_hand_the_memory_of_its_outputs_gradient_on()
    {
        (double[] Input, double[] Residual) Gradients(bool recompute)
        {
            using var step = new Step(_backend);
            var shape = new Shape(2, 3, 2, 5);
            Tensor x = step.Watch(step.Reshape(Input(step), shape)), residual = step.Watch(step.Reshape(Input(step), shape));
            Tensor ones = step.FromDoubles(new Shape(5), DType.Float64, [1, 1, 1, 1, 1]), zeros = step.FromDoubles(new Shape(5), DType.Float64, new double[5]);
            Tensor Body() => step.BatchNormResidual(x, ones, zeros, residual);
            step.Backward(step.Sum(step.Square(recompute ? step.Recompute([x, residual, ones, zeros], Body) : Body())));
            return (step.GradientOf(x)!.ToDoubles(), step.GradientOf(residual)!.ToDoubles());
        }

        Assert.That(Gradients(true), Is.EqualTo(Gradients(false)));
    }

    [Test]
    public void Where_nothing_wants_a_gradient_a_body_runs_once()
    {
        int runs = 0;
        using var step = new Step(_backend);
        Tensor x = Input(step);
        step.Recompute([x], () =>
        {
            runs++;
            return step.Exp(x);
        });
        Assert.That((runs, step.TapeLength), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Running_statistics_move_once()
    {
        double[] Statistics(bool recompute)
        {
            using var store = new ParameterStore();
            var layer = new BatchNormLayer(store.Group("g"), store.Group("b", isBuffer: true), store, "bn", 6);
            store.Allocate(_backend, DType.Float64);
            store.Initialize(1);
            using var step = new Step(_backend);
            Tensor x = step.Watch(step.Reshape(Input(step), new Shape(10, 6)));
            Tensor Body() => layer.Forward(step, x, training: true);
            step.Backward(step.Sum(step.Square(recompute ? step.Recompute([x], Body) : Body())));
            return [.. layer.RunningMean.Value.ToDoubles(), .. layer.RunningVariance.Value.ToDoubles(), layer.BatchesTracked.Value, .. layer.Gamma.Gradient.ToDoubles()];
        }

        double[] once = Statistics(false);
        Assert.That(once[12], Is.EqualTo(1));
        Assert.That(Statistics(true), Is.EqualTo(once));
    }

    private (double[] Gradient, long Forward, long Left) Run(bool recompute)
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step));
        Tensor Body()
        {
            Tensor a = step.Sigmoid(x);
            Tensor b = step.Sigmoid(a);
            step.Release(a);
            Tensor c = step.Dropout(b, 0.5, RandomStream.For(1, "dropout"));
            step.Release(b);
            Tensor d = step.Exp(c);
            step.Release(c);
            return d;
        }

        Tensor y = recompute ? step.Recompute([x], Body) : Body();
        Tensor loss = step.Sum(y);
        step.Release(y);
        long forward = _backend.Memory.LiveBytes;
        step.Backward(loss);
        return (step.GradientOf(x)!.ToDoubles(), forward, _backend.Memory.LiveBytes);
    }

    private static Tensor Input(Step step) =>
        step.FromDoubles(new Shape(Elements), DType.Float64, [.. Enumerable.Range(0, Elements).Select(static i => (i / 20.0) - 1)]);
}
