using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.CustomOps;

/// <summary>What the backward kernel of an op has at hand; it ends with the call.</summary>
public readonly ref struct BackwardContext
{
    private readonly BackwardCall _call;

    internal BackwardContext(BackwardCall call) => _call = call;

    /// <summary>The backend that computes: <c>CpuBackend</c>, <c>CudaBackend</c>. Its type says which kernel to run.</summary>
    public Backend Device => _call.Step.Backend.Device;

    /// <summary>The step's backend, whose kernels an op may use as a part of its own.</summary>
    public Backend Backend => _call.Step.Backend;

    /// <summary>The gradient of the output, of its shape and type, to be read only.</summary>
    public Tensor OutputGradient => _call.Reads[0];

    /// <summary>What the forward kernel saved, in its order, to be read only.</summary>
    public IReadOnlyList<Tensor> Saved => _call.Saved;

    /// <summary>Whether the gradient of an input is wanted. It is for one input at least.</summary>
    /// <param name="input">The input's position.</param>
    public bool Wants(int input) => _call.Wants(input);

    /// <summary>Where the gradient of an input goes. Ask once for each input that <see cref="Wants"/> one, and write to it.</summary>
    /// <param name="input">The input's position.</param>
    /// <exception cref="InvalidOperationException">The input wants no gradient, or its target was given before.</exception>
    public GradientTarget TargetFor(int input) => _call.TargetFor(input);

    /// <summary>A tensor with arbitrary content for the time of the call.</summary>
    /// <exception cref="DeviceException">The backend does not compute in the type, or has no memory left.</exception>
    public Tensor Temporary(Shape shape, DType type) => _call.Temporaries.New(shape, type);

    /// <summary>The error for a device for which the op has no kernel, to be thrown.</summary>
    public DeviceException NoKernel() => _call.CustomOp.NoKernel(Device);
}

/// <summary>Where a backward kernel puts the gradient of an input.</summary>
/// <param name="Tensor">A tensor of the input's shape and type.</param>
/// <param name="Accumulate">Whether to add to what is there; otherwise every element is overwritten, whatever it held.</param>
public readonly record struct GradientTarget(Tensor Tensor, bool Accumulate);

/// <summary>One run of an op's backward kernel.</summary>
internal sealed class BackwardCall(Step step, CustomOp op, Tensor?[] inputs, Tensor[] saved, Tensor gradOutput, CallTensors temporaries)
    : CustomCall(op.Name, "backward", [gradOutput, .. saved], [.. inputs.OfType<Tensor>().Where(static input => input.RequiresGradient)])
{
    private readonly Tensor?[] _given = new Tensor?[inputs.Length];
    private readonly List<(Tensor Apart, Tensor Target)> _apart = [];

    public Step Step => step;

    public CustomOp CustomOp => op;

    public CallTensors Temporaries => temporaries;

    public IReadOnlyList<Tensor> Saved => saved;

    public override void Run() => op.Backward(new BackwardContext(this));

    public bool Wants(int input) => (uint)input < (uint)inputs.Length
        ? inputs[input] is { RequiresGradient: true }
        : throw new ArgumentOutOfRangeException(nameof(input), $"{Op}: the backward kernel names input {input}, and the op was applied to {inputs.Length}, counted from 0");

    public GradientTarget TargetFor(int input)
    {
        if (!Wants(input))
        {
            throw new InvalidOperationException($"{Op}: the backward kernel writes the gradient of input {input}, which wants none; ask Wants({input}) first");
        }

        if (_given[input] is not null)
        {
            throw new InvalidOperationException($"{Op}: the backward kernel asks for the gradient of input {input} a second time; ask once and write it in one go");
        }

        Target target = step.TargetFor(inputs[input]);
        Tensor tensor = target.Tensor!;

        // One tensor given as two inputs has one gradient. A kernel that writes both at a time would overwrite the one with the other, so the second is written apart and added at the end.
        if (Array.Exists(_given, other => other is not null && Overlap(other, tensor)))
        {
            Tensor apart = temporaries.Like(tensor);
            _apart.Add((apart, tensor));
            _given[input] = apart;
            return new GradientTarget(apart, Accumulate: false);
        }

        _given[input] = tensor;
        return new GradientTarget(tensor, target.Accumulate);
    }

    /// <summary>Refuses to go on where a gradient was left out, which would be found nowhere else, and adds up those of inputs that are the same.</summary>
    public void Finish()
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (Wants(i) && _given[i] is null)
            {
                throw new InvalidOperationException(
                    $"{Op}: the backward kernel left out the gradient of input {i}, {inputs[i]}, which wants one; ask TargetFor({i}) and write it, or override HasGradient where there is no derivative");
            }
        }

        foreach ((Tensor apart, Tensor target) in _apart)
        {
            step.Backend.Elementwise.Affine(apart, 1, 0, target, accumulate: true);
        }
    }

    private static bool Overlap(Tensor one, Tensor other) => one.Storage == other.Storage && one.Offset < other.Offset + other.Count && other.Offset < one.Offset + one.Count;
}
