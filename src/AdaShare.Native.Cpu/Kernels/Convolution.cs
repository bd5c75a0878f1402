using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>2-D convolution with filters in <see cref="FilterLayout.Hwio"/>; <see cref="ConvolutionOf{T}"/> does it for each element type.</summary>
internal sealed class ConvolutionKernels : IConvolutionKernels
{
    private readonly ConvolutionOf<float> _single;
    private readonly ConvolutionOf<double> _double;

    /// <summary>Creates the kernels.</summary>
    /// <param name="threads">Where to compute.</param>
    /// <param name="vectors">The width of the vectors, one that the processor has.</param>
    /// <param name="numerics">How sums may round.</param>
    public ConvolutionKernels(CpuThreads threads, VectorWidth vectors, NumericsMode numerics = NumericsMode.Exact)
    {
        bool winograd = numerics == NumericsMode.Fast;
        _single = new ConvolutionOf<float>(threads, new MicroKernels<float>(vectors), winograd);
        _double = new ConvolutionOf<double>(threads, new MicroKernels<double>(vectors), winograd: false);
    }

    /// <inheritdoc/>
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        if (output.DType == DType.Float64)
        {
            _double.Forward(geometry, input, filter, bias, output);
        }
        else
        {
            _single.Forward(geometry, input, filter, bias, output);
        }
    }

    /// <inheritdoc/>
    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        if (gradInput.DType == DType.Float64)
        {
            _double.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
        }
        else
        {
            _single.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
        }
    }

    /// <inheritdoc/>
    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        if (gradFilter.DType == DType.Float64)
        {
            _double.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
        }
        else
        {
            _single.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
        }
    }
}
