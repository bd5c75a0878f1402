using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Device;

/// <summary>The backend's own kernels: PTX that is embedded in the assembly, compiled by the driver when a module is first used. And those that a program brings along, which live as long.</summary>
internal sealed unsafe class KernelModules(CudaDevice device) : IDisposable
{
    private const int LogBytes = 8 << 10;

    // What the kernel compiler adds to a family's name for the module whose elements are bfloat16.
    private const string Bfloat16 = ".bfloat16";

    private static readonly Version[] Architectures = [new(8, 0), new(7, 5)];

    private readonly Dictionary<string, nint> _modules = [];
    private readonly Dictionary<(string Module, string Kernel, DType Elements), nint> _functions = [];
    private readonly List<nint> _foreign = [];

    /// <summary>The virtual architecture whose PTX the device gets, for example <c>compute_80</c>.</summary>
    public string Architecture { get; } = Choose(device);

    /// <summary>The op families whose kernels are embedded for an architecture, in order.</summary>
    public static IReadOnlyList<string> Embedded(string architecture)
    {
        string end = $".{architecture}.ptx";
        return [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.EndsWith(end, StringComparison.Ordinal)).Select(name => name[..^end.Length]).Order(StringComparer.Ordinal)];
    }

    /// <summary>Lets the driver compile a module now rather than when one of its kernels is first launched.</summary>
    public void Load(string module)
    {
        device.Activate();
        Module(module);
    }

    /// <summary>A kernel's handle.</summary>
    /// <param name="module">The op family: the name of the file in kernels/.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="elements">The type of its elements, where the family has modules for several.</param>
    public nint Function(string module, string kernel, DType elements = DType.Float32)
    {
        if (_functions.TryGetValue((module, kernel, elements), out nint function))
        {
            return function;
        }

        device.Activate();
        string name = elements == DType.BFloat16 ? module + Bfloat16 : module;
        function = Function(Module(name), name, kernel);
        _functions.Add((module, kernel, elements), function);
        return function;
    }

    /// <summary>Lets the driver compile a module that a program brings along.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="ptx">Its text.</param>
    /// <returns>The module's handle, which is valid until all modules are unloaded.</returns>
    public nint LoadForeign(string name, string ptx)
    {
        device.Activate();
        nint module = Load(name, "its target", Encoding.UTF8.GetBytes(ptx + '\0'));
        _foreign.Add(module);
        return module;
    }

    /// <summary>A kernel of a loaded module.</summary>
    /// <param name="module">The module's handle.</param>
    /// <param name="name">The module's name, for messages.</param>
    /// <param name="kernel">The kernel.</param>
    public nint Function(nint module, string name, string kernel)
    {
        device.Activate();
        fixed (byte* text = Encoding.UTF8.GetBytes(kernel + '\0'))
        {
            device.Check($"cuModuleGetFunction of {kernel} in {name}", device.Driver.ModuleGetFunction(out nint function, module, text));
            return function;
        }
    }

    /// <summary>Unloads all modules.</summary>
    public void Dispose()
    {
        foreach (nint module in _modules.Values.Concat(_foreign))
        {
            device.Driver.ModuleUnload(module);
        }

        _modules.Clear();
        _foreign.Clear();
        _functions.Clear();
    }

    private static string Choose(CudaDevice device)
    {
        foreach (Version architecture in Architectures)
        {
            if (device.ComputeCapability >= architecture)
            {
                return $"compute_{architecture.Major}{architecture.Minor}";
            }
        }

        throw new DeviceException(
            $"{device.Label}: {device.Name} has compute capability {device.ComputeCapability}; the kernels need {Architectures[^1]} or newer, so use another device or the CPU");
    }

    private nint Module(string name)
    {
        if (_modules.TryGetValue(name, out nint module))
        {
            return module;
        }

        module = Load(name, Architecture, Read($"{name}.{Architecture}.ptx"));
        _modules.Add(name, module);
        return module;
    }

    /// <param name="name">The module's name, for messages.</param>
    /// <param name="architecture">What it was compiled for, for messages.</param>
    /// <param name="image">The PTX with a zero at its end.</param>
    private nint Load(string name, string architecture, byte[] image)
    {
        byte* log = stackalloc byte[LogBytes];
        log[0] = 0;
        CudaJitOption* options = stackalloc CudaJitOption[] { CudaJitOption.ErrorLogBuffer, CudaJitOption.ErrorLogBufferBytes };
        void** values = stackalloc void*[2];
        values[0] = log;
        values[1] = (void*)LogBytes;
        CudaResult result;
        nint module;
        fixed (byte* ptx = image)
        {
            result = device.Driver.ModuleLoadDataEx(out module, ptx, 2, options, values);
        }

        if (result != CudaResult.Success)
        {
            string words = Marshal.PtrToStringUTF8((nint)log)!.Trim();
            throw device.Failure($"loading the kernels of {name} for {architecture} by the driver for CUDA {device.DriverVersion}{(words.Length > 0 ? $" ({words})" : string.Empty)}", result);
        }

        return module;
    }

    /// <summary>The PTX with a zero at its end.</summary>
    private static byte[] Read(string resource)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"the assembly has no resource {resource}; run the kernel compiler and build again");
        byte[] image = new byte[stream.Length + 1];
        stream.ReadExactly(image, 0, image.Length - 1);
        return image;
    }
}
