using System.Globalization;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Kernels;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda;

/// <summary>
/// An NVIDIA GPU as a device: convolutions by cuDNN, matrix products by cuBLAS, everything else by kernels of ours; single precision, activations in bfloat16 where that is asked for, filters in <see cref="FilterLayout.Ohwi"/>.
/// </summary>
/// <remarks>
/// Kernels are launched and not waited for; <see cref="Download"/> and <see cref="Synchronize"/> wait. Results are the same bits for the same inputs on the same device, unless the
/// options say otherwise. It takes one thread at a time and refuses a second one, see <see cref="Backend"/>.
/// </remarks>
public sealed class CudaBackend : Backend, IStepCapture
{
    private const long LeastMemory = 32L << 20;
    private const long MebiByte = 1 << 20;

    private readonly CudaDevice _device;
    private readonly ConvolutionKernels _convolution;
    private readonly Products _products;
    private readonly Dictionary<string, CudaModule> _customModules = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Takes the device into use.</summary>
    /// <param name="libraries">Driver, cuDNN and cuBLAS.</param>
    /// <param name="options">What can be chosen; the defaults if null.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="DeviceException">The driver has no such device, or the device is too old.</exception>
    public CudaBackend(CudaLibraries libraries, CudaBackendOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(libraries);
        Options = options ?? new CudaBackendOptions();
        if (Options.MemoryLimit is { } limit && limit < LeastMemory)
        {
            throw new ConfigurationException($"cuda: the memory limit is {limit} bytes, expected {LeastMemory} or more; leave it out to use all that the device has");
        }

        if (Options.UnrolledBytes < 1)
        {
            throw new ConfigurationException($"cuda: the windows of convolutions may take {Options.UnrolledBytes} bytes, expected 1 or more");
        }

        _device = new CudaDevice(libraries, Options.Device);
        try
        {
            Context = new DeviceContext(_device, Options);
        }
        catch
        {
            _device.Dispose();
            throw;
        }

        Context.Allocator.OutOfMemoryHint = OpenStepsHint;
        _products = new Products(Context);
        _convolution = new ConvolutionKernels(Context, _products);
        Matrix = new MatrixKernels(Context, _products);
        var statistics = new BatchNormStatistics(Context);
        BatchNorm = new BatchNormKernels(Context, statistics);
        BatchNormResidual = new BatchNormResidualKernels(Context, statistics);
        Activation = new ActivationKernels(Context);
        Pooling = new PoolingKernels(Context);
        Resize = new ResizeKernels(Context);
        Elementwise = new ElementwiseKernels(Context);
        Reduction = new ReductionKernels(Context);
        Softmax = new SoftmaxKernels(Context);
        Embedding = new EmbeddingKernels(Context);
        Loss = new LossKernels(Context);
        Gate = new GateKernels(Context);
        Optimizer = new OptimizerKernels(Context);
        Image = new ImageKernels(Context);
    }

    /// <summary>What the backend was created with.</summary>
    public CudaBackendOptions Options { get; }

    /// <inheritdoc/>
    public override string Name => _device.Label;

    /// <inheritdoc/>
    public override string Description =>
        $"{Name}: {_device.Name}, compute capability {_device.ComputeCapability}, {_device.TotalBytes / MebiByte} MiB, driver for CUDA {_device.DriverVersion}, " +
        $"cuDNN {_device.Libraries.Cudnn.GetVersion()}, TF32 {(Options.AllowTf32 ? "on" : "off")}, {(Options.Deterministic ? "deterministic" : "any order of addition")}";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Facts => new Dictionary<string, string>
    {
        ["gpu"] = _device.Name,
        ["compute_capability"] = _device.ComputeCapability.ToString(),
        ["driver"] = $"CUDA {_device.DriverVersion}",
        ["cudnn"] = _device.Libraries.Cudnn.GetVersion().ToString(CultureInfo.InvariantCulture),
        ["deterministic"] = Options.Deterministic ? "yes" : "no",
    };

