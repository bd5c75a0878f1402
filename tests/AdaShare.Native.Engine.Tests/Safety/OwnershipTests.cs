using System.Diagnostics;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Safety;

/// <summary>Whose a tensor is: of which step and backend, and whether its memory is still there.</summary>
[TestFixture]
public sealed class OwnershipTests
{
    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown() => _backend.Dispose();

    [Test]
    public void A_freed_tensor_is_named_with_the_op_and_what_to_do()
    {
        using var step = new Step(_backend);
        Tensor x = Ones(step), y = step.Relu(x);
        step.Release(x);
        Assert.Multiple(() =>
        {
            Assert.That(() => step.Add(y, x), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("add: the tensor Float64 [2]").And.Message.Contains("Step.Keep").And.Message.Not.Contains("\n"));
            Assert.That(() => x.ToDoubles(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("download: the tensor Float64 [2]"));
            Assert.That(() => x.CopyFrom<double>([1, 2]), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("upload: the tensor Float64 [2]"));
        });
    }

    [Test]
    public void An_activation_that_backward_freed_is_named()
    {
        using var step = new Step(_backend);
        Tensor y = step.Relu(step.Watch(Ones(step)));
        step.Backward(step.Sum(y));
        Assert.That(() => step.Square(y), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("square").And.Message.Contains("by Backward, which keeps only what Step.Keep names"));
    }

    [Test]
    public void A_tensor_that_gave_its_memory_to_an_output_is_gone()
    {
        using var step = new Step(_backend);
        Tensor x = Ones(step);
        step.BiasReluDropout(x, null, takeInput: true);
        Assert.That(() => step.Square(x), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("takeInput: false"));
    }

    [Test]
    public void A_disposed_step_makes_no_tensors()
    {
        var step = new Step(_backend);
        Tensor x = Ones(step);
        step.Dispose();
        using var next = new Step(_backend);
        Assert.Multiple(() =>
        {
            Assert.That(() => step.New(new Shape(2), DType.Float64), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("begin another one"));
            Assert.That(() => step.Relu(Ones(next)), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("relu: the step has been disposed"));
            Assert.That(() => next.Relu(x), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("with its step"));
        });
    }

    [Test]
    public void A_missing_input_is_named()
    {
        using var step = new Step(_backend);
        Assert.Multiple(() =>
        {
            Assert.That(() => step.Add(Ones(step), null!), Throws.ArgumentNullException.With.Message.Contains("add: an input is null"));
            Assert.That(() => step.Concat([Ones(step), null!], 0), Throws.ArgumentNullException);
            Assert.That(static () => ActivationOps.Relu(null!, null!), Throws.ArgumentNullException);
            Assert.That(() => step.Watch(null!), Throws.ArgumentNullException);
        });
    }

    [Test]
    public void A_gradient_that_another_step_would_lose_is_refused()
    {
        using var first = new Step(_backend);
        using var second = new Step(_backend);
        Tensor x = first.Watch(Ones(first)), y = first.Square(x);
        Assert.Multiple(() =>
        {
            Assert.That(() => second.Square(y), Throws.InvalidOperationException.With.Message.Contains("square: the tensor Float64 [2] wants a gradient and belongs to another step"));
            Assert.That(() => second.Narrow(y, 0, 1), Throws.InvalidOperationException);
            Assert.That(() => second.Backward(first.Sum(y)), Throws.InvalidOperationException);
            Assert.That(() => second.Watch(x), Throws.InvalidOperationException.With.Message.Contains("still open"));
        });

        first.Backward(first.Sum(y));
        Assert.That(first.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { 2, 2 }), "what was refused has changed nothing");
    }

    [Test]
    public void The_loss_of_another_step_is_refused()
    {
        using var first = new Step(_backend);
        using var second = new Step(_backend);
        Tensor loss = first.Sum(first.Watch(Ones(first)));
        Assert.That(() => second.Backward(loss), Throws.InvalidOperationException.With.Message.Contains("belongs to another step"));
    }

