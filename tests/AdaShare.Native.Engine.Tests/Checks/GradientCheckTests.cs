using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checks;
using AdaShare.Native.Engine.CustomOps;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Engine.Tests.CustomOps;

namespace AdaShare.Native.Engine.Tests.Checks;

/// <summary>The gradient check finds right what is right, and of what is wrong says where and by how much.</summary>
[TestFixture]
public sealed class GradientCheckTests
{
    private static readonly GradientCheckInput A = new("a", new Shape(2, 3), [1, -2, 3, 0.5, -0.25, 2]), B = new("b", new Shape(2, 3), [4, 5, -6, 7, 0.1, -1]);

    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown()
    {
        Assert.That((_backend.Memory.LiveBuffers, _backend.OpenSteps), Is.EqualTo((0, 0)));
        _backend.Dispose();
    }

    [TestCase(DType.Float64)]
    [TestCase(DType.Float32)]
    public void Functions_of_the_engines_ops_are_right(DType type)
    {
        GradientCheckReport report = GradientCheck.Of(
            _backend, static (step, x) => step.Softmax(step.Exp(step.Multiply(x[0], step.Sigmoid(x[1])))), [A with { Values = [0.1, -0.2, 0.3, 0.5, -0.25, 0.2] }, B], new GradientCheckOptions { Type = type });
        Assert.That((report.IsCorrect, report.Worst, report.Comparisons), Is.EqualTo((true, (GradientComparison?)null, 2 * (6 + 1 + 6))));
        Assert.That(report.ToString(), Is.EqualTo("26 gradients are right"));
        Assert.That(report.ThrowIfWrong, Throws.Nothing);
    }

    [Test]
    public void Labels_filters_and_inputs_that_are_not_checked_go_in_as_they_are()
    {
        var labels = new GradientCheckInput("labels", new Shape(2), [2, 0]) { Type = DType.Int32 };
        var filter = new GradientCheckInput("filter", new Shape(3, 3, 1, 1), [1, 2, 3, -1, 0.5, 2, 0, 1, -2]) { IsFilter = true };
        GradientCheckReport report = GradientCheck.Of(
            _backend,
            (step, x) =>
            {
                Assert.That(x[3].RequiresGradient, Is.False);
                Tensor logits = step.Reshape(step.Conv2d(step.Reshape(x[0], new Shape(2, 1, 1, 3)), x[2]), new Shape(2, 3));
                return step.CrossEntropy(step.Add(logits, x[3]), x[1]);
            },
            [A, labels, filter, B with { IsChecked = false }]);
        Assert.That(report.IsCorrect, report.ToString());
        Assert.That(report.Comparisons, Is.EqualTo(6 + 1 + 6 + 9 + 1 + 9), "of the features and the filter");
    }

