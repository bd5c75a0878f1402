using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda;

/// <summary>Kernels that a program brings along, loaded by <see cref="CudaBackend.LoadModule"/>. They live as long as the backend, since a captured step may launch them at any time.</summary>
public sealed class CudaModule
{
    private readonly CudaBackend _backend;
    private readonly nint _handle;
    private readonly IReadOnlyDictionary<string, PtxKernel> _declared;
    private readonly Dictionary<string, CudaKernel> _kernels = new(StringComparer.Ordinal);

    internal CudaModule(CudaBackend backend, string name, string ptx)
    {
        _backend = backend;
        (Name, Ptx) = (name, ptx);
        CudaDevice device = backend.Context.Device;
        Version target = PtxKernel.TargetOf(ptx)
            ?? throw new DeviceException($"{backend.Name}: the module {name} is no PTX, for it has no .target; give the text that nvcc --ptx or the kernel compiler writes");
        if (target > device.ComputeCapability)
        {
            throw new DeviceException(
                $"{backend.Name}: the module {name} is compiled for compute capability {target}, {device.Name} has {device.ComputeCapability}; compile it for compute_{device.ComputeCapability.Major}{device.ComputeCapability.Minor} or older");
        }

        _declared = PtxKernel.Read(ptx);
        _handle = backend.Context.Modules.LoadForeign(name, ptx);
    }

    /// <summary>The name that it was loaded under.</summary>
    public string Name { get; }

    /// <summary>The names of its kernels, in order.</summary>
    public IReadOnlyList<string> Kernels => [.. _declared.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The text that it was loaded from.</summary>
    internal string Ptx { get; }

    /// <summary>A kernel: a function that is declared <c>extern "C" __global__</c>, so that it keeps its name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="DeviceException">The module has none of the name, or it takes a struct by value, or more parameters than a launch has room for.</exception>
    public CudaKernel Kernel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using BackendScope scope = _backend.Enter("kernel");
        if (_kernels.TryGetValue(name, out CudaKernel? kernel))
        {
            return kernel;
        }

        if (!_declared.TryGetValue(name, out PtxKernel? declared))
        {
            throw new DeviceException($"{_backend.Name}: the module {Name} has no kernel {name}, but {string.Join(", ", Kernels)}; a kernel keeps its name where it is declared extern \"C\"");
        }

        kernel = new CudaKernel(_backend, Name, declared, _backend.Context.Modules.Function(_handle, Name, name));
        _kernels.Add(name, kernel);
        return kernel;
    }
}
