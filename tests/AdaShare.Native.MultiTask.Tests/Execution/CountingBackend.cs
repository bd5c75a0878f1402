using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.MultiTask.Tests.Execution;

/// <summary>The CPU backend, with its convolutions counted.</summary>
internal sealed class CountingBackend : Backend, IConvolutionKernels
{
    private readonly CpuBackend _cpu = new();

    /// <summary>Multiply-adds of forward convolutions.</summary>
    public long ForwardMultiplyAdds { get; private set; }

    /// <summary>Data gradients that were computed.</summary>
    public int DataGradients { get; private set; }

    /// <summary>Filter gradients that were computed.</summary>
    public int FilterGradients { get; private set; }

    public override string Name => _cpu.Name;

    public override string Description => _cpu.Description;

    public override FilterLayout FilterLayout => _cpu.FilterLayout;

    public override MemoryStatistics Memory => _cpu.Memory;

    public override IConvolutionKernels Convolution => this;

    public override IMatrixKernels Matrix => _cpu.Matrix;

    public override IBatchNormKernels BatchNorm => _cpu.BatchNorm;

    public override IBatchNormResidualKernels BatchNormResidual => _cpu.BatchNormResidual;

    public override IActivationKernels Activation => _cpu.Activation;

    public override IPoolingKernels Pooling => _cpu.Pooling;

    public override IResizeKernels Resize => _cpu.Resize;

    public override IElementwiseKernels Elementwise => _cpu.Elementwise;

    public override IReductionKernels Reduction => _cpu.Reduction;

    public override ISoftmaxKernels Softmax => _cpu.Softmax;

    public override ILossKernels Loss => _cpu.Loss;

    public override IGateKernels Gate => _cpu.Gate;

    public override IOptimizerKernels Optimizer => _cpu.Optimizer;

    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        ForwardMultiplyAdds += geometry.MultiplyAdds;
        _cpu.Convolution.Forward(geometry, input, filter, bias, output);
    }

    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        DataGradients++;
        _cpu.Convolution.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
    }

    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        FilterGradients++;
        _cpu.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
    }

    public override bool Supports(DType type) => _cpu.Supports(type);

    public override Storage Allocate(long byteLength) => _cpu.Allocate(byteLength);

    public override void Upload(ReadOnlySpan<byte> source, Tensor target) => _cpu.Upload(source, target);

    public override void Download(Tensor source, Span<byte> target) => _cpu.Download(source, target);

    public override void TrimCache() => _cpu.TrimCache();

    public override void ResetPeak() => _cpu.ResetPeak();

    public override void Synchronize() => _cpu.Synchronize();

    protected override void Dispose(bool disposing) => _cpu.Dispose();
}
