using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checks;
using AdaShare.Native.Engine.CustomOps;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.CustomOps;

/// <summary>Ops from outside the engine take part in everything that the engine's own do.</summary>
[TestFixture]
public sealed class CustomOpTests
{
    private static readonly double[] Left = [1, -2, 3, 0.5], Right = [4, 5, -6, 7];
    private static readonly Shape Four = new(4);

    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown()
    {
        Assert.That((_backend.Memory.LiveBuffers, _backend.OpenSteps), Is.EqualTo((0, 0)));
        _backend.Dispose();
    }

    [Test]
    public void Its_gradients_are_right() => GradientCheck.Of(
        _backend, static (step, x) => step.Apply(new OpOf(), x[0], x[1]), [new("left", new Shape(2, 2), Left), new("right", new Shape(2, 2), Right)]).ThrowIfWrong();

    [Test]
    public void One_tensor_given_twice_gets_the_sum_of_both_gradients()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Of(step, Left));
        step.Backward(step.Sum(step.Apply(new OpOf(), x, x)));
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(Left.Select(static v => 2 * v)));
    }

    [Test]
    public void Parts_that_overlap_get_the_sum_of_both_gradients()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Of(step, Left));
        step.Backward(step.Sum(step.Apply(new OpOf(), step.Narrow(x, 0, 3), step.Narrow(x, 1, 3))));
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { -2, 1 + 3, -2 + 0.5, 3 }));
    }

    [Test]
    public void Each_call_has_an_output_of_its_own()
    {
        using var step = new Step(_backend);
        var op = new OpOf();
        Tensor x = Of(step, Left), first = step.Apply(op, x, x), second = step.Apply(op, x, first);
        Assert.That(first.Storage, Is.Not.SameAs(second.Storage).And.Not.SameAs(x.Storage));
        Assert.That(second.ToDoubles(), Is.EqualTo(Left.Select(static v => v * v * v)));
    }

    [Test]
    public void Only_inputs_that_want_a_gradient_get_one()
    {
        using var step = new Step(_backend);
        Tensor left = Of(step, Left), right = step.Watch(Of(step, Right));
        step.Backward(step.Sum(step.Apply(new OpOf(), left, right)));
        Assert.That(step.GradientOf(left), Is.Null);
        Assert.That(step.GradientOf(right)!.ToDoubles(), Is.EqualTo(Left));
    }

    [Test]
    public void An_input_without_a_derivative_passes_nothing_on()
    {
        using var step = new Step(_backend);
        var op = new OpOf { Differentiable = static input => input == 0 };
        Tensor left = step.Watch(Of(step, Left)), right = step.Watch(Of(step, Right));
        step.Backward(step.Sum(step.Apply(op, left, right)));
        Assert.That(step.GradientOf(left)!.ToDoubles(), Is.EqualTo(Right));
        Assert.That(step.GradientOf(right), Is.Null);
        Assert.That(step.Apply(op, left.View(Four), right).RequiresGradient, Is.False, "a view that nobody watches beside an input that has no derivative");
    }

    [Test]
    public void Where_no_gradient_is_wanted_nothing_is_recorded_and_the_kernel_knows([Values] bool wanted)
    {
        bool? needed = null;
        var op = new OpOf
        {
            ForwardKernel = context =>
            {
                needed = context.NeedsBackward;
                OpOf.Multiply(context);
            },
        };
        using var step = new Step(_backend);
        Tensor x = Of(step, Left), y = step.Apply(op, wanted ? step.Watch(x) : x, x);
        Assert.That((needed, step.TapeLength, y.RequiresGradient), Is.EqualTo((wanted, wanted ? 1 : 0, wanted)));
    }

    [Test]
    public void An_output_of_integers_has_no_gradient()
    {
        var op = new OpOf { OutputType = DType.Int32, ForwardKernel = static context => context.Backend.Elementwise.Cast(context.Inputs[0], context.Output) };
        using var step = new Step(_backend);
        Tensor x = step.Watch(Of(step, Left)), y = step.Apply(op, x, x);
        Assert.That((y.RequiresGradient, step.TapeLength), Is.EqualTo((false, 0)));
        Assert.That(y.ToArray<int>(), Is.EqualTo(new[] { 1, -2, 3, 0 }));
    }

    [Test]
    public void Ops_that_a_kernel_calls_on_the_step_are_not_recorded()
    {
        using var step = new Step(_backend);
        var op = new OpOf
        {
            ForwardKernel = context =>
            {
                context.Backend.Elementwise.Affine(step.Multiply(context.Inputs[0], context.Inputs[1]), 1, 0, context.Output, accumulate: false);
                context.Save(context.Inputs[0], context.Inputs[1]);
            },
        };
        Tensor x = step.Watch(Of(step, Left)), y = step.Apply(op, x, x);
        Assert.That(step.TapeLength, Is.EqualTo(1));
        step.Backward(step.Sum(y));
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(Left.Select(static v => 2 * v)));
    }

    [Test]
    public void What_is_saved_lives_until_the_backward_kernel_has_run_and_nothing_else_does()
    {
        const int Bytes = 4 * sizeof(double);
        using var step = new Step(_backend);
        var op = new OpOf
        {
            ForwardKernel = static context =>
            {
                Tensor copy = context.Temporary(context.Output.Shape, context.Output.DType), other = context.Temporary(new Shape(100), DType.Float64);
                context.Backend.Elementwise.Fill(other, 1);
                context.Backend.Elementwise.Affine(context.Inputs[1], 1, 0, copy, accumulate: false);
                context.Backend.Elementwise.Binary(BinaryOp.Multiply, context.Inputs[0], copy, context.Output);
                context.Save(copy);
            },
            BackwardKernel = static context => OpOf.Write(context, context.Saved[0], context.TargetFor(0)),
            Differentiable = static input => input == 0,
        };
        Tensor left = step.Watch(Of(step, Left)), right = Of(step, Right), y = step.Apply(op, left, right);
        step.Release(right);
        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(3 * Bytes), "the left side, the output, and the copy of the right side");
        Tensor loss = step.Sum(y);
        step.Release(y);
        step.Backward(loss);
        Assert.That(step.GradientOf(left)!.ToDoubles(), Is.EqualTo(Right));
        Assert.That(_backend.Memory.LiveBytes, Is.EqualTo(2 * Bytes), "the left side and its gradient");
    }

    [Test]
    public void It_is_computed_again_in_a_part_that_is_not_kept()
    {
        int runs = 0;
        var op = new OpOf
        {
            ForwardKernel = context =>
            {
                runs++;
                OpOf.Multiply(context);
            },
        };
        double[] Gradient(bool recompute)
        {
            using var step = new Step(_backend);
            Tensor left = step.Watch(Of(step, Left)), right = Of(step, Right);
            Tensor Body() => step.Square(step.Apply(op, left, right));
            step.Backward(step.Sum(recompute ? step.Recompute([left, right], Body) : Body()));
            return step.GradientOf(left)!.ToDoubles();
        }

        Assert.That(Gradient(recompute: true), Is.EqualTo(Gradient(recompute: false)));
        Assert.That(runs, Is.EqualTo(3));
    }

    [Test]
    public void The_scale_of_gradients_reaches_it_and_passes_through_it()
    {
        using var step = new Step(_backend);
        Tensor left = step.Watch(Of(step, Left)), right = Of(step, Right), three = step.FromDoubles(new Shape(1), DType.Float64, [3]), two = step.FromDoubles(new Shape(1), DType.Float64, [2]);
        step.Backward(step.Sum(step.ScaleGradient(step.Apply(new OpOf(), step.ScaleGradient(left, two), right), three)), seed: 10);
        Assert.That(step.GradientOf(left)!.ToDoubles(), Is.EqualTo(Right.Select(static v => 60 * v)));
    }

    [Test]
    public void Parameters_move_during_the_backward_pass_as_with_the_engines_op([Values] bool twice)
    {
        Assert.That(Train(static (step, a, b) => step.Apply(new OpOf(), a, b), twice), Is.EqualTo(Train(static (step, a, b) => step.Multiply(a, b), twice)).Within(1e-12));
    }

    [Test]
    public void Inner_products_of_several_losses_run_its_backward_kernel_for_each()
    {
        using var store = new ParameterStore();
        Parameter weight = store.Group("weights").Add("weight", Four, Initializers.Constant(0.5));
        store.Allocate(_backend, DType.Float64);
        store.Initialize(1);
        using var step = new Step(_backend);
        Tensor y = step.Apply(new OpOf(), weight.Value, Of(step, Right)), products = step.New(new Shape(2, 2), DType.Float64);
        Assert.That(step.BackwardProducts([step.Sum(y), step.Sum(step.Square(y))], [1, 1], products), Is.True);
        double[] first = Right, second = [.. Right.Select(static v => 2 * 0.5 * v * v)];
        Assert.That(products.ToDoubles(), Is.EqualTo(new[] { Dot(first, first), Dot(first, second), 0, Dot(second, second) }).Within(1e-9));
    }

    [Test]
    public void A_profile_has_its_name_and_counts_what_its_kernels_call_as_a_part_of_it()
    {
        using var backend = new ProfilingBackend(_backend);
        Backend? device = null;
        var op = new OpOf
        {
            ForwardKernel = context =>
            {
                device = context.Device;
                OpOf.Multiply(context);
            },
        };
        Profile profile = backend.Profile(() =>
        {
            using var step = new Step(backend);
            Tensor x = step.Watch(step.FromDoubles(new Shape(2, 2), DType.Float32, Left));
            using SectionScope section = backend.EnterSection("gate");
            step.Backward(step.Sum(step.Apply(op, x, step.FromDoubles(new Shape(2, 2), DType.Float32, Right))));
        });
        Assert.That(device, Is.SameAs(_backend), "a kernel is chosen by the backend that computes");
        Assert.That(
            profile.Rows.Where(static row => row.Family == "product").Select(static row => (row.Op, row.Section, row.Count, row.Bytes)),
            Is.EquivalentTo(new[] { ("product forward [2, 2]", "gate", 1.0, 3L * 16), ("product backward [2, 2]", "gate", 1.0, 4L * 16) }));
        Assert.That(profile.Rows.Where(static row => row.Family == "elementwise").Sum(static row => row.Count), Is.EqualTo(2), "the seed of the backward pass and the rule of the sum alone");
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, static (x, y) => x * y).Sum();

    private static Tensor Of(Step step, double[] values) => step.FromDoubles(Four, DType.Float64, values);

    private double[] Train(Func<Step, Tensor, Tensor, Tensor> product, bool twice)
    {
        using var store = new ParameterStore();
        ParameterGroup group = store.Group("weights");
        Parameter a = group.Add("a", Four, Initializers.Normal(0, 1)), b = group.Add("b", Four, Initializers.Normal(0, 1));
        store.Allocate(_backend, DType.Float64);
        store.Initialize(2);
        using var adam = new Adam(store, [new OptimizerGroup(group, 0.01)], []);
        for (int i = 0; i < 3; i++)
        {
            using var step = new Step(_backend);
            Tensor y = product(step, a.Value, twice ? a.Value : b.Value);
            adam.BackwardAndStep(step, step.Sum(step.Square(step.Add(y, b.Value))));
        }

        return group.Values.ToDoubles();
    }
}
