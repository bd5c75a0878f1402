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
    /// <param name="numerics">How convolutions may round: <c>fast</c> or <c>exact</c>.</param>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public static Backend Open(string name, int? threads = null, string numerics = "exact") => name switch
    {
        "cpu" or "auto" => new CpuBackend(new CpuBackendOptions
        {
            Threads = threads ?? Environment.ProcessorCount,
            Numerics = numerics == "fast" ? NumericsMode.Fast : NumericsMode.Exact,
        }),
        _ => throw new DeviceException($"{name} is not available in this build; devices: {string.Join(", ", Names)}"),
    };
}
