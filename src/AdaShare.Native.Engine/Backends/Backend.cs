using System.Diagnostics;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>
/// The contract between the engine and a device: memory, transfers, and the kernels that ops call, one interface an op family.
/// </summary>
/// <remarks>
/// Kernels receive arguments that the ops have checked: shapes fit, floating tensors are of one type, memory is contiguous. A kernel with an
/// <c>accumulate</c> argument adds to its target where it is true and overwrites it, whatever it held, where it is false.
/// A backend takes one thread at a time; it may use many threads inside. Threads may take turns: every op, copy and allocation enters and leaves by itself, and one that comes while another
/// is inside is refused with an <see cref="InvalidOperationException"/>. Who calls kernels directly holds <see cref="Enter"/> meanwhile. Every kernel is deterministic.
/// </remarks>
public abstract class Backend : IDisposable
{
    private readonly bool _ownsEntrance;

    /// <summary>Creates a backend of a device of its own.</summary>
    protected Backend()
    {
        Entrance = new BackendEntrance();
        _ownsEntrance = true;
    }

    /// <summary>Creates a backend of another one's device.</summary>
    private protected Backend(Backend inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Entrance = inner.Entrance;
    }

    /// <summary>The device's name in messages, for example <c>cpu</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One line on what the device is and how it computes, for logs.</summary>
    public abstract string Description { get; }

    /// <summary>
    /// What took part in a computation, for records of it, by name: <c>gpu</c>, <c>driver</c>, <c>cudnn</c>, <c>vectors</c>, and <c>deterministic</c> (<c>no</c> where equal inputs may give
    /// other bits).
    /// </summary>
    public virtual IReadOnlyDictionary<string, string> Facts => new Dictionary<string, string>();

    /// <summary>Whether the device has been released: its tensors have no memory any more.</summary>
    public bool IsDisposed => Entrance.IsClosed;

    /// <summary>
    /// The steps that have begun and were not disposed. Outside of all steps it is 0; where it grows from step to step, somebody forgets <see cref="Autograd.Step.Dispose"/>, and the steps'
    /// memory is never free again.
    /// </summary>
    public int OpenSteps => Entrance.OpenSteps;

    /// <summary>How the backend keeps filters.</summary>
    public abstract FilterLayout FilterLayout { get; }

    /// <summary>What is allocated now.</summary>
    public abstract MemoryStatistics Memory { get; }

    /// <summary>The part of a computation that work belongs to from now on; only those who time or count kernels read it. See <see cref="EnterSection"/>.</summary>
    public virtual Section Section { get; set; }

    /// <summary>2-D convolution.</summary>
    public abstract IConvolutionKernels Convolution { get; }

    /// <summary>Matrix products.</summary>
    public abstract IMatrixKernels Matrix { get; }

    /// <summary>Batch normalisation.</summary>
    public abstract IBatchNormKernels BatchNorm { get; }

    /// <summary>Batch normalisation with the residual, ReLU and gates that end a block.</summary>
    public abstract IBatchNormResidualKernels BatchNormResidual { get; }

    /// <summary>ReLU and dropout.</summary>
    public abstract IActivationKernels Activation { get; }

    /// <summary>Max, k-max and average pooling.</summary>
    public abstract IPoolingKernels Pooling { get; }

    /// <summary>Nearest and bilinear resize.</summary>
    public abstract IResizeKernels Resize { get; }

    /// <summary>Element-wise arithmetic with broadcasting.</summary>
    public abstract IElementwiseKernels Elementwise { get; }

    /// <summary>Sums, maxima, arg-max.</summary>
    public abstract IReductionKernels Reduction { get; }

    /// <summary>Softmax and log-softmax.</summary>
    public abstract ISoftmaxKernels Softmax { get; }

    /// <summary>Look-ups in tables.</summary>
    public abstract IEmbeddingKernels Embedding { get; }

    /// <summary>Losses.</summary>
    public abstract ILossKernels Loss { get; }

    /// <summary>Gumbel sampling and gated residuals.</summary>
    public abstract IGateKernels Gate { get; }

