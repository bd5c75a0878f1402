using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Cudnn;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>
/// Convolutions by cuDNN: channels last, filters [out, kh, kw, in]. Sums onto an earlier gradient go through a buffer of their own, because only some of cuDNN's engines add to what is
/// there; the bias is a kernel of ours.
/// </summary>
internal sealed class ConvolutionKernels(DeviceContext context) : IConvolutionKernels, IDescribable, IDisposable
{
    private const string Module = "convolution";
    private const ulong Vector = 16;
    private const int Bfloat16Bytes = 2;

    private readonly ConvolutionPlans _plans = new(context);
    private ConvolutionKey _current;

    /// <inheritdoc/>
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        Run(ConvolutionKind.Forward, geometry, input, filter, output, accumulate: false);
        if (bias is not null)
        {
            long rows = output.Count / geometry.OutputChannels;
            ChannelLaunch launch = ChannelLaunch.Mapping(1, rows, geometry.OutputChannels, context.IsAligned(output, bias));
            context.Kernel(Module, "bias_add").Tensor(output).Tensor(bias).Count(rows).Count(geometry.OutputChannels).Int(launch.Width).Launch(launch.Shape);
        }
    }

    /// <inheritdoc/>
    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate) =>
        Run(ConvolutionKind.BackwardInput, geometry, gradInput, filter, gradOutput, accumulate);

    /// <inheritdoc/>
    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate) =>
        Run(ConvolutionKind.BackwardFilter, geometry, input, gradFilter, gradOutput, accumulate);

    /// <inheritdoc/>
    public string Describe() => $"convolution {_current}";

    /// <summary>Destroys the plans.</summary>
    public void Dispose() => _plans.Dispose();

    private void Run(ConvolutionKind kind, in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor output, bool accumulate)
    {
        if (context.Options.Convolutions == ConvolutionPrecision.Bfloat16
            && (TryRun(kind, geometry, CudnnDataType.Bfloat16, CudnnDataType.Float, input, filter, output, accumulate)
                || TryRun(kind, geometry, CudnnDataType.Bfloat16, CudnnDataType.Bfloat16, input, filter, output, accumulate)))
        {
            return;
        }

        if (!TryRun(kind, geometry, CudnnDataType.Float, CudnnDataType.Float, input, filter, output, accumulate))
        {
            throw new DeviceException(
                $"{context.Device.Label}: cuDNN {context.Device.Libraries.Cudnn.GetVersion()} has no engine for the {Describe()} that is " +
                $"{(context.Options.Deterministic ? "deterministic" : "allowed")}{(context.Options.AllowTf32 ? string.Empty : " and in full single precision")}; allow TF32 or other orders of addition, or use another version of cuDNN");
        }
    }

    /// <summary>Runs the convolution in these types; false where cuDNN has no engine for it.</summary>
    private bool TryRun(
        ConvolutionKind kind, in Conv2dGeometry geometry, CudnnDataType operands, CudnnDataType result, Tensor input, Tensor filter, Tensor output, bool accumulate)
    {
        Tensor target = kind switch { ConvolutionKind.BackwardInput => input, ConvolutionKind.BackwardFilter => filter, _ => output };
        using Operand x = Prepare(input, input == target, operands, result, accumulate);
        using Operand w = Prepare(filter, filter == target, operands, result, accumulate);
        using Operand y = Prepare(output, output == target, operands, result, accumulate);
        x.Fill(context);
        w.Fill(context);
        y.Fill(context);
        _current = new ConvolutionKey(kind, geometry, operands, result, Alignment(x.Address | w.Address | y.Address, result == CudnnDataType.Bfloat16 ? Bfloat16Bytes : sizeof(float)));
        if (_plans.Find(_current, x.Address, w.Address, y.Address) is not { } plan)
        {
            return false;
        }

        using Scratch workspace = context.Scratch(plan.WorkspaceBytes);
        context.Commands.Issue([(ulong)CommandKind.Convolution, (ulong)plan.Index, x.Address, w.Address, y.Address, plan.WorkspaceBytes == 0 ? 0 : workspace.Address], this);
        Operand written = input == target ? x : filter == target ? w : y;
        written.Collect(context, accumulate);
        return true;
    }

    private Operand Prepare(Tensor tensor, bool isTarget, CudnnDataType operands, CudnnDataType result, bool accumulate)
    {
        CudnnDataType type = isTarget ? result : operands;
        bool direct = type == CudnnDataType.Float && !(isTarget && accumulate);
        return new Operand(
            tensor, isTarget, type, direct ? null : context.Scratch(tensor.Count * (type == CudnnDataType.Float ? sizeof(float) : Bfloat16Bytes)), direct ? context.Pointer(tensor) : 0);
    }

    private static int Alignment(ulong addresses, int least)
    {
        ulong lowest = addresses & (0 - addresses);
        return (int)Math.Max(Math.Min(lowest, Vector), (ulong)least);
    }

    /// <summary>A tensor as a plan sees it: as it is, or through a buffer of another type or of its own.</summary>
    private readonly record struct Operand(Tensor Tensor, bool IsTarget, CudnnDataType Type, Scratch? Buffer, ulong Direct) : IDisposable
    {
        public ulong Address => Buffer?.Address ?? Direct;

        public void Dispose() => Buffer?.Dispose();

        /// <summary>Rounds an operand to the plan's type.</summary>
        public void Fill(DeviceContext context)
        {
            if (!IsTarget && Type == CudnnDataType.Bfloat16)
            {
                long vectors = context.IsAligned(Tensor) ? Tensor.Count / 4 : 0;
                context.Kernel(Module, "round_bfloat16").Tensor(Tensor).Pointer(Address).Count(vectors).Count(Tensor.Count)
                    .Launch(LaunchShape.Vectors(vectors, Tensor.Count));
            }
        }

        /// <summary>Brings a result to the tensor.</summary>
        public void Collect(DeviceContext context, bool accumulate)
        {
            if (Buffer is null)
            {
                return;
            }

            long vectors = context.IsAligned(Tensor) ? Tensor.Count / 4 : 0;
            KernelCall call = Type == CudnnDataType.Bfloat16
                ? context.Kernel(Module, "widen_bfloat16").Pointer(Address)
                : context.Kernel("elementwise", "affine").Pointer(Address).Float(1).Float(0);
            call.Tensor(Tensor).Flag(accumulate).Count(vectors).Count(Tensor.Count).Launch(LaunchShape.Vectors(vectors, Tensor.Count));
        }
    }
}
