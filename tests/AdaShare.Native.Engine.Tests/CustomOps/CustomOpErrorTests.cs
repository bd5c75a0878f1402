using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.CustomOps;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.CustomOps;

/// <summary>What is said of ops from outside the engine that don't keep to the contract, and that nothing is left behind.</summary>
[TestFixture]
public sealed class CustomOpErrorTests
{
    private static readonly Shape Two = new(2);

    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown()
    {
        Assert.That((_backend.Memory.LiveBuffers, _backend.OpenSteps), Is.EqualTo((0, 0)));
        _backend.Dispose();
    }

    private static IEnumerable<TestCaseData> Inputs =>
    [
        new TestCaseData(new Shape[] { Two }, DType.Float64, "product: it has 1 inputs, expected 2: left, right").SetArgDisplayNames("too few"),
        new TestCaseData(new[] { Two, new Shape(3) }, DType.Float64, "product: the right side has shape [3], expected [2]").SetArgDisplayNames("another shape"),
        new TestCaseData(new[] { Two, Two }, DType.Int32, "product: the left side is Int32 [2]; it must be Float32 or Float64, so cast it first").SetArgDisplayNames("another type"),
        new TestCaseData(new[] { new Shape(0), new Shape(0) }, DType.Float32, "product: the left side is empty; give elements").SetArgDisplayNames("its own words"),
    ];

    private static IEnumerable<TestCaseData> BackwardKernels =>
    [
        Backward(static context => context.TargetFor(1), "product: the backward kernel writes the gradient of input 1, which wants none; ask Wants(1) first"),
        Backward(static context => { }, "product: the backward kernel left out the gradient of input 0, Float64 [2], which wants one; ask TargetFor(0) and write it, or override HasGradient where there is no derivative"),
        Backward(
            static context =>
            {
                context.TargetFor(0);
                context.TargetFor(0);
            },
            "product: the backward kernel asks for the gradient of input 0 a second time; ask once and write it in one go"),
    ];

    [TestCaseSource(nameof(Inputs))]
    public void Inputs_that_do_not_fit_are_refused_under_the_ops_name(Shape[] shapes, DType type, string sentence)
    {
        using var step = new Step(_backend);
        Tensor[] inputs = [.. shapes.Select(shape => step.New(shape, type))];
        Assert.That(() => step.Apply(new OpOf(), inputs), Throws.TypeOf<ShapeException>().With.Message.EqualTo(sentence));
    }

    [Test]
    public void A_tensor_of_another_step_cannot_be_saved()
    {
        using var other = new Step(_backend);
        using var step = new Step(_backend);
        Tensor foreign = other.New(Two, DType.Float64), own = step.New(Two, DType.Float64);
        Assert.That(
            () => step.Apply(Forward(context => context.Save(foreign)), own, own), Throws.InvalidOperationException.With.Message
                .EqualTo("product: the forward kernel saves Float64 [2], which belongs to another step; save inputs, the output, and tensors of Temporary"));
    }

    [Test]
    public void A_tensor_that_is_not_of_the_call_cannot_be_saved()
    {
        using var step = new Step(_backend);
        Tensor beside = step.New(Two, DType.Float64), own = step.New(Two, DType.Float64);
        Assert.That(() => step.Apply(Forward(context => context.Save(beside)), own, own), Throws.InvalidOperationException.With.Message.Contains("saves Float64 [2], which is not of this call"));
        Assert.That(() => step.Apply(Forward(static context => context.Save((Tensor)null!)), own, own), Throws.InvalidOperationException.With.Message.Contains("saves nothing (null)"));
    }

    [Test]
    public void Saving_a_second_time_is_refused()
    {
        using var step = new Step(_backend);
        Tensor own = step.New(Two, DType.Float64);
        Assert.That(
            () => step.Apply(
                Forward(static context =>
                {
                    context.Save(context.Inputs[0]);
                    context.Save(context.Output);
                }), own, own),
            Throws.InvalidOperationException.With.Message.EqualTo("product: the forward kernel saves a second time; name all tensors in one call of Save"));
    }

