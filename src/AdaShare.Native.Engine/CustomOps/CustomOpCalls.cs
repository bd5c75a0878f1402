using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.CustomOps;

/// <summary>Ops from outside the engine on a step.</summary>
public static class CustomOpCalls
{
    /// <summary>Runs an op that is written outside the engine.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="op">The op.</param>
    /// <param name="inputs">What <see cref="CustomOp.OutputOf"/> accepts.</param>
    /// <returns>The op's output.</returns>
    /// <exception cref="ShapeException">The inputs don't fit; as the op says.</exception>
    /// <exception cref="DeviceException">The op has no kernel for the step's device, or the device does not compute in the output's type.</exception>
    /// <exception cref="InvalidOperationException">The op saves what is not of this call; or, in the backward pass, writes or leaves out gradients that it should not.</exception>
    public static Tensor Apply(this Step step, CustomOp op, params ReadOnlySpan<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        string name = op.Name;
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new ArgumentException($"custom op: the op of type {op.GetType().Name} has no name; messages and profiles show it, so give it one", nameof(op));
        }

        Tensor[] held = inputs.ToArray();
        using BackendScope scope = Check.Enter(step, name, held);
        OutputSpec spec = op.OutputOf(held);
        using var temporaries = new CallTensors(step);
        Tensor output = step.New(spec.Shape, spec.DType);
        Tensor?[] differentiable = [.. held.Select((input, i) => spec.DType.IsFloating() && op.HasGradient(i) ? input : null)];
        var call = new ForwardCall(step, op, held, output, temporaries, step.Wants(differentiable));
        Run(step, call, output);

        // Asked again, since ops that the kernel called have asked in between.
        if (step.Wants(differentiable))
        {
            Tensor[] saved = call.Saved;
            step.Record(name, output, saved, gradOutput => Backward(step, op, differentiable, saved, gradOutput));
        }

        return output;
    }

    private static void Run(Step step, ForwardCall call, Tensor output)
    {
        try
        {
            using (step.PauseRecording())
            {
                step.Backend.Custom.Run(call);
            }
        }
        catch
        {
            step.Release(output);
            throw;
        }
    }

    private static void Backward(Step step, CustomOp op, Tensor?[] inputs, Tensor[] saved, Tensor gradOutput)
    {
        // Parameters may have been frozen since.
        if (!Array.Exists(inputs, static input => input is { RequiresGradient: true }))
        {
            return;
        }

        using var temporaries = new CallTensors(step);
        var call = new BackwardCall(step, op, inputs, saved, gradOutput, temporaries);
        using (step.PauseRecording())
        {
            step.Backend.Custom.Run(call);
        }

        call.Finish();
    }
}
