using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>A driver after <c>cuInit</c>: its version and devices, or why there are none.</summary>
internal sealed record DriverState(Version? Version, IReadOnlyList<CudaDeviceFacts> Devices, string? Obstacle)
{
    /// <summary>Starts a driver and asks for its devices.</summary>
    public static DriverState Start(ICudaDriver driver)
    {
        Version? version = driver.DriverGetVersion(out int number) == CudaResult.Success && number > 0 ? new Version(number / 1000, number % 1000 / 10) : null;
        CudaResult result = driver.Init(0);
        if (result != CudaResult.Success)
        {
            return new DriverState(version, [], Refusal(driver, version, result));
        }

        result = driver.DeviceGetCount(out int count);
        if (result != CudaResult.Success || count == 0)
        {
            return new DriverState(version, [], Refusal(driver, version, result == CudaResult.Success ? CudaResult.NoDevice : result));
        }

        CudaDeviceFacts[] devices = [.. Enumerable.Range(0, count).Select(ordinal => CudaDeviceFacts.Read(driver, ordinal)).OfType<CudaDeviceFacts>()];
        string? obstacle = devices.Any(device => device.IsSupported)
            ? null
            : $"no GPU of this machine has compute capability {CudaDeviceFacts.LeastComputeCapability} or more ({string.Join(", ", devices.Select(device => $"{device.Name}: {device.ComputeCapability}"))}); a Turing GPU or a newer one is needed";
        return new DriverState(version, devices, obstacle);
    }

    private static string Refusal(ICudaDriver driver, Version? version, CudaResult result) => result switch
    {
        CudaResult.NoDevice => $"the NVIDIA driver (CUDA {version}) finds no GPU in this machine",
        CudaResult.StubLibrary => "the driver library is a toolkit's stub for building, not a driver; install the GPU's driver, or take the stub's folder out of the library path",
        _ => $"the NVIDIA driver (CUDA {version}) does not start: {Words(driver, result)}; see what nvidia-smi says",
    };

    private static string Words(ICudaDriver driver, CudaResult result)
    {
        string name = driver.GetErrorName(result, out nint text) == CudaResult.Success ? Marshal.PtrToStringUTF8(text) ?? string.Empty : "status";
        string meaning = driver.GetErrorString(result, out text) == CudaResult.Success ? ": " + Marshal.PtrToStringUTF8(text) : string.Empty;
        return $"{name} ({(int)result}){meaning}";
    }
}
