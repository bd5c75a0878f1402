using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.CustomOps;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.CustomOps;

/// <summary>A forward kernel.</summary>
internal delegate void ForwardKernel(ForwardContext context);

/// <summary>A backward kernel.</summary>
internal delegate void BackwardKernel(BackwardContext context);

/// <summary>An op from outside the engine with whatever kernels a test gives it; unless it does, the product of two tensors of one shape, by the backend's own kernels.</summary>
internal sealed class OpOf : CustomOp
{
    public override string Name => Called;

    public string Called { get; init; } = "product";

    public ForwardKernel ForwardKernel { get; init; } = Multiply;

    public BackwardKernel BackwardKernel { get; init; } = MultiplyBackward;

    public Predicate<int> Differentiable { get; init; } = static _ => true;

    public DType? OutputType { get; init; }

    public override OutputSpec OutputOf(ReadOnlySpan<Tensor> inputs)
    {
        RequireCount(inputs, "left", "right");
        RequireType("the left side", inputs[0], DType.Float32, DType.Float64);
        RequireShape("the right side", inputs[1], inputs[0].Shape);
        return inputs[0].Count > 0 ? new OutputSpec(inputs[0].Shape, OutputType ?? inputs[0].DType) : throw Refuse("the left side is empty; give elements");
    }

    public override bool HasGradient(int input) => Differentiable(input);

    public override void Forward(ForwardContext context) => ForwardKernel(context);

    public override void Backward(BackwardContext context) => BackwardKernel(context);

    public static void Multiply(ForwardContext context)
    {
        context.Backend.Elementwise.Binary(BinaryOp.Multiply, context.Inputs[0], context.Inputs[1], context.Output);
        context.Save(context.Inputs[0], context.Inputs[1]);
    }

    /// <summary>Asks for all targets before it writes to the first, as a kernel does that writes them at a time.</summary>
    public static void MultiplyBackward(BackwardContext context)
    {
        GradientTarget? left = context.Wants(0) ? context.TargetFor(0) : null, right = context.Wants(1) ? context.TargetFor(1) : null;
        Write(context, context.Saved[1], left);
        Write(context, context.Saved[0], right);
    }

    public static void Write(BackwardContext context, Tensor factor, GradientTarget? target)
    {
        if (target is { } wanted)
        {
            Tensor product = context.Temporary(factor.Shape, factor.DType);
            context.Backend.Elementwise.Binary(BinaryOp.Multiply, context.OutputGradient, factor, product);
            context.Backend.Elementwise.Affine(product, 1, 0, wanted.Tensor, wanted.Accumulate);
        }
    }
}
