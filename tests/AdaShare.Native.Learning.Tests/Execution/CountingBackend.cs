using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>The CPU backend, with its convolutions counted.</summary>
internal sealed class CountingBackend() : DelegatingBackend(new CpuBackend()), IConvolutionKernels
{
    /// <summary>Multiply-adds of forward convolutions.</summary>
    public long ForwardMultiplyAdds { get; private set; }

    /// <summary>Data gradients that were computed.</summary>
    public int DataGradients { get; private set; }

    /// <summary>Filter gradients that were computed.</summary>
    public int FilterGradients { get; private set; }

    public override IConvolutionKernels Convolution => this;

    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        ForwardMultiplyAdds += geometry.MultiplyAdds;
        Inner.Convolution.Forward(geometry, input, filter, bias, output);
    }

    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        DataGradients++;
        Inner.Convolution.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
    }

    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        FilterGradients++;
        Inner.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
    }

    protected override void Dispose(bool disposing)
    {
        Inner.Dispose();
        base.Dispose(disposing);
    }
}
