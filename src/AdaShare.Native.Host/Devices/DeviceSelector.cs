using System.Globalization;
using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Devices;

/// <summary>The one place where a device's name becomes a device.</summary>
public static class DeviceSelector
{
    /// <summary>The names that users may say.</summary>
    public const string Names = "auto, cpu, cuda or cuda:N";

    /// <summary>Opens a device.</summary>
    /// <param name="host">Where the libraries of CUDA are found.</param>
    /// <param name="name">One of <see cref="Names"/>: <c>auto</c> takes the first GPU that can be used, else the CPU; <c>cuda</c> is <c>cuda:0</c>.</param>
    /// <param name="threads">Threads that compute on the CPU; all processors if null.</param>
    /// <param name="numerics">How to round: <c>fast</c>, <c>exact</c> or, on a GPU, <c>bfloat16</c>.</param>
    /// <exception cref="DeviceException">There is no such device; the message says what is missing.</exception>
    /// <exception cref="ConfigurationException">The device can't round so.</exception>
    public static SelectedDevice Open(HostContext host, string name, int? threads = null, string numerics = "exact")
    {
        ArgumentNullException.ThrowIfNull(host);
        return Open(host.Cuda, name, threads, numerics);
    }

    /// <summary>Opens a device with libraries of CUDA that are found only if the name may mean a GPU.</summary>
    /// <exception cref="DeviceException">There is no such device; the message says what is missing.</exception>
    internal static SelectedDevice Open(Func<CudaSearch> cuda, string name, int? threads = null, string numerics = "exact")
    {
        ArgumentNullException.ThrowIfNull(name);
        return name switch
        {
            "cpu" => new SelectedDevice(Cpu(threads, numerics), numerics),
            "auto" => Auto(cuda(), threads, numerics),
            "cuda" => new SelectedDevice(Cuda(cuda(), 0, numerics), numerics),
            _ when Ordinal(name) is int ordinal => new SelectedDevice(Cuda(cuda(), ordinal, numerics), numerics),
            _ => throw new DeviceException($"{name} is not a device; expected {Names}, where N counts GPUs from 0"),
        };
    }

    /// <summary>A configuration's numerics on a GPU: factors of TF32 or of single precision. That activations are in bfloat16 is the network's own affair; sums are in single precision always.</summary>
    public static CudaBackendOptions CudaOptions(int ordinal, string numerics) => new()
    {
        Device = ordinal,
        AllowTf32 = numerics != "exact",
    };

    /// <summary>The first device that kernels run on; null where there is none.</summary>
    public static CudaDeviceFacts? First(CudaSearch search)
    {
        ArgumentNullException.ThrowIfNull(search);
        return search.Libraries is null ? null : search.Devices.FirstOrDefault(device => device.IsSupported);
    }

    private static SelectedDevice Auto(CudaSearch search, int? threads, string numerics)
    {
        if (First(search) is not CudaDeviceFacts device)
        {
            return new SelectedDevice(Cpu(threads, numerics), numerics) { Reason = search.Obstacle };
        }

        try
        {
            return new SelectedDevice(Cuda(search, device.Ordinal, numerics), numerics);
        }
        catch (DeviceException e)
        {
            return new SelectedDevice(Cpu(threads, numerics), numerics) { Reason = e.Message };
        }
    }

    private static CpuBackend Cpu(int? threads, string numerics) => new(new CpuBackendOptions
    {
        Threads = threads ?? Environment.ProcessorCount,
        Numerics = numerics switch
        {
            "fast" => NumericsMode.Fast,
            "exact" => NumericsMode.Exact,
            _ => throw new ConfigurationException($"numerics is {numerics}, which needs a GPU; the CPU computes with fast or exact"),
        },
    });

    private static CudaBackend Cuda(CudaSearch search, int ordinal, string numerics) => search.Libraries is null
        ? throw new DeviceException($"cuda:{ordinal} can't be used: {search.Obstacle}; --device cpu computes without it")
        : new CudaBackend(search.Libraries, CudaOptions(ordinal, numerics));

    private static int? Ordinal(string name) =>
        name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan("cuda:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal) ? ordinal : null;
}
