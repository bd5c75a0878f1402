using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>
/// A backend that hands everything on to another one and can say where the time goes. Only within <see cref="Profile"/> does it stand between; at any other time kernels, copies and
/// captured steps are the other backend's own.
/// </summary>
/// <remarks>Whose work is profiled must have its memory from this backend: make networks, optimisers and steps with it. It does not own the backend that computes.</remarks>
public sealed class ProfilingBackend : DelegatingBackend, IStepCapture
{
    internal const string CopyFamily = "copy";
    internal const string UploadKernel = "to device";

    private readonly KernelRecorder _recorder;
    private readonly IConvolutionKernels _convolution;
    private readonly IMatrixKernels _matrix;
    private readonly IBatchNormKernels _batchNorm;
    private readonly IBatchNormResidualKernels _batchNormResidual;
    private readonly IActivationKernels _activation;
    private readonly IPoolingKernels _pooling;
    private readonly IResizeKernels _resize;
    private readonly IImageKernels _image;
    private readonly IElementwiseKernels _elementwise;
    private readonly IReductionKernels _reduction;
    private readonly ISoftmaxKernels _softmax;
    private readonly IEmbeddingKernels _embedding;
    private readonly ILossKernels _loss;
    private readonly IGateKernels _gate;
    private readonly IOptimizerKernels _optimizer;
    private readonly ProfiledCustom _custom;

    /// <summary>Stands before a backend.</summary>
    /// <param name="inner">The backend that computes.</param>
    public ProfilingBackend(Backend inner) : base(inner)
    {
        _recorder = new KernelRecorder(inner);
        _convolution = new ProfiledConvolution(_recorder, inner.Convolution);
        _matrix = new ProfiledMatrix(_recorder, inner.Matrix);
        _batchNorm = new ProfiledBatchNorm(_recorder, inner.BatchNorm);
        _batchNormResidual = new ProfiledBatchNormResidual(_recorder, inner.BatchNormResidual);
        _activation = new ProfiledActivation(_recorder, inner.Activation);
        _pooling = new ProfiledPooling(_recorder, inner.Pooling);
        _resize = new ProfiledResize(_recorder, inner.Resize);
        _image = new ProfiledImage(_recorder, inner.Image);
        _elementwise = new ProfiledElementwise(_recorder, inner.Elementwise);
        _reduction = new ProfiledReduction(_recorder, inner.Reduction);
        _softmax = new ProfiledSoftmax(_recorder, inner.Softmax);
        _embedding = new ProfiledEmbedding(_recorder, inner.Embedding);
        _loss = new ProfiledLoss(_recorder, inner.Loss);
        _gate = new ProfiledGate(_recorder, inner.Gate);
        _optimizer = new ProfiledOptimizer(_recorder, inner.Optimizer);
        _custom = new ProfiledCustom(_recorder, inner.Custom);
    }

    /// <summary>Whether kernels are timed now.</summary>
    public bool IsProfiling { get; private set; }

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution => IsTiming ? _convolution : Inner.Convolution;

    /// <inheritdoc/>
    public override IMatrixKernels Matrix => IsTiming ? _matrix : Inner.Matrix;

    /// <inheritdoc/>
    public override IBatchNormKernels BatchNorm => IsTiming ? _batchNorm : Inner.BatchNorm;

    /// <inheritdoc/>
    public override IBatchNormResidualKernels BatchNormResidual => IsTiming ? _batchNormResidual : Inner.BatchNormResidual;

    /// <inheritdoc/>
    public override IActivationKernels Activation => IsTiming ? _activation : Inner.Activation;

    /// <inheritdoc/>
    public override IPoolingKernels Pooling => IsTiming ? _pooling : Inner.Pooling;

    /// <inheritdoc/>
    public override IResizeKernels Resize => IsTiming ? _resize : Inner.Resize;

    /// <inheritdoc/>
    public override IImageKernels Image => IsTiming ? _image : Inner.Image;

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise => IsTiming ? _elementwise : Inner.Elementwise;

    /// <inheritdoc/>
    public override IReductionKernels Reduction => IsTiming ? _reduction : Inner.Reduction;

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax => IsTiming ? _softmax : Inner.Softmax;

    /// <inheritdoc/>
    public override IEmbeddingKernels Embedding => IsTiming ? _embedding : Inner.Embedding;

    /// <inheritdoc/>
    public override ILossKernels Loss => IsTiming ? _loss : Inner.Loss;

    /// <inheritdoc/>
    public override IGateKernels Gate => IsTiming ? _gate : Inner.Gate;

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer => IsTiming ? _optimizer : Inner.Optimizer;

    /// <inheritdoc/>
    public override ICustomKernels Custom => IsTiming ? _custom : Inner.Custom;

    // What an op from outside the engine calls of these kernels is a part of that op's time.
    private bool IsTiming => IsProfiling && !_custom.IsRunning;

    /// <summary>Does some work and says where its time went.</summary>
    /// <param name="work">Work over tensors of this backend, from its beginning to its end: whole steps.</param>
    /// <param name="rounds">How often to do it, at least 1.</param>
    /// <remarks>
    /// Kernels run one by one: a step that <see cref="RunStep"/> would replay as a whole has no points between, so on a GPU it takes longer than unprofiled. Compare
    /// <see cref="Profiling.Profile.Milliseconds"/> with the time of the work alone.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The work profiles itself.</exception>
    public Profile Profile(Action work, int rounds = 1)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        if (IsProfiling)
        {
            throw new InvalidOperationException("profile: it is under way already; profile the outer work alone");
        }

        IsProfiling = true;
        _recorder.Start();
        try
        {
            for (int i = 0; i < rounds; i++)
            {
                work();
            }
        }
        catch
        {
            _recorder.Dispose();
            throw;
        }
        finally
        {
            IsProfiling = false;
        }

        return _recorder.Stop(rounds);
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Tensor target)
    {
        if (!IsTiming)
        {
            Inner.Upload(source, target);
            return;
        }

        using KernelTiming timing = _recorder.BeginBytes(CopyFamily, UploadKernel, target, source.Length);
        Inner.Upload(source, target);
    }

    /// <inheritdoc/>
    public override void Download(Tensor source, Span<byte> target)
    {
        if (!IsTiming)
        {
            Inner.Download(source, target);
            return;
        }

        using KernelTiming timing = _recorder.Begin(CopyFamily, "to host", source);
        Inner.Download(source, target);
    }

    /// <inheritdoc/>
    public void RunStep(string key, Action body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (IsProfiling)
        {
            body();
        }
        else
        {
            Inner.RunStep(key, body);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _recorder.Dispose();
        }

        base.Dispose(disposing);
    }
}
