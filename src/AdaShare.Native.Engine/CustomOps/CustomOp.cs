using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.CustomOps;

/// <summary>
/// An op that is written outside the engine: what its output is, and its two kernels. <see cref="CustomOpCalls.Apply"/> runs it on a step, which records, recomputes, profiles and captures it and plans its memory as
/// it does for its own ops.
/// </summary>
/// <remarks>
/// <para>PyTorch: <c>torch.autograd.Function</c>; candle: <c>CustomOp1</c>. An op has one output, for which the engine gets the memory, so that no op can return a tensor that is somebody else's or was returned before.</para>
/// <para>
/// One object may be applied many times, on several steps: whatever a call has to remember goes through <see cref="ForwardContext.Save"/>, never into a field. Both kernels must be functions of their tensors and of
/// what the object was created with, with the same bits each time: <see cref="Autograd.Step.Recompute"/> runs the forward kernel twice, and <see cref="Autograd.Step.BackwardProducts"/> the backward kernel once for
/// each loss. Ops of the step that are called meanwhile are not recorded.
/// </para>
/// <para>Check a new op with <see cref="Checks.GradientCheck.Of"/>.</para>
/// </remarks>
public abstract class CustomOp
{
    /// <summary>The name in messages and profiles, in snake case as the engine's ops have it.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// What the op makes of its inputs, and the place to refuse inputs that don't fit, by <see cref="RequireCount"/>, <see cref="RequireShape"/>, <see cref="RequireType"/> and <see cref="Refuse"/>: the kernels
    /// then need no checks.
    /// </summary>
    /// <param name="inputs">The inputs, none of them null or freed.</param>
    /// <exception cref="ShapeException">The inputs don't fit.</exception>
    public abstract OutputSpec OutputOf(ReadOnlySpan<Tensor> inputs);

    /// <summary>Whether the output has a derivative with respect to an input: true unless it is overridden, for example for the targets of a loss. Inputs of integers never have one.</summary>
    /// <param name="input">The input's position.</param>
    public virtual bool HasGradient(int input) => true;

    /// <summary>Writes every element of <see cref="ForwardContext.Output"/>, whose content is arbitrary before, and saves what <see cref="Backward"/> reads.</summary>
    public abstract void Forward(ForwardContext context);

    /// <summary>Writes or adds the gradient of each input that wants one; see <see cref="BackwardContext.TargetFor"/>. Called only where one does.</summary>
    public abstract void Backward(BackwardContext context);

    /// <summary>An error that begins with the op's name, to be thrown from <see cref="OutputOf"/>.</summary>
    /// <param name="problem">What was found, what was expected, and what to do.</param>
    protected ShapeException Refuse(string problem) => new($"{Name}: {problem}");

    /// <summary>Refuses another number of inputs.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="names">What each is called, for the message.</param>
    /// <exception cref="ShapeException">There are more or fewer.</exception>
    protected void RequireCount(ReadOnlySpan<Tensor> inputs, params ReadOnlySpan<string> names)
    {
        if (inputs.Length != names.Length)
        {
            throw Refuse($"it has {inputs.Length} inputs, expected {names.Length}: {string.Join(", ", names)}");
        }
    }

    /// <summary>Refuses another shape.</summary>
    /// <param name="argument">What the tensor is, as the subject of a sentence: <c>the bias</c>.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="expected">Its shape.</param>
    /// <exception cref="ShapeException">It has another one.</exception>
    protected void RequireShape(string argument, Tensor tensor, Shape expected)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Check.Shape(Name, argument, tensor, expected);
    }

    /// <summary>Refuses another element type.</summary>
    /// <param name="argument">What the tensor is, as the subject of a sentence: <c>the bias</c>.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="allowed">The types that it may have.</param>
    /// <exception cref="ShapeException">It has another one.</exception>
    protected void RequireType(string argument, Tensor tensor, params ReadOnlySpan<DType> allowed)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!allowed.Contains(tensor.DType))
        {
            throw Refuse($"{argument} is {tensor}; it must be {string.Join(" or ", allowed.ToArray())}, so cast it first");
        }
    }

    /// <summary>The error for a device for which there is no kernel.</summary>
    internal DeviceException NoKernel(Backend device) => new($"{Name}: the op has no kernel for {device.Name} ({device.GetType().Name}); compute on another device, or write one");
}

/// <summary>What an op makes.</summary>
/// <param name="Shape">The output's shape.</param>
/// <param name="DType">Its element type. Where that is no floating type, no gradient flows through the op.</param>
public readonly record struct OutputSpec(Shape Shape, DType DType);
