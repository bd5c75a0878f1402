using System.Runtime.CompilerServices;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// The definition that every backend is held against: naive loops straight from the formulae, in double precision whatever the tensors' type.
/// </summary>
/// <remarks>
/// Memory is never cached, arrives filled with NaN (integers: -1) and is poisoned again when it is freed, so that reads of unwritten memory, reads
/// after freeing and wrong accumulate flags show in the results. Filters lie in PyTorch's order, unlike on the CPU and on CUDA, so that an op that forgets
/// the layout shows too. <see cref="Calls"/> counts kernel calls by name.
/// </remarks>
public sealed class ReferenceBackend : Backend
{
    private readonly Dictionary<string, int> _calls = [];
    private int _liveBuffers;
    private long _liveBytes;
    private long _peakBytes;
    private long _allocations;

    /// <summary>Creates a backend with no memory in use.</summary>
    public ReferenceBackend()
    {
        Convolution = new ConvolutionKernels(this);
        Matrix = new MatrixKernels(this);
        BatchNorm = new BatchNormKernels(this);
        BatchNormResidual = new BatchNormResidualKernels(this);
        Activation = new ActivationKernels(this);
        Pooling = new PoolingKernels(this);
        Resize = new ResizeKernels(this);
        Elementwise = new ElementwiseKernels(this);
        Reduction = new ReductionKernels(this);
        Softmax = new SoftmaxKernels(this);
        Embedding = new EmbeddingKernels(this);
        Loss = new LossKernels(this);
        Gate = new GateKernels(this);
        Optimizer = new OptimizerKernels(this);
        Image = new ImageKernels(this);
    }

    /// <inheritdoc/>
    public override string Name => "reference";

    /// <inheritdoc/>
    public override string Description => "reference: naive loops in double precision, one thread, for verification only";

    /// <inheritdoc/>
    public override FilterLayout FilterLayout => FilterLayout.Oihw;

    /// <inheritdoc/>
    public override MemoryStatistics Memory => new(_liveBuffers, _liveBytes, _peakBytes, CachedBytes: 0, _allocations);

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution { get; }

    /// <inheritdoc/>
    public override IMatrixKernels Matrix { get; }

    /// <inheritdoc/>
    public override IBatchNormKernels BatchNorm { get; }

    /// <inheritdoc/>
    public override IBatchNormResidualKernels BatchNormResidual { get; }

    /// <inheritdoc/>
    public override IActivationKernels Activation { get; }

    /// <inheritdoc/>
    public override IPoolingKernels Pooling { get; }

    /// <inheritdoc/>
    public override IResizeKernels Resize { get; }

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise { get; }

    /// <inheritdoc/>
    public override IReductionKernels Reduction { get; }

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax { get; }

    /// <inheritdoc/>
    public override IEmbeddingKernels Embedding { get; }

    /// <inheritdoc/>
    public override ILossKernels Loss { get; }

    /// <inheritdoc/>
    public override IGateKernels Gate { get; }

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer { get; }

    /// <inheritdoc/>
    public override IImageKernels Image { get; }

    /// <summary>How often each kernel has run, by family and name, for example <c>Convolution.BackwardInput</c>.</summary>
    public IReadOnlyDictionary<string, int> Calls => _calls;

    /// <summary>How often a kernel has run.</summary>
    /// <param name="kernel">Its family and name, for example <c>Convolution.BackwardInput</c>.</param>
    public int CallsOf(string kernel) => _calls.GetValueOrDefault(kernel);

    /// <summary>Sets <see cref="Calls"/> back to nothing.</summary>
    public void ClearCalls() => _calls.Clear();

    /// <inheritdoc/>
    public override bool Supports(DType type) => Enum.IsDefined(type);

    /// <inheritdoc/>
    public override Storage Allocate(long byteLength)
    {
        using BackendScope scope = Enter("allocate");
        if (byteLength > Array.MaxLength)
        {
            throw new DeviceException($"reference: {byteLength} bytes are more than an array holds; use a smaller batch or crop{OpenStepsHint()}");
        }

        _allocations++;
        _liveBuffers++;
        _liveBytes += byteLength;
        _peakBytes = Math.Max(_peakBytes, _liveBytes);
        return new ReferenceStorage(this, byteLength);
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Tensor target)
    {
        using BackendScope scope = Enter("upload");
        source.CopyTo(Bytes(target, "upload"));
        Overwritten(target);
    }

    /// <inheritdoc/>
    public override void Download(Tensor source, Span<byte> target)
    {
        using BackendScope scope = Enter("download");
        Bytes(source, "download").CopyTo(target);
    }

    /// <inheritdoc/>
    public override void ResetPeak() => _peakBytes = _liveBytes;

    /// <inheritdoc/>
    public override void TrimCache()
    {
        // There is no cache: freed memory goes back at once.
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        // Every kernel has finished when it returns.
    }

    private static Span<byte> Bytes(Tensor tensor, string op)
    {
        tensor.ThrowIfFreed(op);
        return ((ReferenceStorage)tensor.Storage).Of(tensor);
    }

    /// <summary>Takes note that a buffer was freed.</summary>
    internal void Freed(long byteLength)
    {
        _liveBuffers--;
        _liveBytes -= byteLength;
    }

    /// <summary>Takes note of a kernel call; kernels call it first.</summary>
    internal void Count(string family, [CallerMemberName] string kernel = "")
    {
        string name = $"{family}.{kernel}";
        _calls[name] = CallsOf(name) + 1;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Managed memory needs no release; the statistics stay readable for leak checks.
    }
}
