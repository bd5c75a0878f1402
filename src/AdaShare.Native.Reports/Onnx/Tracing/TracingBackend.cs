using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>
/// A backend that records instead of computing: where a kernel reads what depends on the images, it becomes a node of a graph, and everything else, such as gates that weights decide, is computed by the
/// backend behind, so that only its result is in the graph. What a network makes of one image is so written down as it is really executed, whatever the method.
/// </summary>
/// <remarks>The network must have its memory from this backend. What asks for the elements of a value that was only recorded is refused: a network that decides by them differs from image to image.</remarks>
internal sealed class TracingBackend(Backend inner) : DelegatingBackend(inner)
{
    private Trace? _trace;
    private IConvolutionKernels? _convolution;
    private IMatrixKernels? _matrix;
    private IBatchNormKernels? _batchNorm;
    private IBatchNormResidualKernels? _batchNormResidual;
    private IActivationKernels? _activation;
    private IPoolingKernels? _pooling;
    private IResizeKernels? _resize;
    private IElementwiseKernels? _elementwise;
    private IReductionKernels? _reduction;
    private ISoftmaxKernels? _softmax;
    private IGateKernels? _gate;
    private ICustomKernels? _custom;

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution => _convolution ?? Inner.Convolution;

    /// <inheritdoc/>
    public override IMatrixKernels Matrix => _matrix ?? Inner.Matrix;

    /// <inheritdoc/>
    public override IBatchNormKernels BatchNorm => _batchNorm ?? Inner.BatchNorm;

    /// <inheritdoc/>
    public override IBatchNormResidualKernels BatchNormResidual => _batchNormResidual ?? Inner.BatchNormResidual;

    /// <inheritdoc/>
    public override IActivationKernels Activation => _activation ?? Inner.Activation;

    /// <inheritdoc/>
    public override IPoolingKernels Pooling => _pooling ?? Inner.Pooling;

    /// <inheritdoc/>
    public override IResizeKernels Resize => _resize ?? Inner.Resize;

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise => _elementwise ?? Inner.Elementwise;

    /// <inheritdoc/>
    public override IReductionKernels Reduction => _reduction ?? Inner.Reduction;

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax => _softmax ?? Inner.Softmax;

    /// <inheritdoc/>
    public override IGateKernels Gate => _gate ?? Inner.Gate;

    /// <inheritdoc/>
    public override ICustomKernels Custom => _custom ?? Inner.Custom;

    /// <inheritdoc/>
    public override ILossKernels Loss => _trace is null ? Inner.Loss : throw Trace.NoEvaluation();

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer => _trace is null ? Inner.Optimizer : throw Trace.NoEvaluation();

    /// <summary>Records from now on.</summary>
    /// <param name="trace">Receives what is recorded.</param>
    public void Begin(Trace trace)
    {
        _trace = trace;
        _convolution = new TracedConvolution(trace, Inner.Convolution);
        _matrix = new TracedMatrix(trace, Inner.Matrix);
        _batchNorm = new TracedBatchNorm(trace, Inner.BatchNorm);
        _batchNormResidual = new TracedBatchNormResidual(trace, Inner.BatchNormResidual);
        _activation = new TracedActivation(trace, Inner.Activation);
        _pooling = new TracedPooling(trace, Inner.Pooling);
        _resize = new TracedResize(trace, Inner.Resize);
        _elementwise = new TracedElementwise(trace, Inner.Elementwise);
        _reduction = new TracedReduction(trace, Inner.Reduction);
        _softmax = new TracedSoftmax(trace, Inner.Softmax);
        _gate = new TracedGate(trace, Inner.Gate);
        _custom = new TracedCustom(trace, Inner.Custom);
    }

    /// <inheritdoc/>
    public override Storage Allocate(long byteLength)
    {
        Storage storage = base.Allocate(byteLength);
        _trace?.Memory.Clear(storage);
        return storage;
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Tensor target)
    {
        _trace?.Memory.Clear(target);
        base.Upload(source, target);
    }

    /// <inheritdoc/>
    public override void Download(Tensor source, Span<byte> target)
    {
        if (_trace?.Memory.Depends(source) == true)
        {
            throw new TraceException("it decides by what it sees in an image what it computes for that image");
        }

        base.Download(source, target);
    }
}
