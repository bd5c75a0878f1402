using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Device;

/// <summary>What the kernels of a backend share: the device, its memory, its kernels and the commands of its compute stream.</summary>
internal sealed class DeviceContext : IDisposable
{
    private const ulong Vector = 16;

    private static readonly Description AllocatorDescription = new("telling the driver of buffers");
    private static readonly Description UploadDescription = new("upload within a step");

    private readonly KernelCall _call;

    public DeviceContext(CudaDevice device, CudaBackendOptions options)
    {
        Device = device;
        Options = options;
        Clock = new StreamClock(device);
        Allocator = new CachingAllocator(device, Clock, options.MemoryLimit);
        Modules = new KernelModules(device);
        Transfers = new Transfers(device, Clock);
        Commands = new CommandStream(device, Clock, options.SynchronizeLaunches);
        Steps = new StepGraphs(this);
        Allocator.BeforeFree = Steps.Flush;
        if (device.Driver is IMemoryObserver)
        {
            Allocator.Observer = Observe;
        }

        _call = new KernelCall(this);
    }

    /// <summary>The device.</summary>
    public CudaDevice Device { get; }

    /// <summary>What the backend was created with.</summary>
    public CudaBackendOptions Options { get; }

    /// <summary>The order of the compute stream's commands.</summary>
    public StreamClock Clock { get; }

    /// <summary>Memory in the order of the compute stream.</summary>
    public CachingAllocator Allocator { get; }

    /// <summary>The backend's own kernels.</summary>
    public KernelModules Modules { get; }

    /// <summary>Copies from and to the host.</summary>
    public Transfers Transfers { get; }

    /// <summary>The compute stream's commands.</summary>
    public CommandStream Commands { get; }

    /// <summary>Captured steps.</summary>
    public StepGraphs Steps { get; }

    /// <summary>Begins the launch of a kernel.</summary>
    /// <param name="module">Its op family.</param>
    /// <param name="kernel">Its name.</param>
    public KernelCall Kernel(string module, string kernel) => _call.Begin(kernel, Modules.Function(module, kernel));

    /// <summary>Begins the launch of a kernel that is there for several types of elements.</summary>
    /// <param name="module">Its op family.</param>
    /// <param name="kernel">Its name.</param>
    /// <param name="elements">The type of the activations that it reads or writes.</param>
    public KernelCall Kernel(string module, string kernel, DType elements) => _call.Begin(kernel, Modules.Function(module, kernel, elements));

    /// <summary>Begins the launch of a kernel that a program has brought along.</summary>
    /// <param name="kernel">Its name.</param>
    /// <param name="function">Its handle.</param>
    public KernelCall Begin(string kernel, nint function) => _call.Begin(kernel, function);

    /// <summary>Memory for the launches of one call.</summary>
    public Scratch Scratch(long bytes) => new(Allocator, bytes);

    /// <summary>The address of a tensor's first element.</summary>
    /// <exception cref="DeviceException">The tensor is on another device.</exception>
    /// <exception cref="ObjectDisposedException">Its memory has been released.</exception>
    public ulong Pointer(Tensor tensor)
    {
        CudaStorage storage = StorageOf(tensor);
        if (storage.IsFreed)
        {
            tensor.ThrowIfFreed(Device.Label);
        }

        storage.Block.IsTouched = true;
        return Address(tensor, storage);
    }

    /// <summary>A tensor's memory.</summary>
    public CudaStorage StorageOf(Tensor tensor) => tensor.Storage is CudaStorage storage && storage.Device.Context == this
        ? storage
        : throw new DeviceException($"{Device.Label}: the tensor {tensor} is on {tensor.Backend.Name}; copy it to the host and from there to {Device.Label}");

    /// <summary>Whether vectors of 16 bytes can be moved from and to all of the tensors' first elements; missing ones don't count.</summary>
    public bool IsAligned(params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors)
        {
            if (tensor is not null && Address(tensor, StorageOf(tensor)) % Vector != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Puts numbers where a kernel reads them in device memory.</summary>
    public ulong Numbers(string what, ReadOnlySpan<byte> bytes) =>
        Steps.Current is { } step && step.TryStage(bytes, bytes.Length, out ulong address) ? address : Transfers.Numbers(what, bytes);

    /// <summary>Whether vectors of 16 bytes can be moved from and to an address and all of the tensors' first elements.</summary>
    public bool IsAligned(ulong address, params ReadOnlySpan<Tensor?> tensors) => address % Vector == 0 && IsAligned(tensors);

    /// <summary>
    /// Copies from the host to a tensor's first bytes; a step that is held back gets them with its other inputs, and room for as many as the tensor has, so that its commands stay the same.
    /// </summary>
    public void Upload(ReadOnlySpan<byte> source, Tensor target)
    {
        CudaStorage storage = StorageOf(target);
        ulong address = Address(target, storage);
        int room = checked((int)(target.Count * target.DType.Size()));
        if (room == 0)
        {
            return;
        }

        if (Steps.Current is { } step && step.TryStage(source, room, out ulong staged))
        {
            storage.Block.IsTouched = true;
            Commands.Issue([(ulong)CommandKind.Copy, address, staged, (ulong)room], UploadDescription);
            return;
        }

        Transfers.Upload($"upload of {target}", source, storage.Block, address);
    }

    /// <summary>Gives everything back. Errors are not reported: there is nothing left to save.</summary>
    public void Dispose()
    {
        Steps.Dispose();
        Transfers.Dispose();
        Modules.Dispose();
        Allocator.Dispose();
        Clock.Dispose();
    }

    private static ulong Address(Tensor tensor, CudaStorage storage) => storage.Address + (ulong)(tensor.Offset * tensor.DType.Size());

    private void Observe(bool rented, ulong address, long bytes) =>
        Commands.Issue([(ulong)(rented ? CommandKind.MemoryRented : CommandKind.MemoryReturned), address, (ulong)bytes], AllocatorDescription);
}
