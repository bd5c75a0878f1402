using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Devices;

/// <summary>The one place where a device's name becomes a device.</summary>
public static class DeviceSelector
{
    /// <summary>The devices of this build.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cpu"];

    /// <summary>Opens a device.</summary>
    /// <param name="name">One of <see cref="Names"/>, or <c>auto</c> for the fastest there is.</param>
    /// <param name="threads">Threads that compute on the CPU; all processors if null.</param>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public static Backend Open(string name, int? threads = null) => name switch
    {
        "cpu" or "auto" => new CpuBackend(threads is int count ? new CpuBackendOptions { Threads = count } : new CpuBackendOptions()),
        _ => throw new DeviceException($"{name} is not available in this build; devices: {string.Join(", ", Names)}"),
    };
}