    [TestCaseSource(nameof(BackwardKernels))]
    public void A_backward_kernel_writes_the_gradients_that_are_wanted_and_no_others(object kernel, string sentence)
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(step.FromDoubles(Two, DType.Float64, [1, 2])), loss = step.Sum(step.Apply(new OpOf { BackwardKernel = (BackwardKernel)kernel }, x, step.FromDoubles(Two, DType.Float64, [3, 4])));
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException.With.Message.EqualTo(sentence));
    }

    [Test]
    public void A_backward_kernel_that_names_an_input_too_many_is_told_how_many_there_are()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(step.FromDoubles(Two, DType.Float64, [1, 2])), loss = step.Sum(step.Apply(new OpOf { BackwardKernel = static context => context.Wants(2) }, x, x));
        Assert.That(() => step.Backward(loss), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("names input 2, and the op was applied to 2, counted from 0"));
    }

    [Test]
    public void What_was_saved_and_overwritten_since_is_refused_under_the_ops_name()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(step.FromDoubles(Two, DType.Float64, [1, 2])), loss = step.Sum(step.Apply(new OpOf(), x, x));
        x.CopyFromDoubles([5, 6]);
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException.With.Message.Contains("product saved Float64 [2] for its gradient, and it was overwritten"));
    }

    [Test]
    public void A_device_without_a_kernel_is_named()
    {
        using var step = new Step(_backend);
        Tensor x = step.New(Two, DType.Float64);
        Assert.That(
            () => step.Apply(Forward(static context => throw context.NoKernel()), x, x), Throws.TypeOf<DeviceException>().With.Message
                .EqualTo($"product: the op has no kernel for {_backend.Name} (ReferenceBackend); compute on another device, or write one"));
    }

    [Test]
    public void A_kernel_that_fails_leaves_no_memory()
    {
        using var step = new Step(_backend);
        Tensor x = step.New(Two, DType.Float64);
        int before = _backend.Memory.LiveBuffers;
        Assert.That(
            () => step.Apply(
                Forward(static context =>
                {
                    context.Save(context.Temporary(new Shape(50), DType.Float64));
                    throw new FormatException();
                }), x, x),
            Throws.TypeOf<FormatException>());
        Assert.That((_backend.Memory.LiveBuffers, step.TapeLength), Is.EqualTo((before, 0)));
    }

    [Test]
    public void An_op_without_a_name_a_missing_op_and_a_missing_input_are_refused()
    {
        using var step = new Step(_backend);
        Tensor x = step.New(Two, DType.Float64);
        Assert.That(() => step.Apply(new OpOf { Called = " " }, x, x), Throws.ArgumentException.With.Message.Contains("the op of type OpOf has no name"));
        Assert.That(() => step.Apply(null!, x, x), Throws.ArgumentNullException);
        Assert.That(() => step.Apply(new OpOf(), x, null!), Throws.ArgumentNullException.With.Message.Contains("product: an input is null"));
    }

    [Test]
    public void A_freed_input_and_a_step_that_has_ended_are_refused_under_the_ops_name()
    {
        var step = new Step(_backend);
        Tensor x = step.New(Two, DType.Float64), gone = step.New(Two, DType.Float64);
        step.Release(gone);
        Assert.That(() => step.Apply(new OpOf(), x, gone), Throws.TypeOf<ObjectDisposedException>().With.Message.StartsWith("product: the tensor Float64 [2] has been freed"));
        step.Dispose();
        Assert.That(() => step.Apply(new OpOf(), x, x), Throws.TypeOf<ObjectDisposedException>().With.Message.StartsWith("product: the step has been disposed"));
    }

    private static OpOf Forward(ForwardKernel kernel) => new() { ForwardKernel = kernel };

    private static TestCaseData Backward(BackwardKernel kernel, string sentence) => new TestCaseData(kernel, sentence).SetArgDisplayNames(sentence);
}
