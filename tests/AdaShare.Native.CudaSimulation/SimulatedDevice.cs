using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Cublas;
using AdaShare.Native.CudaSimulation.Cudnn;
using AdaShare.Native.CudaSimulation.Driver;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation;

/// <summary>
/// A CUDA device in this process, behind the seam of the CUDA backend: it runs the backend's PTX, convolutions and products on the CPU and reports what real hardware would forgive.
/// </summary>
/// <remarks>
/// Work is done lazily, when the host waits for it or asks about it. A fault in a kernel ends the context as on hardware: calls return its status from then on, and the finding says where and why.
/// All members may be called from any thread.
/// </remarks>
public sealed class SimulatedDevice : IDisposable
{
    private readonly DeviceState _state;
    private readonly SimulatedDriver _driver;

    /// <summary>Creates a device.</summary>
    public SimulatedDevice(SimulatedDeviceOptions? options = null)
    {
        _state = new DeviceState(options ?? new SimulatedDeviceOptions(), Log);
        _driver = new SimulatedDriver(_state);
        Libraries = new CudaLibraries(_driver, new SimulatedCudnn(_state), new SimulatedCublas(_state), _state.Options.Name);
    }

    /// <summary>The libraries that a backend is created over.</summary>
    public CudaLibraries Libraries { get; }

    /// <summary>What was done wrong so far.</summary>
    public FindingLog Log { get; } = new();

    /// <summary>Kernels that ran so far, those of graphs included.</summary>
    public long KernelLaunches => _state.KernelLaunches;

    /// <summary>Kernel instructions that ran so far, counted once a thread.</summary>
    public long LaneInstructions => _state.LaneInstructions;

    /// <summary>Bytes of device memory that are allocated now.</summary>
    public long LiveBytes => _state.Memory.LiveBytes;

    /// <summary>Reports everything that was created and is still alive: call it when the backend is disposed.</summary>
    public void FindLeaks() => LeakCheck.Run(_state, _driver);

    /// <summary>Gives back the memory of the device. Nobody may use it any more.</summary>
    public void Dispose() => _state.Memory.Dispose();
}
