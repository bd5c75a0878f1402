namespace AdaShare.Native.Cuda.Interop;

/// <summary>
/// The CUDA driver API as far as the backend uses it: each member is the C function that its <see cref="EntryPointAttribute"/> names, with the same arguments and status.
/// </summary>
/// <remarks>
/// Handles (context, stream, event, module, function, graph) are <see cref="nint"/>, device pointers <see cref="ulong"/>, sizes in bytes <see cref="nuint"/>.
/// Where the C functions have a version suffix it is part of the exported name: the unsuffixed exports take 32-bit pointers.
/// Bindings are the real library; the tests put a simulated device here.
/// </remarks>
public unsafe interface ICudaDriver
{
    /// <summary>Starts the driver; <paramref name="flags"/> is 0.</summary>
    [EntryPoint("cuInit")]
    CudaResult Init(uint flags);

    /// <summary>The driver's CUDA version: 1000 major + 10 minor.</summary>
    [EntryPoint("cuDriverGetVersion")]
    CudaResult DriverGetVersion(out int version);

    /// <summary>The C name of a status, a zero-terminated string that lives as long as the library.</summary>
    [EntryPoint("cuGetErrorName")]
    CudaResult GetErrorName(CudaResult error, out nint text);

    /// <summary>What a status means, a zero-terminated string that lives as long as the library.</summary>
    [EntryPoint("cuGetErrorString")]
    CudaResult GetErrorString(CudaResult error, out nint text);

    /// <summary>The number of devices.</summary>
    [EntryPoint("cuDeviceGetCount")]
    CudaResult DeviceGetCount(out int count);

    /// <summary>The handle of the device at an ordinal.</summary>
    [EntryPoint("cuDeviceGet")]
    CudaResult DeviceGet(out int device, int ordinal);

    /// <summary>Writes the device's zero-terminated name into <paramref name="name"/> of <paramref name="length"/> bytes.</summary>
    [EntryPoint("cuDeviceGetName")]
    CudaResult DeviceGetName(byte* name, int length, int device);

    /// <summary>A number about the device.</summary>
    [EntryPoint("cuDeviceGetAttribute")]
    CudaResult DeviceGetAttribute(out int value, CudaDeviceAttribute attribute, int device);

    /// <summary>The bytes of the device's memory.</summary>
    [EntryPoint("cuDeviceTotalMem_v2")]
    CudaResult DeviceTotalMem(out nuint bytes, int device);

    /// <summary>Holds the device's primary context, made if new.</summary>
    [EntryPoint("cuDevicePrimaryCtxRetain")]
    CudaResult DevicePrimaryCtxRetain(out nint context, int device);

    /// <summary>Lets go of the primary context.</summary>
    [EntryPoint("cuDevicePrimaryCtxRelease_v2")]
    CudaResult DevicePrimaryCtxRelease(int device);

    /// <summary>Makes a context current on the calling thread.</summary>
    [EntryPoint("cuCtxSetCurrent")]
    CudaResult CtxSetCurrent(nint context);

    /// <summary>Waits for all work of the current context.</summary>
    [EntryPoint("cuCtxSynchronize")]
    CudaResult CtxSynchronize();

    /// <summary>Free and total bytes of the current context's device.</summary>
    [EntryPoint("cuMemGetInfo_v2")]
    CudaResult MemGetInfo(out nuint free, out nuint total);

    /// <summary>Allocates device memory, aligned to 256 bytes at least.</summary>
    [EntryPoint("cuMemAlloc_v2")]
    CudaResult MemAlloc(out ulong pointer, nuint bytes);

    /// <summary>Frees device memory; waits for work that uses it.</summary>
    [EntryPoint("cuMemFree_v2")]
    CudaResult MemFree(ulong pointer);

    /// <summary>Allocates page-locked host memory.</summary>
    [EntryPoint("cuMemHostAlloc")]
    CudaResult MemHostAlloc(out nint pointer, nuint bytes, CudaHostAllocFlags flags);

    /// <summary>Frees page-locked host memory.</summary>
    [EntryPoint("cuMemFreeHost")]
    CudaResult MemFreeHost(nint pointer);

    /// <summary>Copies from page-locked host memory in stream order; the source must stay as it is until the copy is done.</summary>
    [EntryPoint("cuMemcpyHtoDAsync_v2")]
    CudaResult MemcpyHtoDAsync(ulong target, nint source, nuint bytes, nint stream);

    /// <summary>Copies to page-locked host memory in stream order.</summary>
    [EntryPoint("cuMemcpyDtoHAsync_v2")]
    CudaResult MemcpyDtoHAsync(nint target, ulong source, nuint bytes, nint stream);

    /// <summary>Copies between parts of device memory, which don't overlap, in stream order.</summary>
    [EntryPoint("cuMemcpyDtoDAsync_v2")]
    CudaResult MemcpyDtoDAsync(ulong target, ulong source, nuint bytes, nint stream);

    /// <summary>Sets <paramref name="count"/> bytes in stream order.</summary>
    [EntryPoint("cuMemsetD8Async")]
    CudaResult MemsetD8Async(ulong target, byte value, nuint count, nint stream);

