using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>A backend that hands everything to another one, which it does not own: what counts, times or checks a few kernels overrides those.</summary>
public abstract class DelegatingBackend : Backend
{
    /// <summary>Stands before a backend.</summary>
    /// <param name="inner">The backend that computes.</param>
    protected DelegatingBackend(Backend inner) : base(inner) => Inner = inner;

    /// <summary>The backend that computes.</summary>
    protected Backend Inner { get; }

    /// <inheritdoc/>
    public override string Name => Inner.Name;

    /// <inheritdoc/>
    public override string Description => Inner.Description;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Facts => Inner.Facts;

    /// <inheritdoc/>
    public override FilterLayout FilterLayout => Inner.FilterLayout;

    /// <inheritdoc/>
    public override MemoryStatistics Memory => Inner.Memory;

    /// <inheritdoc/>
    public override Section Section
    {
        get => Inner.Section;
        set => Inner.Section = value;
    }

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution => Inner.Convolution;

    /// <inheritdoc/>
    public override IMatrixKernels Matrix => Inner.Matrix;

    /// <inheritdoc/>
    public override IBatchNormKernels BatchNorm => Inner.BatchNorm;

    /// <inheritdoc/>
    public override IBatchNormResidualKernels BatchNormResidual => Inner.BatchNormResidual;

    /// <inheritdoc/>
    public override IActivationKernels Activation => Inner.Activation;

    /// <inheritdoc/>
    public override IPoolingKernels Pooling => Inner.Pooling;

    /// <inheritdoc/>
    public override IResizeKernels Resize => Inner.Resize;

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise => Inner.Elementwise;

    /// <inheritdoc/>
    public override IReductionKernels Reduction => Inner.Reduction;

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax => Inner.Softmax;

    /// <inheritdoc/>
    public override IEmbeddingKernels Embedding => Inner.Embedding;

    /// <inheritdoc/>
    public override ILossKernels Loss => Inner.Loss;

    /// <inheritdoc/>
    public override IGateKernels Gate => Inner.Gate;

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer => Inner.Optimizer;

    /// <inheritdoc/>
    public override IImageKernels Image => Inner.Image;

    /// <inheritdoc/>
    public override ICustomKernels Custom => Inner.Custom;

    /// <inheritdoc/>
    public sealed override Backend Device => Inner.Device;

    /// <inheritdoc/>
    public override bool Supports(DType type) => Inner.Supports(type);

    /// <inheritdoc/>
    /// <remarks>The memory counts as this backend's, so that what is done by way of a tensor (copies, optimisers' updates) passes through here too.</remarks>
    public override Storage Allocate(long byteLength)
    {
        Storage storage = Inner.Allocate(byteLength);
        storage.Backend = this;
        return storage;
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Tensor target) => Inner.Upload(source, target);

    /// <inheritdoc/>
    public override void Download(Tensor source, Span<byte> target) => Inner.Download(source, target);

    /// <inheritdoc/>
    public override void ResetPeak() => Inner.ResetPeak();

    /// <inheritdoc/>
    public override void TrimCache() => Inner.TrimCache();

    /// <inheritdoc/>
    public override void Synchronize() => Inner.Synchronize();

    /// <inheritdoc/>
    public override IDeviceClock CreateClock() => Inner.CreateClock();

    /// <summary>Leaves the other backend as it is: whoever made it releases it.</summary>
    protected override void Dispose(bool disposing)
    {
    }
}
