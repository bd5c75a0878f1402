using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>ReLU and dropout.</summary>
public static class ActivationOps
{
    /// <summary>max(x, 0), with gradient 0 at 0.</summary>
    /// <remarks>PyTorch: <c>F.relu</c>.</remarks>
    public static Tensor Relu(this Step step, Tensor input)
    {
        const string Op = "relu";
        Check.Floating(Op, "the input", input);
        Tensor output = step.New(input.Shape, input.DType);
        step.Backend.Activation.Relu(input, output);
        if (step.Wants(input))
        {
            step.Record(Op, output, [output], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Activation.ReluBackward(output, gradOutput, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>Sets each element to 0 with a probability and divides the others by 1 - probability. The mask is a function of the stream, and is not kept.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="probability">0 (a copy) up to, not including, 1.</param>
    /// <param name="stream">The random numbers: element i is dropped where number i is below the probability.</param>
    /// <remarks>PyTorch: <c>F.dropout(training=True)</c>.</remarks>
    public static Tensor Dropout(this Step step, Tensor input, double probability, RandomStream stream)
    {
        const string Op = "dropout";
        Check.Floating(Op, "the input", input);
        if (!(probability >= 0 && probability < 1))
        {
            throw new ShapeException($"{Op}: the probability is {probability}; it must be 0 or more and below 1");
        }

        Tensor output = step.New(input.Shape, input.DType);
        step.Backend.Activation.Dropout(input, (float)probability, stream, output, accumulate: false);
        if (step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Activation.Dropout(gradOutput, (float)probability, stream, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }
}
