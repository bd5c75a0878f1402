using AdaShare.Native.CudaSimulation.Cublas;
using AdaShare.Native.CudaSimulation.Cudnn;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Reports what is still alive when nothing should be.</summary>
internal static class LeakCheck
{
    public static void Run(DeviceState state, SimulatedDriver driver)
    {
        lock (state.Lock)
        {
            HashSet<MemoryRegion> variables = [.. state.Handles.All<SimulatedModule>().SelectMany(static module => module.Variables)];
            foreach (MemoryRegion region in state.Memory.Live.Where(region => !variables.Contains(region)))
            {
                Report(state, "cuMemAlloc_v2", $"{region.Name} is not freed");
            }

            foreach (nuint bytes in driver.Pinned)
            {
                Report(state, "cuMemHostAlloc", $"{bytes} bytes of page-locked memory are not freed");
            }

            Report(state, "cuStreamCreate", state.Handles.All<SimulatedStream>().Count, "stream(s) not destroyed");
            Report(state, "cuEventCreate", state.Handles.All<SimulatedEvent>().Count, "event(s) not destroyed");
            Report(state, "cuModuleLoadDataEx", state.Handles.All<SimulatedModule>().Count, "module(s) not unloaded");
            Report(state, "cuStreamEndCapture", state.Handles.All<SimulatedGraph>().Count, "graph(s) not destroyed");
            Report(state, "cuGraphInstantiateWithFlags", state.Handles.All<ExecutableGraph>().Count, "executable graph(s) not destroyed");
            Report(state, "cudnnCreate", state.Handles.All<CudnnHandle>().Count, "handle(s) not destroyed");
            Report(state, "cudnnBackendCreateDescriptor", state.Handles.All<BackendDescriptor>().Count, "descriptor(s) not destroyed");
            Report(state, "cublasCreate_v2", state.Handles.All<CublasHandle>().Count, "handle(s) not destroyed");
            Report(state, "cuDevicePrimaryCtxRetain", driver.RetainCount, "hold(s) on the primary context not released");
        }
    }

    private static void Report(DeviceState state, string call, int count, string what)
    {
        if (count > 0)
        {
            Report(state, call, $"{count} {what}");
        }
    }

    private static void Report(DeviceState state, string call, string problem) => state.Report(FindingKind.Leak, call, problem);
}
