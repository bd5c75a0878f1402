using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Bench;

/// <summary>A backend with its convolutions counted. It does not own the backend that computes.</summary>
internal sealed class WorkCounter(Backend inner) : Backend, IConvolutionKernels
{
    /// <summary>Multiply-adds of all convolutions, forward and backward; taps in the padding, which nobody needs, are left out.</summary>
    public long MultiplyAdds { get; private set; }

    /// <inheritdoc/>
    public override string Name => inner.Name;

    /// <inheritdoc/>
    public override string Description => inner.Description;

    /// <inheritdoc/>
    public override FilterLayout FilterLayout => inner.FilterLayout;

    /// <inheritdoc/>
    public override MemoryStatistics Memory => inner.Memory;

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution => this;

    /// <inheritdoc/>
    public override IMatrixKernels Matrix => inner.Matrix;

    /// <inheritdoc/>
    public override IBatchNormKernels BatchNorm => inner.BatchNorm;

    /// <inheritdoc/>
    public override IBatchNormResidualKernels BatchNormResidual => inner.BatchNormResidual;

    /// <inheritdoc/>
    public override IActivationKernels Activation => inner.Activation;

    /// <inheritdoc/>
    public override IPoolingKernels Pooling => inner.Pooling;

    /// <inheritdoc/>
    public override IResizeKernels Resize => inner.Resize;

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise => inner.Elementwise;

    /// <inheritdoc/>
    public override IReductionKernels Reduction => inner.Reduction;

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax => inner.Softmax;

    /// <inheritdoc/>
    public override ILossKernels Loss => inner.Loss;

    /// <inheritdoc/>
    public override IGateKernels Gate => inner.Gate;

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer => inner.Optimizer;

    /// <inheritdoc/>
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        inner.Convolution.Forward(geometry, input, filter, bias, output);
    }

    /// <inheritdoc/>
    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        inner.Convolution.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
    }

    /// <inheritdoc/>
    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        inner.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
    }

    /// <inheritdoc/>
    public override bool Supports(DType type) => inner.Supports(type);

    /// <inheritdoc/>
    public override Storage Allocate(long byteLength) => inner.Allocate(byteLength);

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Tensor target) => inner.Upload(source, target);

    /// <inheritdoc/>
    public override void Download(Tensor source, Span<byte> target) => inner.Download(source, target);

    /// <inheritdoc/>
    public override void ResetPeak() => inner.ResetPeak();

    /// <inheritdoc/>
    public override void TrimCache() => inner.TrimCache();

    /// <inheritdoc/>
    public override void Synchronize() => inner.Synchronize();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