    /// <inheritdoc/>
    public override FilterLayout FilterLayout => FilterLayout.Ohwi;

    /// <inheritdoc/>
    /// <remarks>Buffers of the backend's own (rings for copies, inputs of captured steps, the workspace of cuBLAS) are not counted.</remarks>
    public override MemoryStatistics Memory => Context.Allocator.Statistics;

    /// <summary>What became of the steps that <see cref="RunStep"/> ran.</summary>
    public StepStatistics Steps => Context.Steps.Statistics;

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution => _convolution;

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

    /// <summary>What the kernels share.</summary>
    internal DeviceContext Context { get; }

    /// <inheritdoc/>
    /// <remarks>Double precision is left to the CPU, where verification runs.</remarks>
    public override bool Supports(DType type) => type is DType.Float32 or DType.BFloat16 or DType.Int32 or DType.UInt8;

    /// <inheritdoc/>
    public override Storage Allocate(long byteLength)
    {
        using BackendScope scope = Enter("allocate");
        return new CudaStorage(this, Context.Allocator, byteLength, Options.Misalignment);
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        using BackendScope scope = Enter("upload");
        target.ThrowIfFreed("upload");
        CheckTransfer("upload", source.Length, target, whole: false);
        _device.Activate();
        Context.Upload(source, target);
        Overwritten(target);
    }

    /// <inheritdoc/>
    public override void Download(Tensor source, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(source);
        using BackendScope scope = Enter("download");
        source.ThrowIfFreed("download");
        CheckTransfer("download", target.Length, source);
        Context.Steps.Flush();
        _device.Activate();
        Context.Transfers.Download($"download of {source}", Context.Pointer(source), target);
    }

    /// <summary>Loads kernels from PTX, which nvcc or the kernel compiler makes of CUDA C++. The driver compiles them for the device; a later call for the same module gives what was loaded.</summary>
    /// <param name="name">What messages call the module; another text needs another name.</param>
    /// <param name="ptx">The text of the module. It lives as long as the backend.</param>
    /// <exception cref="DeviceException">It is no PTX, it is for newer devices, or the driver does not accept it; the message holds the driver's words.</exception>
    /// <exception cref="InvalidOperationException">A module with another text has the name.</exception>
    public CudaModule LoadModule(string name, string ptx)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(ptx);
        using BackendScope scope = Enter("load module");
        if (!_customModules.TryGetValue(name, out CudaModule? module))
        {
            module = new CudaModule(this, name, ptx);
            _customModules.Add(name, module);
        }

        return module.Ptx == ptx ? module : throw new InvalidOperationException($"{Name}: a module {name} with another text is loaded already; give this one another name");
    }

    /// <inheritdoc/>
    public void RunStep(string key, Action body)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(body);
        using BackendScope scope = Enter("step");
        Context.Steps.Run(key, body);
    }

    /// <inheritdoc/>
    public override void ResetPeak() => Context.Allocator.ResetPeak();

    /// <inheritdoc/>
    public override void TrimCache()
    {
        using BackendScope scope = Enter("trim");
        _device.Activate();
        Context.Allocator.Trim();
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        using BackendScope scope = Enter("synchronize");
        Context.Steps.Flush();
        _device.Synchronize("waiting for the device");
        Context.Clock.Synchronized();
    }

    /// <inheritdoc/>
    public override IDeviceClock CreateClock() => new CudaClock(_device, Context.Steps);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _device.Finish();
            _convolution.Dispose();
            _products.Dispose();
            Context.Dispose();
            _device.Dispose();
        }
    }

    private static void CheckTransfer(string op, int byteLength, Tensor tensor, bool whole = true)
    {
        long bytes = tensor.Count * tensor.DType.Size();
        if (whole ? byteLength != bytes : byteLength > bytes)
        {
            throw new ShapeException($"{op}: the tensor {tensor} has {bytes} bytes, the host side {byteLength}; both must agree");
        }
    }
}
