using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Cudnn;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>
/// Convolutions by cuDNN: channels last, filters [out, kh, kw, in]. Where none of its engines adds to what is there, the result goes through a buffer. So do gradients of filters that are kept in
/// single precision beside bfloat16 activations: they are summed in single precision and rounded once, as autocast does in PyTorch, and added up in single precision.
/// </summary>
/// <remarks>
/// Engines that give single-precision gradients of bfloat16 factors exist, but on an H200 cuDNN 9.19 took 1.56 ms with one where 0.07 ms do for the rounded gradient (64 to 64 channels, 48 images
/// of 81x81), and 0.42 for 0.16 at 256 channels.
/// </remarks>
internal sealed class LibraryConvolution(DeviceContext context) : IDescribable, IDisposable
{
    private const ulong Vector = 16;

    private readonly ConvolutionPlans _plans = new(context);
    private ConvolutionKey _current;

    /// <summary>Runs a convolution; false where cuDNN has no engine for it.</summary>
    /// <param name="kind">Which of its products.</param>
    /// <param name="geometry">Its sizes.</param>
    /// <param name="input">The input, or its gradient.</param>
    /// <param name="filter">The filter, or its gradient.</param>
    /// <param name="output">The output, or its gradient.</param>
    /// <param name="accumulate">Whether to add to the gradient.</param>
    public bool TryRun(ConvolutionKind kind, in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor output, bool accumulate)
    {
        Tensor target = kind switch { ConvolutionKind.BackwardInput => input, ConvolutionKind.BackwardFilter => filter, _ => output };
        DType type = kind == ConvolutionKind.Forward ? input.DType : output.DType;
        bool direct = type == target.DType;
        if (direct && TryExecute(kind, geometry, type, input, filter, output, target, context.Pointer(target), accumulate))
        {
            return true;
        }

        if (direct && !accumulate)
        {
            return false;
        }

        using Scratch buffer = context.Scratch(target.Count * type.Size());
        if (!TryExecute(kind, geometry, type, input, filter, output, target, buffer.Address, accumulate: false))
        {
            return false;
        }

        Collect(buffer.Address, type, target, accumulate);
        return true;
    }

    /// <inheritdoc/>
    public string Describe() => $"convolution {_current}";

    /// <summary>Destroys the plans.</summary>
    public void Dispose() => _plans.Dispose();

    private bool TryExecute(
        ConvolutionKind kind, in Conv2dGeometry geometry, DType type, Tensor input, Tensor filter, Tensor output, Tensor target, ulong address, bool accumulate)
    {
        ulong x = input == target ? address : context.Pointer(input), w = filter == target ? address : context.Pointer(filter), y = output == target ? address : context.Pointer(output);
        CudnnDataType operands = type == DType.BFloat16 ? CudnnDataType.Bfloat16 : CudnnDataType.Float;
        _current = new ConvolutionKey(kind, geometry, operands, Alignment(x | w | y, type.Size()), accumulate);
        if (accumulate && context.Options.Autotune && !_plans.Knows(_current))
        {
            TimeOnCopy(input == target ? 0 : x, filter == target ? 0 : w, output == target ? 0 : y, target);
        }

        if (_plans.Find(_current, x, w, y) is not { } plan)
        {
            return false;
        }

        using Scratch workspace = context.Scratch(plan.WorkspaceBytes);
        context.Commands.Issue([(ulong)CommandKind.Convolution, (ulong)plan.Index, x, w, y, plan.WorkspaceBytes == 0 ? 0 : workspace.Address], this);
        return true;
    }

    /// <summary>Engines that add to their result must be timed on another one than the tensor that they are meant for.</summary>
    private void TimeOnCopy(ulong input, ulong filter, ulong output, Tensor target)
    {
        long bytes = target.Count * target.DType.Size();
        using Scratch trial = context.Scratch(bytes);
        context.Commands.Issue([(ulong)CommandKind.SetBytes, trial.Address, 0, (ulong)bytes], this);
        _plans.Find(_current, input == 0 ? trial.Address : input, filter == 0 ? trial.Address : filter, output == 0 ? trial.Address : output);
    }

    /// <summary>Brings a result from its buffer to the tensor.</summary>
    private void Collect(ulong buffer, DType type, Tensor target, bool accumulate)
    {
        long vectors = context.IsAligned(target) ? target.Count / 4 : 0;
        KernelCall call = type == target.DType
            ? context.Kernel("elementwise", "affine", target.DType).Pointer(buffer).Float(1).Float(0)
            : context.Kernel("elementwise", "cast_bfloat16_float32").Pointer(buffer);
        call.Tensor(target).Flag(accumulate).Count(vectors).Count(target.Count).Launch(LaunchShape.Vectors(vectors, target.Count));
    }

    private static int Alignment(ulong addresses, int least)
    {
        ulong lowest = addresses & (0 - addresses);
        return (int)Math.Max(Math.Min(lowest, Vector), (ulong)least);
    }
}
