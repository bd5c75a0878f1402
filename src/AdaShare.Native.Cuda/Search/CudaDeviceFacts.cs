using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>What the driver says about a device before anything is made on it.</summary>
/// <param name="Ordinal">Its number, from 0.</param>
/// <param name="Name">The maker's name.</param>
/// <param name="ComputeCapability">For example 9.0.</param>
/// <param name="MultiprocessorCount">Streaming multiprocessors.</param>
/// <param name="MemoryBytes">Bytes of device memory.</param>
public sealed record CudaDeviceFacts(int Ordinal, string Name, Version ComputeCapability, int MultiprocessorCount, long MemoryBytes)
{
    /// <summary>The lowest compute capability that the kernels are compiled for (Turing).</summary>
    public static Version LeastComputeCapability { get; } = new(7, 5);

    /// <summary>Whether the kernels run on the device.</summary>
    public bool IsSupported => ComputeCapability >= LeastComputeCapability;

    /// <summary>Asks a driver that has been started.</summary>
    /// <returns>Null where the driver does not answer.</returns>
    internal static unsafe CudaDeviceFacts? Read(ICudaDriver driver, int ordinal)
    {
        const int Length = 256;
        byte* name = stackalloc byte[Length];
        bool known = driver.DeviceGet(out int device, ordinal) == CudaResult.Success;
        known &= driver.DeviceGetName(name, Length, device) == CudaResult.Success;
        known &= driver.DeviceGetAttribute(out int major, CudaDeviceAttribute.ComputeCapabilityMajor, device) == CudaResult.Success;
        known &= driver.DeviceGetAttribute(out int minor, CudaDeviceAttribute.ComputeCapabilityMinor, device) == CudaResult.Success;
        known &= driver.DeviceGetAttribute(out int multiprocessors, CudaDeviceAttribute.MultiprocessorCount, device) == CudaResult.Success;
        known &= driver.DeviceTotalMem(out nuint bytes, device) == CudaResult.Success;
        return known ? new CudaDeviceFacts(ordinal, Marshal.PtrToStringUTF8((nint)name) ?? string.Empty, new Version(major, minor), multiprocessors, (long)bytes) : null;
    }
}
