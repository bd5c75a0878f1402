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
    /// <param name="portable">Whether to leave processor-specific instructions out.</param>
    /// <param name="numerics">How sums may round; the portable kernels are always exact.</param>
    public ConvolutionKernels(CpuThreads threads, bool portable = false, NumericsMode numerics = NumericsMode.Exact)
    {
        bool winograd = numerics == NumericsMode.Fast && !portable;
        _single = new ConvolutionOf<float>(threads, MicroKernels<float>.Select(portable), winograd);
        _double = new ConvolutionOf<double>(threads, MicroKernels<double>.Select(portable), winograd: false);
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
