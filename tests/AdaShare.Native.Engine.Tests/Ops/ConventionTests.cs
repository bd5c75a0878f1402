using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Ops;

/// <summary>Gradients at kinks, where central differences say nothing and the documentation of the op does.</summary>
[TestFixture]
public sealed class ConventionTests
{
    [Test]
    public void Relu_has_gradient_0_at_0() => Check([0, 0, 1], [-1, 0, 2], (step, x) => step.Relu(x));

    [Test]
    public void Batch_norm_with_relu_has_gradient_0_at_0() => Check(
        [0, 0, 0],
        [3, 3, 3],
        (step, x) => step.BatchNormInference(step.Reshape(x, new Shape(3, 1)), Vector(step, 1), Vector(step, -3), Vector(step, 0), Vector(step, 1), epsilon: 0, relu: true));

    [Test]
    public void Abs_has_gradient_0_at_0() => Check([-1, 0, 1], [-3, 0, 2], (step, x) => step.Abs(x));

    [Test]
    public void Max_sends_its_gradient_to_the_first_maximum() => Check([0, 1, 0, 0], [1, 5, 5, 5], (step, x) => step.Max(x));

    [Test]
    public void Max_pool_sends_its_gradient_to_the_first_maximum_in_row_major_order() =>
        Check([0, 0, 2, 0, 0, 0], [1, 1, 5, 5, 5, 1], (step, x) => step.MaxPool2d(step.Reshape(x, new Shape(1, 3, 2, 1)), kernel: 2, stride: 1));

    [Test]
    public void K_max_pool_takes_the_earlier_of_equal_columns() =>
        Check([0, 1, 1, 0, 1, 0], [1, 5, 3, 2, 3, 3], (step, x) => step.KMaxPool(step.Reshape(x, new Shape(1, 1, 6, 1)), 3));

    [Test]
    public void An_embedding_leaves_the_row_of_the_padding_index_without_gradient() => Check(
        [0, 0, 2, 2, 1, 1],
        [1, 2, 3, 4, 5, 6],
        (step, x) => step.Embedding(step.FromHost<byte>(new Shape(2, 3), [1, 0, 2, 0, 1, 0]), step.Reshape(x, new Shape(3, 2)), paddingIndex: 0));

    [Test]
    public void L1_loss_has_gradient_0_where_the_prediction_is_exact() =>
        Check([-1.0 / 3, 0, 1.0 / 3], [1, 2, 4], (step, x) => step.L1Loss(x, step.FromDoubles(new Shape(3), DType.Float64, [3, 2, 1]), step.FromHost<byte>(Shape.Scalar, [1])));

    [Test]
    public void Cosine_loss_holds_the_length_of_a_prediction_at_1e_minus_12() =>
        Check([-0.6e12, -0.8e12], [0, 0], (step, x) => step.CosineLoss(x, step.FromDoubles(new Shape(2), DType.Float64, [3, 4]), step.FromHost<byte>(Shape.Scalar, [1])));

    [Test]
    public void Gated_residual_is_closed_at_0() => Check(
        [0, 0, 0.25],
        [-2, -1, 0],
        (step, x) => step.GatedResidual(
            step.Reshape(x, new Shape(1, 1, 1, 3)), step.FromDoubles(new Shape(1, 1, 1, 3), DType.Float64, [1, 1, 1]), step.FromDoubles(new Shape(1, 2), DType.Float64, [0.25, 0.75])));

    private static Tensor Vector(Step step, double value) => step.FromDoubles(new Shape(1), DType.Float64, [value]);

    /// <summary>Holds the gradient of the sum of an op's output against what the op's documentation says.</summary>
    private static void Check(double[] expected, double[] values, Func<Step, Tensor, Tensor> op)
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        Tensor x = step.Watch(step.FromDoubles(new Shape(values.Length), DType.Float64, values));
        step.Backward(step.Sum(op(step, x)));
        Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(expected).Within(1e-12).Percent);
    }
}