    /// <summary>Optimiser updates of flat buffers.</summary>
    public abstract IOptimizerKernels Optimizer { get; }

    /// <summary>From stored pixels to a network's input.</summary>
    public abstract IImageKernels Image { get; }

    /// <summary>The kernels of ops that are written outside the engine.</summary>
    public virtual ICustomKernels Custom => DirectCustomKernels.Instance;

    /// <summary>The backend that computes: this one, or the one that it hands everything on to. Its type says for which device a kernel must be.</summary>
    public virtual Backend Device => this;

    /// <summary>The way into the device.</summary>
    internal BackendEntrance Entrance { get; }

    /// <summary>Whether the backend computes in a type.</summary>
    public abstract bool Supports(DType type);

    /// <summary>Memory with one holder and arbitrary content; comes from a cache where it can.</summary>
    public abstract Storage Allocate(long byteLength);

    /// <summary>
    /// Keeps the backend for the calling thread until the result is disposed; others are refused meanwhile. Ops do so by themselves; around several of them it keeps other threads from
    /// coming in between. A thread that is inside may enter again.
    /// </summary>
    /// <param name="op">What the thread is about to do, for messages.</param>
    /// <exception cref="InvalidOperationException">Another thread is inside.</exception>
    /// <exception cref="ObjectDisposedException">The backend has been disposed.</exception>
    public BackendScope Enter(string op) => Entrance.Enter(this, op);

    /// <summary>Copies from the host to a tensor's first bytes, in the tensor's own memory order. Where the host has fewer, the others hold anything from then on.</summary>
    public abstract void Upload(ReadOnlySpan<byte> source, Tensor target);

    /// <summary>Copies a whole tensor to the host, in the tensor's own memory order, once the work before it is done.</summary>
    public abstract void Download(Tensor source, Span<byte> target);

    /// <summary>Gives cached memory that nobody holds back to the system.</summary>
    public abstract void TrimCache();

    /// <summary>Starts <see cref="MemoryStatistics.PeakBytes"/> anew from what is live now.</summary>
    public abstract void ResetPeak();

    /// <summary>Waits for all work.</summary>
    public abstract void Synchronize();

    /// <summary>
    /// Says that work belongs to a part of the computation until the result is disposed. Ops that are recorded meanwhile run backward in the same part. It changes nothing in what
    /// is computed and costs next to nothing.
    /// </summary>
    /// <param name="name">The part's name, or null for none.</param>
    public SectionScope EnterSection(string? name) => new(this, Section with { Name = name });

    /// <summary>A clock for this backend's work. The caller disposes it before the backend.</summary>
    public virtual IDeviceClock CreateClock() => new HostClock();

    /// <summary>Releases the device and all its memory. Tensors may let go of their memory afterwards, but can't be read or computed with. Steps that are still open are reported to <see cref="Trace"/>.</summary>
    /// <exception cref="InvalidOperationException">Another thread is computing on the device.</exception>
    public void Dispose()
    {
        using (Entrance.EnterToRelease(this, "dispose"))
        {
            Close();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>For errors about a lack of memory: what open steps may have to do with it. Empty where there are none.</summary>
    protected string OpenStepsHint() => OpenSteps is var open and > 1 ? $"; {open} steps are open, so see whether each is disposed" : string.Empty;

    /// <summary>Takes note that a tensor's elements were overwritten from outside of ops; every <see cref="Upload"/> says so, or else backward passes can't tell that what they saved has changed.</summary>
    protected static void Overwritten(Tensor target) => target.MarkOverwritten();

    /// <summary>Releases the device.</summary>
    protected abstract void Dispose(bool disposing);

    private void Close()
    {
        bool closes = _ownsEntrance && !Entrance.IsClosed;
        if (closes && OpenSteps > 0)
        {
            Trace.TraceWarning($"{Name}: the backend is disposed while {OpenSteps} of its steps are open and hold memory ({Memory.LiveBuffers} buffers are live); dispose every Step, best by a using statement");
        }

        try
        {
            Dispose(disposing: true);
        }
        finally
        {
            if (closes)
            {
                Entrance.Close();
            }
        }
    }
}