    /// <summary>Sets <paramref name="count"/> 16-bit words in stream order; the target is aligned to 2 bytes.</summary>
    [EntryPoint("cuMemsetD16Async")]
    CudaResult MemsetD16Async(ulong target, ushort value, nuint count, nint stream);

    /// <summary>Sets <paramref name="count"/> 32-bit words in stream order; the target is aligned to 4 bytes.</summary>
    [EntryPoint("cuMemsetD32Async")]
    CudaResult MemsetD32Async(ulong target, uint value, nuint count, nint stream);

    /// <summary>Creates a stream.</summary>
    [EntryPoint("cuStreamCreate")]
    CudaResult StreamCreate(out nint stream, CudaStreamFlags flags);

    /// <summary>Destroys a stream once its work is done.</summary>
    [EntryPoint("cuStreamDestroy_v2")]
    CudaResult StreamDestroy(nint stream);

    /// <summary>Waits for a stream's work.</summary>
    [EntryPoint("cuStreamSynchronize")]
    CudaResult StreamSynchronize(nint stream);

    /// <summary>Lets a stream's later work wait for an event; <paramref name="flags"/> is 0.</summary>
    [EntryPoint("cuStreamWaitEvent")]
    CudaResult StreamWaitEvent(nint stream, nint e, uint flags);

    /// <summary>Creates an event.</summary>
    [EntryPoint("cuEventCreate")]
    CudaResult EventCreate(out nint e, CudaEventFlags flags);

    /// <summary>Destroys an event.</summary>
    [EntryPoint("cuEventDestroy_v2")]
    CudaResult EventDestroy(nint e);

    /// <summary>Moves an event to a stream's present end.</summary>
    [EntryPoint("cuEventRecord")]
    CudaResult EventRecord(nint e, nint stream);

    /// <summary>Waits for an event.</summary>
    [EntryPoint("cuEventSynchronize")]
    CudaResult EventSynchronize(nint e);

    /// <summary>Whether an event has passed: <see cref="CudaResult.Success"/> or <see cref="CudaResult.NotReady"/>.</summary>
    [EntryPoint("cuEventQuery")]
    CudaResult EventQuery(nint e);

    /// <summary>Milliseconds between two events that have passed and were created with timing.</summary>
    [EntryPoint("cuEventElapsedTime")]
    CudaResult EventElapsedTime(out float milliseconds, nint start, nint end);

    /// <summary>Loads a module from zero-terminated PTX or from a cubin. Options that are sizes are passed by value, cast to pointers.</summary>
    [EntryPoint("cuModuleLoadDataEx")]
    CudaResult ModuleLoadDataEx(out nint module, void* image, uint optionCount, CudaJitOption* options, void** optionValues);

    /// <summary>Unloads a module.</summary>
    [EntryPoint("cuModuleUnload")]
    CudaResult ModuleUnload(nint module);

    /// <summary>A kernel of a module by its zero-terminated name.</summary>
    [EntryPoint("cuModuleGetFunction")]
    CudaResult ModuleGetFunction(out nint function, nint module, byte* name);

    /// <summary>A number about a kernel.</summary>
    [EntryPoint("cuFuncGetAttribute")]
    CudaResult FuncGetAttribute(out int value, CudaFunctionAttribute attribute, nint function);

    /// <summary>Sets a number of a kernel, for example before launching with more than 48 KiB of dynamic shared memory.</summary>
    [EntryPoint("cuFuncSetAttribute")]
    CudaResult FuncSetAttribute(nint function, CudaFunctionAttribute attribute, int value);

    /// <summary>Launches a kernel. <paramref name="parameters"/> points to one pointer for each parameter, whose value is copied during the call; <paramref name="extra"/> is null.</summary>
    [EntryPoint("cuLaunchKernel")]
    CudaResult LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters, void** extra);

    /// <summary>Starts recording a stream's work instead of doing it.</summary>
    [EntryPoint("cuStreamBeginCapture_v2")]
    CudaResult StreamBeginCapture(nint stream, CudaCaptureMode mode);

    /// <summary>Ends the recording and gives its graph.</summary>
    [EntryPoint("cuStreamEndCapture")]
    CudaResult StreamEndCapture(nint stream, out nint graph);

    /// <summary>Makes a graph executable; <paramref name="flags"/> is 0.</summary>
    [EntryPoint("cuGraphInstantiateWithFlags")]
    CudaResult GraphInstantiate(out nint executable, nint graph, ulong flags);

    /// <summary>Launches an executable graph in stream order.</summary>
    [EntryPoint("cuGraphLaunch")]
    CudaResult GraphLaunch(nint executable, nint stream);

    /// <summary>The number of a graph's nodes (<paramref name="nodes"/> is null), or the nodes themselves.</summary>
    [EntryPoint("cuGraphGetNodes")]
    CudaResult GraphGetNodes(nint graph, nint* nodes, ref nuint count);

    /// <summary>Destroys an executable graph.</summary>
    [EntryPoint("cuGraphExecDestroy")]
    CudaResult GraphExecDestroy(nint executable);

    /// <summary>Destroys a graph; what was instantiated from it lives on.</summary>
    [EntryPoint("cuGraphDestroy")]
    CudaResult GraphDestroy(nint graph);
}
