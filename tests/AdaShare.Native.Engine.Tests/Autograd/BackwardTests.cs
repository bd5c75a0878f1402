using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Autograd;

/// <summary>What a backward pass computes and what it leaves alone, told by the reference backend's count of kernel calls.</summary>
[TestFixture]
public sealed class BackwardTests
{
    private ReferenceBackend _backend = null!;
    private List<ParameterStore> _stores = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _stores = [];
    }

    [TearDown]
    public void TearDown()
    {
        _stores.ForEach(store => store.Dispose());
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    [Test]
    public void Gradients_accumulate_over_steps_until_they_are_cleared()
    {
        Parameter p = Vector("p", 2, 3);
        Square(p, seed: 1);
        Assert.That(p.Gradient.ToDoubles(), Is.EqualTo(new double[] { 4, 6 }));
        Square(p, seed: 10);
        Assert.That(p.Gradient.ToDoubles(), Is.EqualTo(new double[] { 44, 66 }));
        p.ClearGradient();
        Assert.That(p.HasGradient, Is.False);
        Square(p, seed: 1);
        Assert.That(p.Gradient.ToDoubles(), Is.EqualTo(new double[] { 4, 6 }));
    }

    [Test]
    public void A_parameter_used_twice_gets_both_gradients()
    {
        Parameter p = Vector("p", 2, 3);
        using var step = new Step(_backend);
        step.Backward(step.Sum(step.Add(step.Square(p.Value), step.Scale(p.Value, 5))));
        Assert.That(p.Gradient.ToDoubles(), Is.EqualTo(new double[] { 9, 11 }));
    }

    [Test]
    public void A_diamond_adds_what_comes_along_both_branches()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(step.FromDoubles(new Shape(2), DType.Float64, [2, 3]));
        Tensor y = step.Square(x);
        step.Backward(step.Sum(step.Multiply(step.Scale(y, 3), y)));
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { 12 * 8, 12 * 27 }));
    }

    [Test]
    public void Nothing_is_computed_below_the_last_parameter_that_wants_a_gradient()
    {
        Parameter lower = Filter("lower", 3, 2), upper = Filter("upper", 2, 3);
        lower.Trainable = false;
        Convolve(lower, upper);
        Assert.Multiple(() =>
        {
            Assert.That(_backend.CallsOf("Convolution.Forward"), Is.EqualTo(2));
            Assert.That(_backend.CallsOf("Convolution.BackwardFilter"), Is.EqualTo(1));
            Assert.That(_backend.CallsOf("Convolution.BackwardInput"), Is.Zero);
            Assert.That(_backend.CallsOf("Activation.ReluBackward"), Is.Zero);
            Assert.That(lower.HasGradient, Is.False);
            Assert.That(upper.HasGradient, Is.True);
        });
    }

    [Test]
    public void A_frozen_parameter_above_a_trained_one_passes_the_gradient_on_without_one_of_its_own()
    {
        Parameter lower = Filter("lower", 3, 2), upper = Filter("upper", 2, 3);
        upper.Trainable = false;
        Convolve(lower, upper);
        Assert.Multiple(() =>
        {
            Assert.That(_backend.CallsOf("Convolution.BackwardFilter"), Is.EqualTo(1));
            Assert.That(_backend.CallsOf("Convolution.BackwardInput"), Is.EqualTo(1));
            Assert.That(lower.HasGradient, Is.True);
            Assert.That(upper.HasGradient, Is.False);
        });
    }

    [Test]
    public void The_gradient_of_the_images_is_not_computed()
    {
        Parameter filter = Filter("filter", 3, 2), second = Filter("second", 2, 3);
        Convolve(filter, second);
        Assert.That(_backend.CallsOf("Convolution.BackwardFilter"), Is.EqualTo(2));
        Assert.That(_backend.CallsOf("Convolution.BackwardInput"), Is.EqualTo(1));
    }

    [Test]
    public void The_gradient_of_a_filter_is_kept_in_the_filters_layout()
    {
        using var step = new Step(_backend);
        Tensor images = step.FromDoubles(new Shape(1, 1, 1, 2), DType.Float64, [1, 2]);
        Tensor filter = step.Watch(step.Filter(new Shape(3, 2, 1, 1), DType.Float64, new double[6]));
        step.Backward(step.Sum(step.Conv2d(images, filter)));
        Assert.That(step.GradientOf(filter)!.IsFilter, Is.True);
    }

    [Test]
    public void A_branch_that_does_not_reach_the_loss_is_not_run_backward()
    {
        Parameter p = Vector("p", 2, 3), q = Vector("q", 4, 5);
        using var step = new Step(_backend);
        step.Sum(step.Exp(q.Value));
        step.Backward(step.Sum(step.Square(p.Value)));
        Assert.Multiple(() =>
        {
            Assert.That(_backend.CallsOf("Elementwise.UnaryBackward"), Is.EqualTo(1));
            Assert.That(q.HasGradient, Is.False);
            Assert.That(step.GradientOf(q.Value), Is.Null);
        });
    }

    [Test]
    public void A_step_that_does_not_record_keeps_no_tape()
    {
        Parameter p = Vector("p", 2, 3);
        using var step = new Step(_backend, recordGradients: false);
        Tensor loss = step.Sum(step.Square(p.Value));
        Assert.That(step.TapeLength, Is.Zero);
        Assert.That(loss.RequiresGradient, Is.False);
        Assert.That(() => step.Backward(loss), Throws.TypeOf<ShapeException>().With.Message.Contains("does not depend on anything that wants a gradient"));
    }

    [Test]
    public void Ops_in_a_pause_are_constants()
    {
        Parameter p = Vector("p", 2, 3);
        using var step = new Step(_backend);
        Tensor constant;
        using (step.PauseRecording())
        {
            using (step.PauseRecording())
            {
                constant = step.Square(p.Value);
            }

            Assert.That(step.Square(p.Value).RequiresGradient, Is.False);
        }

        step.Backward(step.Sum(step.Multiply(p.Value, constant)));
        Assert.That(p.Gradient.ToDoubles(), Is.EqualTo(new double[] { 4, 9 }));
    }

    [Test]
    public void The_seed_scales_every_gradient()
    {
        Parameter p = Vector("p", 2, 3);
        Square(p, seed: -0.5);
        Assert.That(p.Gradient.ToDoubles(), Is.EqualTo(new double[] { -2, -3 }));
    }

    [Test]
    public void A_loss_has_one_element()
    {
        Parameter p = Vector("p", 2, 3);
        using var step = new Step(_backend);
        Tensor y = step.Square(p.Value);
        Assert.That(() => step.Backward(y), Throws.TypeOf<ShapeException>().With.Message.Contains("[2]").And.Message.Contains("Sum or Mean"));
    }

    [Test]
    public void A_loss_of_frozen_parameters_is_refused()
    {
        Parameter p = Vector("p", 2, 3);
        p.Trainable = false;
        using var step = new Step(_backend);
        Tensor loss = step.Sum(p.Value);
        Assert.That(() => step.Backward(loss), Throws.TypeOf<ShapeException>().With.Message.Contains("unfreeze a parameter or watch an input"));
    }

    private void Square(Parameter p, double seed)
    {
        using var step = new Step(_backend);
        step.Backward(step.Sum(step.Square(p.Value)), seed);
    }

    private void Convolve(Parameter lower, Parameter upper)
    {
        using var step = new Step(_backend);
        Tensor images = step.FromDoubles(new Shape(1, 4, 4, 2), DType.Float64, [.. Enumerable.Range(0, 32).Select(i => Math.Sin(i))]);
        Tensor hidden = step.Relu(step.Conv2d(images, lower.Value));
        step.Backward(step.Sum(step.Conv2d(hidden, upper.Value)));
    }

    private Parameter Vector(string name, params double[] values) => Parameter(name, new Shape(values.Length), isFilter: false, values);

    private Parameter Filter(string name, int outputs, int inputs) =>
        Parameter(name, new Shape(outputs, inputs, 1, 1), isFilter: true, [.. Enumerable.Range(0, outputs * inputs).Select(i => Math.Cos(i))]);

    private Parameter Parameter(string name, Shape shape, bool isFilter, double[] values)
    {
        var store = new ParameterStore();
        _stores.Add(store);
        Parameter parameter = store.Group(name).Add(name, shape, Initializers.Constant(0), isFilter);
        store.Allocate(_backend, DType.Float64);
        parameter.Value.CopyFromDoubles(values);
        _backend.ClearCalls();
        return parameter;
    }
}
