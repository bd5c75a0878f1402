using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>A driver after <c>cuInit</c>: its version and devices, or why there are none.</summary>
/// <param name="Version">Its CUDA version; null where it does not say.</param>
/// <param name="Devices">Its devices, whether or not the kernels run on them.</param>
/// <param name="Obstacle">In one clause, why it can't be used; null where it can.</param>
/// <param name="Started">Whether <c>cuInit</c> succeeded: from then on the driver has threads and may not be unloaded.</param>
internal sealed record DriverState(Version? Version, IReadOnlyList<CudaDeviceFacts> Devices, string? Obstacle, bool Started = false)
{
    /// <summary>The environment variable that hides devices from the driver.</summary>
    public const string VisibilityVariable = "CUDA_VISIBLE_DEVICES";

    /// <summary>Starts a driver and asks for its devices.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="visible">The value of <see cref="VisibilityVariable"/>; null where it is not set.</param>
    public static DriverState Start(ICudaDriver driver, string? visible)
    {
        Version? version = driver.DriverGetVersion(out int number) == CudaResult.Success && number > 0 ? new Version(number / 1000, number % 1000 / 10) : null;
        CudaResult result = driver.Init(0);
        if (result != CudaResult.Success)
        {
            return new DriverState(version, [], Refusal(driver, version, result, visible));
        }

        result = driver.DeviceGetCount(out int count);
        if (result != CudaResult.Success || count == 0)
        {
            return new DriverState(version, [], Refusal(driver, version, result == CudaResult.Success ? CudaResult.NoDevice : result, visible), Started: true);
        }

        CudaDeviceFacts[] devices = [.. Enumerable.Range(0, count).Select(ordinal => CudaDeviceFacts.Read(driver, ordinal)).OfType<CudaDeviceFacts>()];
        string where = visible is null ? "of this machine" : $"that {VisibilityVariable}={visible} lets be seen";
        string? obstacle = devices.Any(device => device.IsSupported)
            ? null
            : $"no GPU {where} has compute capability {CudaDeviceFacts.LeastComputeCapability} or more ({string.Join(", ", devices.Select(device => $"{device.Name}: {device.ComputeCapability}"))}); a Turing GPU or a newer one is needed";
        return new DriverState(version, devices, obstacle, Started: true);
    }

    private static string Refusal(ICudaDriver driver, Version? version, CudaResult result, string? visible) => result switch
    {
        CudaResult.NoDevice => $"the NVIDIA driver (CUDA {version}) finds no GPU{Hidden(visible)}",
        CudaResult.StubLibrary => "the driver library is a toolkit's stub for building, not a driver; install the GPU's driver, or take the stub's folder out of the library path",
        _ => $"the NVIDIA driver (CUDA {version}) does not start: {Words(driver, result)}; see what nvidia-smi says",
    };

    /// <summary>Where the variable is set, it is the likelier cause: the driver sees the devices up to the first that it does not know, so a first one of -1 or no name at all hides every one.</summary>
    private static string Hidden(string? visible)
    {
        const string Remedy = "unset it, or name devices that nvidia-smi -L lists, for example 0";
        string first = visible?.Split(',')[0].Trim() ?? string.Empty;
        bool names = first.Length > 0 && (char.IsAsciiDigit(first[0]) || first.StartsWith("GPU-", StringComparison.OrdinalIgnoreCase) || first.StartsWith("MIG-", StringComparison.OrdinalIgnoreCase));
        return visible is null ? " in this machine"
            : string.IsNullOrWhiteSpace(visible) ? $": {VisibilityVariable} is set to nothing, which hides every GPU; {Remedy}"
            : names ? $" among those that {VisibilityVariable}={visible} lets be seen; {Remedy}"
            : $": {VisibilityVariable}={visible} hides every GPU; {Remedy}";
    }

    private static string Words(ICudaDriver driver, CudaResult result)
    {
        string name = driver.GetErrorName(result, out nint text) == CudaResult.Success ? Marshal.PtrToStringUTF8(text) ?? string.Empty : "status";
        string meaning = driver.GetErrorString(result, out text) == CudaResult.Success ? ": " + Marshal.PtrToStringUTF8(text) : string.Empty;
        return $"{name} ({(int)result}){meaning}";
    }
}