    [Test]
    public void A_wrong_element_is_named_with_what_was_found_and_expected()
    {
        GradientCheckReport report = GradientCheck.Of(_backend, static (step, x) => step.Apply(Wrong(element: 5), x[0], x[1]), [A, B]);
        Assert.That(report.IsCorrect, Is.False);
        GradientComparison worst = report.Worst!;
        Assert.That((worst.Input, worst.Kind, worst.Element), Is.EqualTo(("b", GradientComparisonKind.Element, 5)));
        Assert.That(worst.Index, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(worst.Found, Is.EqualTo(2 * worst.Expected).Within(1e-6), "the rule doubles it");
        Assert.That(report.Failures, Has.Count.EqualTo(1), "of a alone nothing is wrong");
        Assert.That(report.ThrowIfWrong, Throws.TypeOf<AdaShareException>().With.Message.Match(@"^gradient check: the gradient of b at \[1, 2\] is -?[\d.]+, central differences give -?[\d.]+ \(allowed: [\dE.-]+ apart\)$"));
    }

    [Test]
    public void An_element_that_is_not_moved_alone_is_found_by_the_direction_through_all()
    {
        GradientCheckReport report = GradientCheck.Of(_backend, static (step, x) => step.Apply(Wrong(element: 5), x[0], x[1]), [A, B], new GradientCheckOptions { ElementsPerInput = 0 });
        Assert.That(report.Worst!.Kind, Is.EqualTo(GradientComparisonKind.Direction));
        Assert.That(report.ToString(), Does.StartWith("the gradient of b along a direction through all elements is "));
    }

    [Test]
    public void A_rule_that_overwrites_where_it_should_add_is_found()
    {
        var op = new OpOf
        {
            BackwardKernel = static context =>
            {
                context.Backend.Elementwise.Binary(BinaryOp.Multiply, context.OutputGradient, context.Saved[1], context.TargetFor(0).Tensor);
                context.Backend.Elementwise.Binary(BinaryOp.Multiply, context.OutputGradient, context.Saved[0], context.TargetFor(1).Tensor);
            },
        };
        GradientCheckReport report = GradientCheck.Of(_backend, (step, x) => step.Apply(op, x[0], x[1]), [A, B]);
        Assert.That(report.Failures.Select(static failure => (failure.Input, failure.Kind)), Is.EquivalentTo(new[] { ("a", GradientComparisonKind.Accumulation), ("b", GradientComparisonKind.Accumulation) }));
        Assert.That(report.ToString(), Does.Contain("after two uses").And.Contain("a backward rule must add where its target says so").And.Contain("others are wrong in "));
    }

    [Test]
    public void A_gradient_that_does_not_arrive_is_named()
    {
        GradientCheckReport report = GradientCheck.Of(_backend, static (step, x) => step.Apply(new OpOf { Differentiable = static input => input == 0 }, x[0], x[1]), [A, B]);
        Assert.That(report.ToString(), Is.EqualTo("no gradient of b arrived"));
    }

    [Test]
    public void A_gradient_that_is_not_a_number_is_wrong()
    {
        var op = new OpOf
        {
            BackwardKernel = static context =>
            {
                context.Backend.Elementwise.Fill(context.TargetFor(0).Tensor, double.NaN);
                context.Backend.Elementwise.Fill(context.TargetFor(1).Tensor, double.NaN);
            },
        };
        Assert.That(GradientCheck.Of(_backend, (step, x) => step.Apply(op, x[0], x[1]), [A, B]).Failures, Has.Count.EqualTo(2));
    }

    [Test]
    public void What_cannot_be_checked_is_refused_in_a_sentence()
    {
        Assert.That(() => Of(static (step, x) => x[0], A with { Values = [1] }), Throws.TypeOf<ShapeException>().With.Message.EqualTo("gradient check: a has shape [2, 3] and 1 values; give 6"));
        Assert.That(() => Of(static (step, x) => x[0], A with { IsChecked = false }), Throws.TypeOf<ShapeException>().With.Message.Contains("no input has a gradient to check"));
        Assert.That(() => Of(static (step, x) => x[0], A with { Type = DType.Float32 }), Throws.TypeOf<ShapeException>().With.Message.Contains("a names Float32; leave the type of floating inputs open"));
        Assert.That(() => Of(static (step, x) => step.New(new Shape(2), DType.Float64), A), Throws.TypeOf<ShapeException>().With.Message.Contains("the output depends on no input that is checked"));
        Assert.That(() => Of(static (step, x) => step.Cast(x[0], DType.Float32), A), Throws.TypeOf<ShapeException>().With.Message.Contains("the output is Float32 [2, 3], the check computes in Float64"));
        Assert.That(() => Of(static (step, x) => null!, A), Throws.TypeOf<ShapeException>().With.Message.Contains("returned null"));
        Assert.That(
            () => GradientCheck.Of(_backend, static (step, x) => x[0], [A], new GradientCheckOptions { Type = DType.BFloat16 }), Throws.TypeOf<ShapeException>().With.Message.Contains("can't be done in BFloat16"));
    }

    private GradientCheckReport Of(Func<Step, IReadOnlyList<Tensor>, Tensor> function, GradientCheckInput input) => GradientCheck.Of(_backend, function, [input]);

    /// <summary>The product, with one element of the right side's gradient doubled.</summary>
    private static OpOf Wrong(int element) => new()
    {
        BackwardKernel = context =>
        {
            OpOf.Write(context, context.Saved[1], context.TargetFor(0));
            GradientTarget target = context.TargetFor(1);
            Tensor factor = context.Temporary(context.Saved[0].Shape, context.Saved[0].DType);
            double[] values = context.Saved[0].ToDoubles();
            values[element] *= 2;
            factor.CopyFromDoubles(values);
            OpOf.Write(context, factor, target);
        },
    };
}
