using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
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
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Check.Activation(Op, "the input", input);
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
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Check.Activation(Op, "the input", input);
        CheckProbability(Op, probability);
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

    /// <summary>Dropout of ReLU(x + bias) in one pass over memory; see <see cref="Relu"/> and <see cref="Dropout"/>.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[…, C].</param>
    /// <param name="bias">[C], or null for none.</param>
    /// <param name="probability">0 (no dropout, the stream is not used) up to, not including, 1.</param>
    /// <param name="stream">The random numbers: element i is dropped where number i is below the probability.</param>
    /// <param name="takeInput">
    /// Whether the caller will not read the input again, as if it called <see cref="Step.Release"/>: then the output takes the input's memory where no backward rule and
    /// nobody else needs it. What <see cref="Step.Keep"/> names stays as it is.
    /// </param>
    /// <returns>The shape of the input.</returns>
    /// <remarks>PyTorch: <c>F.dropout(F.relu(x + bias))</c>. Only the output is kept for the backward rule: an element is positive where it was neither cut nor dropped.</remarks>
    public static Tensor BiasReluDropout(this Step step, Tensor input, Tensor? bias, double probability = 0, RandomStream stream = default, bool takeInput = false)
    {
        const string Op = "bias_relu_dropout";
        using BackendScope scope = Check.Enter(step, Op, [input], [bias]);
        Check.Parameters(Op, input, bias);
        Check.MinimumRank(Op, input, 1);
        if (bias is not null)
        {
            Check.Shape(Op, "the bias", bias, new Shape(input.Shape[-1]));
        }

        CheckProbability(Op, probability);
        Tensor output = takeInput && step.TryTake(input) is { } taken ? taken : step.New(input.Shape, input.DType);
        step.Backend.Activation.BiasReluDropout(input, bias, (float)probability, stream, output);
        if (step.Wants(input, bias))
        {
            step.Record(Op, output, [output], gradOutput =>
            {
                Target gradInput = step.TargetOver(input, output);
                step.Backend.Activation.BiasReluDropoutBackward(output, (float)probability, gradOutput, gradInput, step.TargetFor(bias));
            });
        }

        if (takeInput && !input.IsKept)
        {
            step.Release(input);
        }

        return output;
    }

    private static void CheckProbability(string op, double probability)
    {
        if (!(probability >= 0 && probability < 1))
        {
            throw new ShapeException($"{op}: the probability is {probability}; it must be 0 or more and below 1");
        }
    }
}
