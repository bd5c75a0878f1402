using System.Diagnostics;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Device;

/// <summary>Whether a device can be taken into use: its context is made, and its driver compiles every embedded kernel.</summary>
/// <param name="FreeBytes">Bytes of device memory that nobody uses.</param>
/// <param name="Architecture">The virtual architecture of the kernels that it gets, for example <c>compute_80</c>.</param>
/// <param name="Modules">The modules that the driver accepted.</param>
/// <param name="Seconds">How long that took; drivers keep what they compiled, so a second time is shorter.</param>
/// <param name="Fault">Why the device can't be used; null if it can.</param>
public sealed record CudaDeviceCheck(long FreeBytes, string Architecture, int Modules, double Seconds, string? Fault)
{
    /// <summary>Checks a device and lets go of it.</summary>
    /// <param name="libraries">Driver, cuDNN and cuBLAS; only the driver is called.</param>
    /// <param name="ordinal">The device's number, from 0.</param>
    public static CudaDeviceCheck Run(CudaLibraries libraries, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(libraries);
        long free = 0;
        string architecture = string.Empty;
        int accepted = 0;
        var watch = Stopwatch.StartNew();
        try
        {
            using var device = new CudaDevice(libraries, ordinal);
            device.Activate();
            device.Check("cuMemGetInfo", device.Driver.MemGetInfo(out nuint bytes, out _));
            free = (long)bytes;
            using var modules = new KernelModules(device);
            architecture = modules.Architecture;
            foreach (string module in KernelModules.Embedded(architecture))
            {
                modules.Load(module);
                accepted++;
            }

            return new CudaDeviceCheck(free, architecture, accepted, watch.Elapsed.TotalSeconds, null);
        }
        catch (DeviceException e)
        {
            return new CudaDeviceCheck(free, architecture, accepted, watch.Elapsed.TotalSeconds, e.Message);
        }
    }
}
