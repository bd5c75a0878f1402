using AdaShare.Native.CudaSimulation;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>The CUDA backend over a simulated device of its own.</summary>
internal sealed class SimulatedBackend : IDisposable
{
    private readonly SimulatedDevice _device;

    public SimulatedBackend(CudaBackendOptions? options = null, SimulatedDeviceOptions? device = null)
    {
        _device = new(device);
        Backend = new CudaBackend(_device.Libraries, options);
    }

    public CudaBackend Backend { get; }

    /// <summary>Disposes the backend, and fails where the device has found something wrong or somebody has left something behind.</summary>
    public void AssertClean()
    {
        Assert.That(Backend.Memory.LiveBuffers, Is.Zero);
        Backend.Dispose();
        _device.FindLeaks();
        Assert.That(_device.Log.Findings, Is.Empty);
    }

    public void Dispose()
    {
        Backend.Dispose();
        _device.Dispose();
    }
}
