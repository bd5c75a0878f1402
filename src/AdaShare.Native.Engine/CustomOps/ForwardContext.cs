using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.CustomOps;

/// <summary>What the forward kernel of an op has at hand; it ends with the call.</summary>
public readonly ref struct ForwardContext
{
    private readonly ForwardCall _call;

    internal ForwardContext(ForwardCall call) => _call = call;

    /// <summary>The backend that computes: <c>CpuBackend</c>, <c>CudaBackend</c>. Its type says which kernel to run.</summary>
    public Backend Device => _call.Step.Backend.Device;

    /// <summary>The step's backend, whose kernels an op may use as a part of its own.</summary>
    public Backend Backend => _call.Step.Backend;

    /// <summary>The inputs, to be read only.</summary>
    public IReadOnlyList<Tensor> Inputs => _call.Reads;

    /// <summary>The output, of the shape and type of <see cref="CustomOp.OutputOf"/> and with arbitrary content.</summary>
    public Tensor Output => _call.Writes[0];

    /// <summary>Whether <see cref="CustomOp.Backward"/> may follow. Where it is false, what is computed only to be saved can be left out.</summary>
    public bool NeedsBackward => _call.NeedsBackward;

    /// <summary>A tensor with arbitrary content for the time of the call, or until the backward kernel has run where it is saved.</summary>
    /// <exception cref="DeviceException">The backend does not compute in the type, or has no memory left.</exception>
    public Tensor Temporary(Shape shape, DType type) => _call.Temporaries.New(shape, type);

    /// <summary>Keeps what the backward kernel reads, in the order in which <see cref="BackwardContext.Saved"/> gives it. Call it once; what is not saved may be gone by then.</summary>
    /// <param name="tensors">Inputs, the output, and tensors of <see cref="Temporary"/>.</param>
    /// <exception cref="InvalidOperationException">It was called before, or one of the tensors is none of these.</exception>
    public void Save(params ReadOnlySpan<Tensor> tensors) => _call.Save(tensors);

    /// <summary>The error for a device for which the op has no kernel, to be thrown.</summary>
    public DeviceException NoKernel() => _call.CustomOp.NoKernel(Device);
}

/// <summary>One run of an op's forward kernel.</summary>
internal sealed class ForwardCall(Step step, CustomOp op, Tensor[] inputs, Tensor output, CallTensors temporaries, bool needsBackward) : CustomCall(op.Name, "forward", inputs, [output])
{
    private Tensor[]? _saved;

    public Step Step => step;

    public CustomOp CustomOp => op;

    public CallTensors Temporaries => temporaries;

    public bool NeedsBackward => needsBackward;

    public Tensor[] Saved => _saved ?? [];

    public override void Run() => op.Forward(new ForwardContext(this));

    public void Save(ReadOnlySpan<Tensor> tensors)
    {
        if (_saved is not null)
        {
            throw new InvalidOperationException($"{Op}: the forward kernel saves a second time; name all tensors in one call of Save");
        }

        foreach (Tensor tensor in tensors)
        {
            if (tensor is null || (tensor != output && !inputs.Contains(tensor) && !temporaries.Has(tensor)))
            {
                string what = tensor is null ? "nothing (null)" : tensor.Home is { } home && home != step ? $"{tensor}, which belongs to another step" : $"{tensor}, which is not of this call";
                throw new InvalidOperationException($"{Op}: the forward kernel saves {what}; save inputs, the output, and tensors of Temporary");
            }
        }

        _saved = tensors.ToArray();
    }
}
