using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Cudnn;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Convolutions by cuDNN or as products of matrices, whichever serves better; the bias is a kernel of ours.</summary>
internal sealed class ConvolutionKernels(DeviceContext context, Products products) : IConvolutionKernels, IDescribable, IDisposable
{
    private const string Module = "convolution";

    private readonly LibraryConvolution _library = new(context);
    private readonly ProductConvolution _products = new(context, products);
    private (ConvolutionKind Kind, Conv2dGeometry Geometry, DType Type) _current;

    /// <inheritdoc/>
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        Run(ConvolutionKind.Forward, geometry, input, filter, output, accumulate: false);
        if (bias is not null)
        {
            long rows = output.Count / geometry.OutputChannels;
            ChannelLaunch launch = ChannelLaunch.Mapping(1, rows, geometry.OutputChannels, context.IsAligned(output, bias));
            context.Kernel(Module, "bias_add", output.DType).Tensor(output).Tensor(bias).Count(rows).Count(geometry.OutputChannels).Int(launch.Width).Launch(launch.Shape);
        }
    }

    /// <inheritdoc/>
    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate) =>
        Run(ConvolutionKind.BackwardInput, geometry, gradInput, filter, gradOutput, accumulate);

    /// <inheritdoc/>
    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate) =>
        Run(ConvolutionKind.BackwardFilter, geometry, input, gradFilter, gradOutput, accumulate);

    /// <inheritdoc/>
    public string Describe() => $"convolution {_current.Kind} of {_current.Type}, {_current.Geometry}";

    /// <summary>Destroys the plans.</summary>
    public void Dispose() => _library.Dispose();

    private void Run(ConvolutionKind kind, in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor output, bool accumulate)
    {
        _current = (kind, geometry, output.DType);
        if (!PrefersProducts(geometry, output.DType) && _library.TryRun(kind, geometry, input, filter, output, accumulate))
        {
            return;
        }

        if (context.Options.Convolutions == ConvolutionEngine.Cudnn)
        {
            throw new DeviceException(
                $"{context.Device.Label}: cuDNN {context.Device.Libraries.Cudnn.GetVersion()} has no engine for the {_library.Describe()} that is " +
                $"{(context.Options.Deterministic ? "deterministic" : "allowed")}{(context.Options.AllowTf32 ? string.Empty : " and in full single precision")}; " +
                "let products of matrices do it, allow TF32 or other orders of addition, or use another version of cuDNN");
        }

        _products.Run(this, kind, geometry, input, filter, output, accumulate);
    }

    // cuDNN's engines for channels last without tensor cores are slow: a step of the published network took 7.9 s with them on an H200, and 0.13 s with TF32.
    private bool PrefersProducts(in Conv2dGeometry geometry, DType type) => context.Options.Convolutions switch
    {
        ConvolutionEngine.Cudnn => false,
        ConvolutionEngine.Products => true,
        _ => (type == DType.Float32 && !context.Options.AllowTf32) || _products.Suits(geometry, type),
    };
}
