using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Safety;

/// <summary>What a backward rule reads must be what the forward pass saw.</summary>
[TestFixture]
public sealed class OverwrittenTests
{
    private ReferenceBackend _backend = null!;
    private ParameterStore _store = null!;
    private ParameterGroup _weights = null!;
    private Parameter _first = null!;
    private Parameter _second = null!;
    private BatchNormLayer _norm = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _store = new ParameterStore();
        _weights = _store.Group("weights");
        _first = _weights.Add("first", new Shape(3), Initializers.Constant(2));
        _second = _weights.Add("second", new Shape(3), Initializers.Constant(3));
        _norm = new BatchNormLayer(_weights, _store.Group("buffers", isBuffer: true), _store, "norm", 3);
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
    public void An_input_that_the_host_wrote_to_since_is_named()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), loss = step.Sum(step.Square(x));
        x.CopyFromDoubles([7, 8, 9]);
        Assert.That(
            () => step.Backward(loss),
            Throws.InvalidOperationException.With.Message.Contains("square saved Float64 [3]").And.Message.Contains("overwritten 1 times").And.Message.Contains("after Backward"));
    }

    [Test]
    public void Every_way_of_writing_counts()
    {
        Action<Tensor>[] ways =
        [
            static x => x.CopyFrom<double>([1, 2, 3]), static x => x.CopyPrefixFrom<double>([1]), static x => x.View(new Shape(3, 1)).CopyFrom<double>([1, 2, 3]),
            static x => x.Part(1, new Shape(1)).CopyFrom<double>([1]), static x => x.Backend.Upload(new byte[8], x),
        ];
        foreach (Action<Tensor> write in ways)
        {
            using var step = new Step(_backend);
            Tensor x = step.Watch(Input(step)), loss = step.Sum(step.Square(x));
            write(x);
            Assert.That(() => step.Backward(loss), Throws.InvalidOperationException);
        }
    }

    [Test]
    public void What_no_rule_reads_may_be_written_to()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), loss = step.Sum(step.Scale(x, 3));
        x.CopyFromDoubles([7, 8, 9]);
        step.Backward(loss);
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.All.EqualTo(3));
    }

    [Test]
    public void A_parameter_that_an_optimiser_moved_since_is_named()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_weights, 0.1)], []);
        using var step = new Step(_backend);
        Tensor loss = step.Sum(step.Multiply(step.Watch(Input(step)), _first.Value));
        optimizer.Step();
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException.With.Message.Contains("multiply saved").And.Message.Contains("of parameter first"));
    }

    [Test]
    public void A_parameter_that_another_step_moved_during_its_backward_pass_is_named()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_weights, 0.1)], []);
        using Step step = new(_backend), other = new(_backend);
        Tensor loss = step.Sum(step.Square(_first.Value));
        optimizer.BackwardAndStep(other, other.Sum(other.Square(_first.Value)));
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException.With.Message.Contains("of parameter first"));
    }

    [Test]
    public void Parameters_that_move_once_their_gradient_is_complete_disturb_nobody()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_weights, 0.1)], []);
        using var step = new Step(_backend);
        Tensor x = Input(step);
        Tensor loss = step.Sum(step.Square(step.Multiply(step.Multiply(x, _first.Value), _second.Value)));
        optimizer.BackwardAndStep(step, loss);
        Assert.That(_first.Value.ToDoubles()[0], Is.EqualTo(2 - (0.1 * 2 * 2 * 9)).Within(1e-12));
    }

    [Test]
    public void A_write_to_one_parameter_leaves_its_neighbours_alone()
    {
        using var step = new Step(_backend);
        Tensor loss = step.Sum(step.Square(_first.Value));
        _second.Value.CopyFromDoubles([7, 8, 9]);
        step.Backward(loss);
        Assert.That(step.GradientOf(_first.Value)!.ToDoubles(), Is.All.EqualTo(4));
    }

    [Test]
    public void With_moving_nothing_has_moved_when_something_was_overwritten()
    {
        using var optimizer = new Sgd(_store, [new OptimizerGroup(_weights, 0.1)], []);
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), loss = step.Sum(step.Multiply(step.Square(x), _second.Value));
        x.CopyFromDoubles([7, 8, 9]);
        Assert.That(() => optimizer.BackwardAndStep(step, loss), Throws.InvalidOperationException);
        Assert.That(_second.Value.ToDoubles(), Is.All.EqualTo(3));
        Assert.That(optimizer.StepCount, Is.Zero);
    }

    [Test]
    public void Running_statistics_that_moved_since_are_named()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(step.FromDoubles(new Shape(2, 3), DType.Float64, [1, 2, 3, 4, 5, 6])), loss = step.Sum(_norm.Forward(step, x, training: false));
        _norm.Forward(step, x, training: true);
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException.With.Message.Contains("batch_norm_inference saved").And.Message.Contains("norm.running_"));
    }

    [Test]
    public void The_input_of_what_is_recomputed_must_be_the_same()
    {
        using var step = new Step(_backend);
        Tensor x = step.Watch(Input(step)), loss = step.Sum(step.Recompute([x], () => step.Scale(x, 2)));
        x.CopyFromDoubles([7, 8, 9]);
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException.With.Message.Contains("recompute saved"));
    }

    [Test]
    public void Values_given_by_hand_are_new_to_those_rounded_and_to_recorded_ops()
    {
        using var step = new Step(_backend);
        Tensor rounded = _first.For(DType.BFloat16);
        Tensor loss = step.Sum(step.Multiply(step.Watch(step.Cast(Input(step), DType.BFloat16)), rounded));
        _first.Fill(static _ => 5);
        Assert.That(_first.For(DType.BFloat16).ToDoubles(), Is.All.EqualTo(5));
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException);
    }

    [Test]
    public void A_value_copied_in_is_rounded_again()
    {
        Assert.That(_first.For(DType.BFloat16).ToDoubles(), Is.All.EqualTo(2));
        _first.Value.CopyFromDoubles([4, 4, 4]);
        Assert.That(_first.For(DType.BFloat16).ToDoubles(), Is.All.EqualTo(4));
    }

    private static Tensor Input(Step step) => step.FromDoubles(new Shape(3), DType.Float64, [1, 1, 1]);
}
