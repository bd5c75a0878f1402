using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Softmax and log-softmax over the last axis.</summary>
public static class SoftmaxOps
{
    /// <summary>e^x / sum e^x over the last axis.</summary>
    /// <remarks>PyTorch: <c>F.softmax(x, -1)</c>.</remarks>
    public static Tensor Softmax(this Step step, Tensor input) => Run(step, "softmax", input, logarithm: false);

    /// <summary>x - log sum e^x over the last axis.</summary>
    /// <remarks>PyTorch: <c>F.log_softmax(x, -1)</c>.</remarks>
    public static Tensor LogSoftmax(this Step step, Tensor input) => Run(step, "log_softmax", input, logarithm: true);

    private static Tensor Run(Step step, string op, Tensor input, bool logarithm)
    {
        using BackendScope scope = Check.Enter(step, op, [input]);
        Check.Floating(op, "the input", input);
        Check.MinimumRank(op, input, 1);
        Tensor output = step.New(input.Shape, input.DType);
        step.Backend.Softmax.Forward(input, logarithm, output);
        if (step.Wants(input))
        {
            step.Record(op, output, [output], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Softmax.Backward(output, logarithm, gradOutput, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }
}
