using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Device;

/// <summary>
/// A device with its primary context and the two streams of the backend: one that computes, in whose order memory lives, and one that copies from the host.
/// </summary>
/// <remarks>
/// An error that costs the context (700 to 719) makes the device object useless: every later call gives the same message, whatever it was about to do.
/// </remarks>
internal sealed unsafe class CudaDevice : IDisposable
{
    // The driver's current context is a matter of the thread; handles of two drivers (the tests have many) may be equal, so the device itself is remembered.
    [ThreadStatic]
    private static CudaDevice? _current;

    private readonly int _device;
    private string? _lost;
    private bool _disposed;

    public CudaDevice(CudaLibraries libraries, int ordinal)
    {
        Libraries = libraries;
        Driver = libraries.Driver;
        Ordinal = ordinal;
        Label = $"cuda:{ordinal}";
        Start("cuInit", Driver.Init(0));
        Start("cuDriverGetVersion", Driver.DriverGetVersion(out int version));
        DriverVersion = new Version(version / 1000, version % 1000 / 10);
        Start("cuDeviceGetCount", Driver.DeviceGetCount(out int count));
        if (ordinal < 0 || ordinal >= count)
        {
            throw new DeviceException($"{Label}: the driver has {count} {(count == 1 ? "device" : "devices")}{(count == 0 ? "; use the CPU" : $", numbered from 0 to {count - 1}; choose one of them")}");
        }

        Start("cuDeviceGet", Driver.DeviceGet(out _device, ordinal));
        Name = ReadName();
        ComputeCapability = new Version(Attribute(CudaDeviceAttribute.ComputeCapabilityMajor), Attribute(CudaDeviceAttribute.ComputeCapabilityMinor));
        MultiprocessorCount = Attribute(CudaDeviceAttribute.MultiprocessorCount);
        Start("cuDeviceTotalMem", Driver.DeviceTotalMem(out nuint bytes, _device));
        TotalBytes = (long)bytes;
        Start("cuDevicePrimaryCtxRetain", Driver.DevicePrimaryCtxRetain(out nint context, _device));
        Context = context;
        try
        {
            Activate();
            Check("cuStreamCreate", Driver.StreamCreate(out nint compute, CudaStreamFlags.NonBlocking));
            ComputeStream = compute;
            Check("cuStreamCreate", Driver.StreamCreate(out nint copy, CudaStreamFlags.NonBlocking));
            CopyStream = copy;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The libraries behind the device.</summary>
    public CudaLibraries Libraries { get; }

    /// <summary>The driver.</summary>
    public ICudaDriver Driver { get; }

    /// <summary>The device's number.</summary>
    public int Ordinal { get; }

    /// <summary>The name in messages, for example <c>cuda:0</c>.</summary>
    public string Label { get; }

    /// <summary>The maker's name.</summary>
    public string Name { get; }

    /// <summary>The driver's CUDA version.</summary>
    public Version DriverVersion { get; }

    /// <summary>The compute capability.</summary>
    public Version ComputeCapability { get; }

    /// <summary>Streaming multiprocessors.</summary>
    public int MultiprocessorCount { get; }

    /// <summary>Bytes of device memory.</summary>
    public long TotalBytes { get; }

    /// <summary>The primary context.</summary>
    public nint Context { get; }

    /// <summary>The stream of all kernels.</summary>
    public nint ComputeStream { get; private set; }

    /// <summary>The stream of large copies from the host.</summary>
    public nint CopyStream { get; private set; }

    /// <summary>Whether an error has cost the context.</summary>
    public bool IsLost => _lost is not null;

    /// <summary>Makes the context current on the calling thread, and refuses where it is lost.</summary>
    public void Activate()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfLost();
        if (_current != this)
        {
            Check("cuCtxSetCurrent", Driver.CtxSetCurrent(Context));
            _current = this;
        }
    }

    /// <summary>Throws where the driver's status is an error.</summary>
    /// <param name="what">The op or call, with shapes.</param>
    /// <param name="result">Its status.</param>
    public void Check(string what, CudaResult result)
    {
        if (result != CudaResult.Success)
        {
            throw Failure(what, result);
        }
    }

    /// <summary>The exception for a failed driver call; a sticky status poisons the device.</summary>
    public DeviceException Failure(string what, CudaResult result)
    {
        ThrowIfLost();
        string message = $"{Label}: {what} failed: {Words(result)}";
        if (result.IsSticky())
        {
            _lost = $"{message}; the device's memory is lost. The error may stem from an earlier call: run again with every launch waited for to find it, in a new process";
            return new DeviceException(_lost);
        }

        return new DeviceException(message);
    }

    /// <summary>Throws where cuDNN's status is an error.</summary>
    public void Check(string what, CudnnStatus status)
    {
        if (status != CudnnStatus.Success)
        {
            ThrowIfLost();
            throw new DeviceException($"{Label}: {what} failed: {Words(status)}");
        }
    }

    /// <summary>Throws where cuBLAS's status is an error.</summary>
    public void Check(string what, CublasStatus status)
    {
        if (status != CublasStatus.Success)
        {
            ThrowIfLost();
            string name = Marshal.PtrToStringUTF8(Libraries.Cublas.GetStatusName(status)) ?? status.ToString();
            throw new DeviceException($"{Label}: {what} failed: {name} ({(int)status})");
        }
    }

    /// <summary>Name, number and meaning of a driver status.</summary>
    public string Words(CudaResult result)
    {
        string name = Driver.GetErrorName(result, out nint text) == CudaResult.Success ? Marshal.PtrToStringUTF8(text) ?? string.Empty : result.ToString();
        string meaning = Driver.GetErrorString(result, out text) == CudaResult.Success ? ": " + Marshal.PtrToStringUTF8(text) : string.Empty;
        return $"{name} ({(int)result}){meaning}";
    }

    /// <summary>Name and number of a cuDNN status, and what cuDNN says about its last error.</summary>
    public string Words(CudnnStatus status)
    {
        const int Length = 512;
        byte* message = stackalloc byte[Length];
        message[0] = 0;
        Libraries.Cudnn.GetLastErrorString(message, Length);
        string words = Marshal.PtrToStringUTF8((nint)message)!;
        return $"{Marshal.PtrToStringUTF8(Libraries.Cudnn.GetErrorString(status))} ({(int)status}){(words.Length > 0 ? ": " + words : string.Empty)}";
    }

    /// <summary>Waits for the compute stream.</summary>
    public void Synchronize(string what)
    {
        Activate();
        Check(what, Driver.StreamSynchronize(ComputeStream));
    }

    /// <summary>Makes the context current and waits for all work, whatever its status: what follows gives memory back.</summary>
    public void Finish()
    {
        Driver.CtxSetCurrent(Context);
        _current = this;
        Driver.StreamSynchronize(CopyStream);
        Driver.StreamSynchronize(ComputeStream);
    }

    /// <summary>Destroys the streams and lets go of the context. Errors are not reported: there is nothing left to save.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Driver.CtxSetCurrent(Context);
        foreach (nint stream in (nint[])[CopyStream, ComputeStream])
        {
            if (stream != 0)
            {
                Driver.StreamDestroy(stream);
            }
        }

        Driver.CtxSetCurrent(0);
        _current = null;
        Driver.DevicePrimaryCtxRelease(_device);
    }

    private void ThrowIfLost()
    {
        if (_lost is not null)
        {
            throw new DeviceException(_lost);
        }
    }

    private void Start(string what, CudaResult result)
    {
        if (result != CudaResult.Success)
        {
            throw new DeviceException($"{Label}: {what} failed: {Words(result)}; check that the machine has an NVIDIA GPU and its driver, or use the CPU");
        }
    }

    private int Attribute(CudaDeviceAttribute attribute)
    {
        Start($"cuDeviceGetAttribute({attribute})", Driver.DeviceGetAttribute(out int value, attribute, _device));
        return value;
    }

    private string ReadName()
    {
        const int Length = 256;
        byte* name = stackalloc byte[Length];
        Start("cuDeviceGetName", Driver.DeviceGetName(name, Length, _device));
        return Marshal.PtrToStringUTF8((nint)name) ?? "unnamed";
    }
}