    [Test]
    public void Where_nothing_is_recorded_tensors_of_other_steps_are_values_like_any()
    {
        using var first = new Step(_backend);
        using var second = new Step(_backend, recordGradients: false);
        using var third = new Step(_backend);
        Tensor y = first.Square(first.Watch(Ones(first)));
        Assert.That(second.Square(y).ToDoubles(), Is.EqualTo(new double[] { 1, 1 }));
        using (third.PauseRecording())
        {
            Assert.That(third.Square(y).ToDoubles(), Is.EqualTo(new double[] { 1, 1 }));
        }
    }

    [Test]
    public void An_input_may_be_watched_again_once_the_step_before_is_over()
    {
        var x = Tensor.Allocate(_backend, new Shape(2), DType.Float64);
        x.CopyFrom<double>([1, 2]);
        for (int i = 0; i < 2; i++)
        {
            using var step = new Step(_backend);
            step.Watch(x);
            step.Backward(step.Sum(step.Square(x)));
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { 2, 4 }));
        }

        using var unwatched = new Step(_backend);
        Assert.That(() => unwatched.Square(x), Throws.InvalidOperationException.With.Message.Contains("watch it here"));
        x.Storage.Release();
    }

    [Test]
    public void Only_what_can_have_a_gradient_is_watched()
    {
        using var store = new ParameterStore();
        Parameter weight = store.Group("weights").Add("w", new Shape(2), Initializers.Constant(1));
        store.Allocate(_backend, DType.Float64);
        using var step = new Step(_backend);
        Assert.That(() => step.Watch(step.New(new Shape(2), DType.Int32)), Throws.TypeOf<ShapeException>().With.Message.Contains("Int32 [2] has no gradient"));
        Assert.That(() => step.Watch(weight.Value), Throws.TypeOf<ShapeException>().With.Message.Contains("Parameter.Trainable"));
    }

    [Test]
    public void After_its_release_a_backend_has_no_tensors()
    {
        var step = new Step(_backend);
        Tensor x = Ones(step);
        _backend.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(_backend.IsDisposed && x.Storage.IsFreed, Is.True);
            Assert.That(() => x.ToDoubles(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("dispose the backend last"));
            Assert.That(() => step.Relu(x), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("relu: the backend reference has been disposed"));
            Assert.That(() => new Step(_backend), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(step.Dispose, Throws.Nothing);
            Assert.That(_backend.Dispose, Throws.Nothing);
        });
    }

    [Test]
    public void A_step_that_nobody_disposed_shows()
    {
        var listener = new Warnings();
        Trace.Listeners.Add(listener);
        try
        {
            using (new Step(_backend))
            {
                Assert.That(_backend.OpenSteps, Is.EqualTo(1));
            }

            Assert.That(_backend.OpenSteps, Is.Zero);
            for (int i = 0; i < 3; i++)
            {
                Ones(new Step(_backend));
            }

            Assert.That(() => Tensor.Allocate(_backend, new Shape(1 << 30, 4), DType.Float64), Throws.TypeOf<DeviceException>().With.Message.Contains("3 steps are open"));
            _backend.Dispose();
            Assert.That(listener.Text, Does.Contain("while 3 of its steps are open").And.Contain("3 buffers"));
        }
        finally
        {
            Trace.Listeners.Remove(listener);
        }
    }

    [Test]
    public void Memory_that_was_released_too_often_is_no_trouble_to_its_step()
    {
        var step = new Step(_backend);
        Tensor x = step.Watch(Ones(step)), y = step.Square(x);
        y.Storage.Release();
        y.Storage.Release();
        Assert.That(y.Storage.Release, Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("and no more"));
        Assert.That(step.Dispose, Throws.Nothing);
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
    }

    private static Tensor Ones(Step step) => step.FromDoubles(new Shape(2), DType.Float64, [1, 1]);

    private sealed class Warnings : TraceListener
    {
        public string Text { get; private set; } = string.Empty;

        public override void Write(string? message) => Text += message;

        public override void WriteLine(string? message) => Text += message;
    }
}
