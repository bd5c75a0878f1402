using System.Runtime.InteropServices;
using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu;

/// <summary>The CPU as a device: SIMD kernels in C#, single and double precision, filters in <see cref="FilterLayout.Hwio"/>.</summary>
/// <remarks>Results are the same bits for the same inputs, whatever <see cref="CpuBackendOptions.Threads"/> is. It takes one thread at a time and refuses a second one, see <see cref="Backend"/>.</remarks>
public sealed unsafe class CpuBackend : Backend
{
    private readonly CpuAllocator _allocator;
    private bool _disposed;

    /// <summary>Creates the backend with the default options.</summary>
    public CpuBackend() : this(new CpuBackendOptions())
    {
    }

    /// <summary>Creates the backend and starts its threads.</summary>
    /// <exception cref="ConfigurationException">The number of threads is not 1 … 1024, or the processor lacks the vector width.</exception>
    public CpuBackend(CpuBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Threads is < 1 or > 1024)
        {
            throw new ConfigurationException($"cpu: threads is {options.Threads}, expected 1 to 1024; leave it out to use all {Environment.ProcessorCount} processors");
        }

        Options = options;
        Vectors = VectorWidths.Resolve(options.VectorWidth);
        _allocator = new CpuAllocator(options.PoisonMemory) { OutOfMemoryHint = OpenStepsHint };
        Threads = new CpuThreads(options.Threads, _allocator);
        Convolution = new ConvolutionKernels(Threads, Vectors, options.Numerics);
        Matrix = new MatrixKernels(Threads, Vectors);
        bool wide = Vectors == VectorWidth.Bits512;
        BatchNorm = new BatchNormKernels(Threads, wide);
        BatchNormResidual = new BatchNormResidualKernels(Threads, wide);
        Activation = new ActivationKernels(Threads, wide);
        Pooling = new PoolingKernels(Threads);
        Resize = new ResizeKernels(Threads);
        Elementwise = new ElementwiseKernels(Threads);
        Reduction = new ReductionKernels(Threads);
        Softmax = new SoftmaxKernels(Threads);
        Embedding = new EmbeddingKernels(Threads);
        Loss = new LossKernels(Threads);
        Gate = new GateKernels(Threads);
        Optimizer = new OptimizerKernels(Threads);
        Image = new ImageKernels(Threads);
    }

    /// <summary>What the backend was created with.</summary>
    public CpuBackendOptions Options { get; }

    /// <summary>The width that matrix and convolution kernels compute in: what was asked for, or the one chosen for <see cref="VectorWidth.Auto"/>.</summary>
    public VectorWidth Vectors { get; }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override string Description =>
        $"cpu: {RuntimeInformation.ProcessArchitecture}, {VectorWidths.Describe(Vectors)}, {Options.Threads} {(Options.Threads == 1 ? "thread" : "threads")}, numerics {(Options.Numerics == NumericsMode.Fast ? "fast" : "exact")}";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Facts => new Dictionary<string, string> { ["vectors"] = VectorWidths.Describe(Vectors) };

    /// <inheritdoc/>
    public override FilterLayout FilterLayout => FilterLayout.Hwio;

    /// <inheritdoc/>
    public override MemoryStatistics Memory => _allocator.Statistics;

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

    /// <summary>The threads of the kernels.</summary>
    internal CpuThreads Threads { get; }

    /// <inheritdoc/>
    /// <remarks>Not in bfloat16: the processors that this is for have no units for it, and memory is not what binds them.</remarks>
    public override bool Supports(DType type) => Enum.IsDefined(type) && type != DType.BFloat16;

    /// <inheritdoc/>
    public override Storage Allocate(long byteLength)
    {
        using BackendScope scope = Enter("allocate");
        return new CpuStorage(this, _allocator, byteLength);
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        using BackendScope scope = Enter("upload");
        CheckTransfer("upload", source.Length, target, whole: false);
        fixed (byte* from = source)
        {
            Buffer.MemoryCopy(from, Bytes("upload", target), source.Length, source.Length);
        }

        Overwritten(target);
    }

    /// <inheritdoc/>
    public override void Download(Tensor source, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(source);
        using BackendScope scope = Enter("download");
        CheckTransfer("download", target.Length, source);
        fixed (byte* to = target)
        {
            Buffer.MemoryCopy(Bytes("download", source), to, target.Length, target.Length);
        }
    }

    /// <summary>A tensor's elements for a kernel that reads them, in the tensor's own memory order (a filter's is <see cref="FilterLayout"/>).</summary>
    /// <typeparam name="T">The tensor's element type: float, double, int or byte.</typeparam>
    /// <param name="tensor">A tensor of this backend.</param>
    /// <returns>The memory, which may be captured by the body of <see cref="For"/>; its span is refused once the tensor has been freed.</returns>
    /// <exception cref="ShapeException">The tensor has another element type, or more elements than a span.</exception>
    /// <exception cref="DeviceException">The tensor lies on another backend.</exception>
    /// <exception cref="ObjectDisposedException">The tensor has been freed.</exception>
    public ReadOnlyMemory<T> Read<T>(Tensor tensor) where T : unmanaged => Elements<T>("read", tensor);

    /// <summary>As <see cref="Read"/>, for a kernel that writes them. The tensor counts as overwritten: a backward rule that reads what it held before is refused.</summary>
    /// <typeparam name="T">The tensor's element type: float, double, int or byte.</typeparam>
    /// <param name="tensor">A tensor of this backend.</param>
    /// <exception cref="ShapeException">The tensor has another element type, or more elements than a span.</exception>
    /// <exception cref="DeviceException">The tensor lies on another backend.</exception>
    /// <exception cref="ObjectDisposedException">The tensor has been freed.</exception>
    public Memory<T> Write<T>(Tensor tensor) where T : unmanaged
    {
        Memory<T> elements = Elements<T>("write", tensor);
        Overwritten(tensor);
        return elements;
    }

    /// <summary>Runs a loop on the backend's threads: pieces of the items, in any order and several at a time, or all in one piece where there is too little work to share.</summary>
    /// <param name="count">The number of items.</param>
    /// <param name="cost">The work of one item, as the number of elements that it reads or writes; at least 1.</param>
    /// <param name="body">Does the items from its first number up to, not including, its second. Its results must not depend on where pieces begin, as sums over several items would.</param>
    /// <remarks>Where pieces begin follows from the count and the cost alone, never from the number of threads. A loop inside a loop is done by the thread that comes to it.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or the cost less than 1.</exception>
    public void For(int count, int cost, Action<int, int> body)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(cost, 1);
        ArgumentNullException.ThrowIfNull(body);

        // Threads of the backend are inside with the one that has sent them.
        using BackendScope scope = CpuThreads.IsInLoop ? default : Enter("for");
        Ranges.For(Threads, count, cost, new DelegateBody(body));
    }

    /// <inheritdoc/>
    public override void ResetPeak() => _allocator.ResetPeak();

    /// <inheritdoc/>
    public override void TrimCache()
    {
        using BackendScope scope = Enter("trim");
        Threads.Scratch.Trim();
        _allocator.Trim();
    }

    /// <summary>Does nothing: every kernel is done when its call returns.</summary>
    public override void Synchronize()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            Threads.Dispose();
            _allocator.Dispose();
        }
    }

    private Memory<T> Elements<T>(string op, Tensor tensor) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.DType != DTypes.Of<T>() || tensor.Count > int.MaxValue)
        {
            throw new ShapeException($"{op}: the tensor is {tensor} with {tensor.Count} elements, asked for as {typeof(T).Name}; ask for its own type, and for at most {int.MaxValue} elements at a time");
        }

        Bytes(op, tensor);
        return new TensorMemory<T>(tensor).Memory;
    }

    private byte* Bytes(string op, Tensor tensor)
    {
        tensor.ThrowIfFreed(op);
        return tensor.Storage is CpuStorage storage && storage.IsOf(_allocator)
            ? storage.Pointer + (tensor.Offset * tensor.DType.Size())
            : throw new DeviceException($"{op}: the tensor {tensor} lies on another backend, {tensor.Backend.Name}; copy it by way of that one");
    }

    private static void CheckTransfer(string op, int byteLength, Tensor tensor, bool whole = true)
    {
        long bytes = tensor.Count * tensor.DType.Size();
        if (whole ? byteLength != bytes : byteLength > bytes)
        {
            throw new ShapeException($"{op}: the tensor {tensor} has {bytes} bytes, the host side {byteLength}; both must agree");
        }
    }

    private readonly struct DelegateBody(Action<int, int> body) : IRangeBody
    {
        public void Run(long start, long end) => body((int)start, (int)end);
    }
}
