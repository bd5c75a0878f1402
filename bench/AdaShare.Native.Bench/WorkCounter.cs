using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Bench;

/// <summary>A backend with its convolutions counted. It does not own the backend that computes.</summary>
internal sealed class WorkCounter(Backend inner) : DelegatingBackend(inner), IConvolutionKernels
{
    /// <summary>Multiply-adds of all convolutions, forward and backward; taps in the padding, which nobody needs, are left out.</summary>
    public long MultiplyAdds { get; private set; }

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution => this;

    /// <inheritdoc/>
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        Inner.Convolution.Forward(geometry, input, filter, bias, output);
    }

    /// <inheritdoc/>
    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        Inner.Convolution.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
    }

    /// <inheritdoc/>
    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        Inner.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
    }
}
