using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Autograd;

/// <summary>When a step's memory is there and when it has gone back.</summary>
[TestFixture]
public sealed class MemoryTests
{
    private const int Elements = 100;
    private const int Bytes = Elements * sizeof(double);

    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown()
    {
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        Assert.That(_backend.Memory.LiveBytes, Is.Zero);
        _backend.Dispose();
    }

    [Test]
    public void Backward_frees_activations_as_it_passes()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), y = x;
        for (int i = 0; i < 10; i++)
        {
            y = step.Sigmoid(y);
        }

        Tensor loss = step.Sum(y);
        long forward = _backend.Memory.LiveBytes;
        step.Backward(loss);
        Assert.Multiple(() =>
        {
            Assert.That(forward, Is.EqualTo((11 * Bytes) + sizeof(double)));

            // The input and its gradient are all that is left.
            Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(2 * Bytes));

            // At most two gradients are alive at a time, beside the activations that have not yet been freed.
            Assert.That(_backend.Memory.PeakBytes, Is.LessThanOrEqualTo(forward + (2 * Bytes) + sizeof(double)));
            Assert.That(step.TapeLength, Is.Zero);
        });
    }

    [Test]
    public void Freed_activations_cannot_be_read_and_kept_ones_can()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step));
        Tensor hidden = step.Square(x), kept = step.Keep(step.Exp(hidden)), loss = step.Keep(step.Sum(kept));
        step.Backward(loss);
        Assert.Multiple(() =>
        {
            Assert.That(() => hidden.ToDoubles(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(kept.ToDoubles(), Is.All.EqualTo(Math.Exp(4)));
            Assert.That(loss.Item(), Is.EqualTo(Elements * Math.Exp(4)).Within(1e-9));
            Assert.That(step.GradientOf(kept)!.ToDoubles(), Is.All.EqualTo(1));
            Assert.That(step.GradientOf(hidden), Is.Null);
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.All.EqualTo(4 * Math.Exp(4)).Within(1e-9));
        });
    }

    [Test]
    public void A_released_tensor_is_freed_at_once_where_no_rule_reads_it()
    {
        using var step = new Step(_backend, recordGradients: false);
        Tensor x = Input(step), y = step.Exp(x);
        step.Release(x);
        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(Bytes));
        step.Release(x);
        Assert.That(y.ToDoubles(), Is.All.EqualTo(Math.Exp(2)));
    }

    [Test]
    public void A_released_tensor_stays_until_the_rule_that_reads_it_has_run()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), hidden = step.Square(x), y = step.Exp(hidden);
        step.Release(hidden);
        Tensor loss = step.Sum(y);
        Assert.That(hidden.ToDoubles(), Is.All.EqualTo(4));
        step.Backward(loss);
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.All.EqualTo(4 * Math.Exp(4)).Within(1e-9));
    }

    [Test]
    public void Releasing_a_view_leaves_its_source()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), view = step.Reshape(x, new Shape(10, 10));
        step.Release(view);
        Assert.That(x.ToDoubles(), Is.All.EqualTo(2));
        Tensor again = step.Reshape(x, new Shape(Elements, 1));
        step.Backward(step.Sum(again));
        Assert.That(x.ToDoubles(), Is.All.EqualTo(2));
        Assert.That(step.GradientOf(x)!.Shape, Is.EqualTo(new Shape(Elements)));
    }

    [Test]
    public void A_view_keeps_memory_that_its_source_has_let_go()
    {
        using var step = new Step(_backend, recordGradients: false);
        Tensor x = Input(step), view = step.Reshape(x, new Shape(10, 10));
        step.Release(x);
        Assert.That(view.ToDoubles(), Is.All.EqualTo(2));
    }

    [Test]
    public void Tensors_of_another_step_are_left_alone()
    {
        using var outer = new Step(_backend);
        Tensor x = Input(outer);
        using (var inner = new Step(_backend))
        {
            inner.Release(x);
            inner.Exp(x);
        }

        Assert.That(x.ToDoubles(), Is.All.EqualTo(2));
    }

    [Test]
    public void A_step_that_ends_without_backward_returns_everything()
    {
        var step = new Step(_backend);
        Tensor x = step.Watch(Input(step));
        step.Sum(step.Multiply(step.Exp(x), step.Sigmoid(x)));
        Assert.That(step.TapeLength, Is.EqualTo(4));
        step.Dispose();
        step.Dispose();
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        Assert.That(() => step.New(new Shape(1), DType.Float64), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void An_op_that_fails_leaves_nothing_behind()
    {
        using var step = new Step(_backend);
        Tensor x = Input(step), y = step.New(new Shape(7), DType.Float64);
        Assert.That(() => step.Add(x, y), Throws.TypeOf<ShapeException>());
        Assert.That(_backend.Memory.LiveBuffers, Is.EqualTo(2));
    }

    [Test]
    public void An_op_takes_the_memory_of_an_input_that_nobody_else_needs()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), hidden = step.Scale(x, 3), y = step.BiasReluDropout(hidden, null, takeInput: true);
        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(2 * Bytes));
        Assert.That(y.ToDoubles(), Is.All.EqualTo(6));
        Tensor loss = step.Sum(y);
        step.Backward(loss);
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.All.EqualTo(3));
        Assert.That(y.Storage.IsFreed, Is.True);
    }

    private static IEnumerable<TestCaseData> Needed =>
    [
        new TestCaseData((Func<Step, Tensor, Tensor>)((step, x) => step.Sigmoid(x))).SetArgDisplayNames("by the backward rule of the op that made it"),
        new TestCaseData((Func<Step, Tensor, Tensor>)((step, x) =>
        {
            Tensor hidden = step.Scale(x, 1);
            step.Exp(step.Square(hidden));
            return hidden;
        })).SetArgDisplayNames("by the backward rule of another op"),
        new TestCaseData((Func<Step, Tensor, Tensor>)((step, x) => step.Keep(step.Scale(x, 1)))).SetArgDisplayNames("because it is kept"),
        new TestCaseData((Func<Step, Tensor, Tensor>)((step, x) =>
        {
            Tensor hidden = step.Scale(x, 1);
            step.Reshape(hidden, new Shape(10, 10));
            return hidden;
        })).SetArgDisplayNames("by a view"),
    ];

    [TestCaseSource(nameof(Needed))]
    public void An_op_leaves_the_memory_of_an_input_that_is_needed(Func<Step, Tensor, Tensor> make)
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), hidden = make(step, x);
        double[] before = hidden.ToDoubles();
        Tensor bias = step.FromDoubles(new Shape(Elements), DType.Float64, [.. Enumerable.Repeat(5.0, Elements)]);
        Tensor y = step.BiasReluDropout(hidden, bias, takeInput: true);
        Assert.That(hidden.ToDoubles(), Is.EqualTo(before));
        Assert.That(y.ToDoubles(), Is.EqualTo(before.Select(static v => v + 5)));
    }

    [Test]
    public void An_op_leaves_the_memory_of_another_step()
    {
        using var outer = new Step(_backend);
        using var step = new Step(_backend);
        Tensor x = Input(outer), y = step.BiasReluDropout(x, null, 0.5, new RandomStream(1, 2), takeInput: true);
        Assert.That(x.ToDoubles(), Is.All.EqualTo(2));
        Assert.That(y.ToDoubles(), Is.All.EqualTo(0).Or.EqualTo(4));
    }

    [Test]
    public void Gradients_hand_their_memory_on()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), y = x;
        for (int i = 0; i < 4; i++)
        {
            y = step.BiasReluDropout(step.Scale(y, 2), null, takeInput: true);
        }

        Tensor loss = step.Sum(y);
        long forward = _backend.Memory.LiveBytes;
        step.Backward(loss);
        Assert.Multiple(() =>
        {
            // The input and what each op keeps; backward two gradients at most, where an op hands its own on before it frees anything.
            Assert.That(forward, Is.EqualTo((5 * Bytes) + sizeof(double)));
            Assert.That(_backend.Memory.PeakBytes, Is.LessThanOrEqualTo(forward + (2 * Bytes) + sizeof(double)));
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.All.EqualTo(16));
        });
    }

    [Test]
    public void The_gradient_of_a_kept_tensor_is_not_handed_on()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), y = step.Keep(step.BiasReluDropout(step.Scale(x, -1), step.Watch(Input(step)), 0.5, new RandomStream(3, 4))), loss = step.Sum(step.Square(y));
        step.Backward(loss);
        Assert.That(step.GradientOf(y)!.ToDoubles(), Is.EqualTo(y.ToDoubles().Select(static v => 2 * v)));
    }

    private static Tensor Input(Step step)
    {
        var values = new double[Elements];
        Array.Fill(values, 2);
        return step.FromDoubles(new Shape(Elements), DType.Float64, values);
    }
}
