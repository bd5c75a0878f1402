namespace AdaShare.Native.Cuda.Interop;

/// <summary>The installed CUDA driver: every member calls the export that its <see cref="EntryPointAttribute"/> names.</summary>
internal sealed unsafe class NativeCudaDriver : ICudaDriver
{
    private readonly delegate* unmanaged<uint, CudaResult> _init;
    private readonly delegate* unmanaged<out int, CudaResult> _driverGetVersion;
    private readonly delegate* unmanaged<CudaResult, out nint, CudaResult> _getErrorName;
    private readonly delegate* unmanaged<CudaResult, out nint, CudaResult> _getErrorString;
    private readonly delegate* unmanaged<out int, CudaResult> _deviceGetCount;
    private readonly delegate* unmanaged<out int, int, CudaResult> _deviceGet;
    private readonly delegate* unmanaged<byte*, int, int, CudaResult> _deviceGetName;
    private readonly delegate* unmanaged<out int, CudaDeviceAttribute, int, CudaResult> _deviceGetAttribute;
    private readonly delegate* unmanaged<out nuint, int, CudaResult> _deviceTotalMem;
    private readonly delegate* unmanaged<out nint, int, CudaResult> _devicePrimaryCtxRetain;
    private readonly delegate* unmanaged<int, CudaResult> _devicePrimaryCtxRelease;
    private readonly delegate* unmanaged<nint, CudaResult> _ctxSetCurrent;
    private readonly delegate* unmanaged<CudaResult> _ctxSynchronize;
    private readonly delegate* unmanaged<out nuint, out nuint, CudaResult> _memGetInfo;
    private readonly delegate* unmanaged<out ulong, nuint, CudaResult> _memAlloc;
    private readonly delegate* unmanaged<ulong, CudaResult> _memFree;
    private readonly delegate* unmanaged<out nint, nuint, CudaHostAllocFlags, CudaResult> _memHostAlloc;
    private readonly delegate* unmanaged<nint, CudaResult> _memFreeHost;
    private readonly delegate* unmanaged<ulong, nint, nuint, nint, CudaResult> _memcpyHtoDAsync;
    private readonly delegate* unmanaged<nint, ulong, nuint, nint, CudaResult> _memcpyDtoHAsync;
    private readonly delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult> _memcpyDtoDAsync;
    private readonly delegate* unmanaged<ulong, byte, nuint, nint, CudaResult> _memsetD8Async;
    private readonly delegate* unmanaged<ulong, ushort, nuint, nint, CudaResult> _memsetD16Async;
    private readonly delegate* unmanaged<ulong, uint, nuint, nint, CudaResult> _memsetD32Async;
    private readonly delegate* unmanaged<out nint, CudaStreamFlags, CudaResult> _streamCreate;
    private readonly delegate* unmanaged<nint, CudaResult> _streamDestroy;
    private readonly delegate* unmanaged<nint, CudaResult> _streamSynchronize;
    private readonly delegate* unmanaged<nint, nint, uint, CudaResult> _streamWaitEvent;
    private readonly delegate* unmanaged<out nint, CudaEventFlags, CudaResult> _eventCreate;
    private readonly delegate* unmanaged<nint, CudaResult> _eventDestroy;
    private readonly delegate* unmanaged<nint, nint, CudaResult> _eventRecord;
    private readonly delegate* unmanaged<nint, CudaResult> _eventSynchronize;
    private readonly delegate* unmanaged<nint, CudaResult> _eventQuery;
    private readonly delegate* unmanaged<out float, nint, nint, CudaResult> _eventElapsedTime;
    private readonly delegate* unmanaged<out nint, void*, uint, CudaJitOption*, void**, CudaResult> _moduleLoadDataEx;
    private readonly delegate* unmanaged<nint, CudaResult> _moduleUnload;
    private readonly delegate* unmanaged<out nint, nint, byte*, CudaResult> _moduleGetFunction;
    private readonly delegate* unmanaged<out int, CudaFunctionAttribute, nint, CudaResult> _funcGetAttribute;
    private readonly delegate* unmanaged<nint, CudaFunctionAttribute, int, CudaResult> _funcSetAttribute;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult> _launchKernel;
    private readonly delegate* unmanaged<nint, CudaCaptureMode, CudaResult> _streamBeginCapture;
    private readonly delegate* unmanaged<nint, out nint, CudaResult> _streamEndCapture;
    private readonly delegate* unmanaged<out nint, nint, ulong, CudaResult> _graphInstantiate;
    private readonly delegate* unmanaged<nint, nint, CudaResult> _graphLaunch;
    private readonly delegate* unmanaged<nint, nint*, ref nuint, CudaResult> _graphGetNodes;
    private readonly delegate* unmanaged<nint, CudaResult> _graphExecDestroy;
    private readonly delegate* unmanaged<nint, CudaResult> _graphDestroy;

    /// <summary>Binds the library's functions.</summary>
    /// <param name="entries">Their addresses; none that is required may be missing.</param>
    public NativeCudaDriver(EntryPoints entries)
    {
        entries.ThrowIfIncomplete();
        _init = (delegate* unmanaged<uint, CudaResult>)entries[nameof(Init)];
        _driverGetVersion = (delegate* unmanaged<out int, CudaResult>)entries[nameof(DriverGetVersion)];
        _getErrorName = (delegate* unmanaged<CudaResult, out nint, CudaResult>)entries[nameof(GetErrorName)];
        _getErrorString = (delegate* unmanaged<CudaResult, out nint, CudaResult>)entries[nameof(GetErrorString)];
        _deviceGetCount = (delegate* unmanaged<out int, CudaResult>)entries[nameof(DeviceGetCount)];
        _deviceGet = (delegate* unmanaged<out int, int, CudaResult>)entries[nameof(DeviceGet)];
        _deviceGetName = (delegate* unmanaged<byte*, int, int, CudaResult>)entries[nameof(DeviceGetName)];
        _deviceGetAttribute = (delegate* unmanaged<out int, CudaDeviceAttribute, int, CudaResult>)entries[nameof(DeviceGetAttribute)];
        _deviceTotalMem = (delegate* unmanaged<out nuint, int, CudaResult>)entries[nameof(DeviceTotalMem)];
        _devicePrimaryCtxRetain = (delegate* unmanaged<out nint, int, CudaResult>)entries[nameof(DevicePrimaryCtxRetain)];
        _devicePrimaryCtxRelease = (delegate* unmanaged<int, CudaResult>)entries[nameof(DevicePrimaryCtxRelease)];
        _ctxSetCurrent = (delegate* unmanaged<nint, CudaResult>)entries[nameof(CtxSetCurrent)];
        _ctxSynchronize = (delegate* unmanaged<CudaResult>)entries[nameof(CtxSynchronize)];
        _memGetInfo = (delegate* unmanaged<out nuint, out nuint, CudaResult>)entries[nameof(MemGetInfo)];
        _memAlloc = (delegate* unmanaged<out ulong, nuint, CudaResult>)entries[nameof(MemAlloc)];
        _memFree = (delegate* unmanaged<ulong, CudaResult>)entries[nameof(MemFree)];
        _memHostAlloc = (delegate* unmanaged<out nint, nuint, CudaHostAllocFlags, CudaResult>)entries[nameof(MemHostAlloc)];
        _memFreeHost = (delegate* unmanaged<nint, CudaResult>)entries[nameof(MemFreeHost)];
        _memcpyHtoDAsync = (delegate* unmanaged<ulong, nint, nuint, nint, CudaResult>)entries[nameof(MemcpyHtoDAsync)];
        _memcpyDtoHAsync = (delegate* unmanaged<nint, ulong, nuint, nint, CudaResult>)entries[nameof(MemcpyDtoHAsync)];
        _memcpyDtoDAsync = (delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult>)entries[nameof(MemcpyDtoDAsync)];
        _memsetD8Async = (delegate* unmanaged<ulong, byte, nuint, nint, CudaResult>)entries[nameof(MemsetD8Async)];
        _memsetD16Async = (delegate* unmanaged<ulong, ushort, nuint, nint, CudaResult>)entries[nameof(MemsetD16Async)];
        _memsetD32Async = (delegate* unmanaged<ulong, uint, nuint, nint, CudaResult>)entries[nameof(MemsetD32Async)];
        _streamCreate = (delegate* unmanaged<out nint, CudaStreamFlags, CudaResult>)entries[nameof(StreamCreate)];
        _streamDestroy = (delegate* unmanaged<nint, CudaResult>)entries[nameof(StreamDestroy)];
        _streamSynchronize = (delegate* unmanaged<nint, CudaResult>)entries[nameof(StreamSynchronize)];
        _streamWaitEvent = (delegate* unmanaged<nint, nint, uint, CudaResult>)entries[nameof(StreamWaitEvent)];
        _eventCreate = (delegate* unmanaged<out nint, CudaEventFlags, CudaResult>)entries[nameof(EventCreate)];
        _eventDestroy = (delegate* unmanaged<nint, CudaResult>)entries[nameof(EventDestroy)];
        _eventRecord = (delegate* unmanaged<nint, nint, CudaResult>)entries[nameof(EventRecord)];
        _eventSynchronize = (delegate* unmanaged<nint, CudaResult>)entries[nameof(EventSynchronize)];
        _eventQuery = (delegate* unmanaged<nint, CudaResult>)entries[nameof(EventQuery)];
        _eventElapsedTime = (delegate* unmanaged<out float, nint, nint, CudaResult>)entries[nameof(EventElapsedTime)];
        _moduleLoadDataEx = (delegate* unmanaged<out nint, void*, uint, CudaJitOption*, void**, CudaResult>)entries[nameof(ModuleLoadDataEx)];
        _moduleUnload = (delegate* unmanaged<nint, CudaResult>)entries[nameof(ModuleUnload)];
        _moduleGetFunction = (delegate* unmanaged<out nint, nint, byte*, CudaResult>)entries[nameof(ModuleGetFunction)];
        _funcGetAttribute = (delegate* unmanaged<out int, CudaFunctionAttribute, nint, CudaResult>)entries[nameof(FuncGetAttribute)];
        _funcSetAttribute = (delegate* unmanaged<nint, CudaFunctionAttribute, int, CudaResult>)entries[nameof(FuncSetAttribute)];
        _launchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)entries[nameof(LaunchKernel)];
        _streamBeginCapture = (delegate* unmanaged<nint, CudaCaptureMode, CudaResult>)entries[nameof(StreamBeginCapture)];
        _streamEndCapture = (delegate* unmanaged<nint, out nint, CudaResult>)entries[nameof(StreamEndCapture)];
        _graphInstantiate = (delegate* unmanaged<out nint, nint, ulong, CudaResult>)entries[nameof(GraphInstantiate)];
        _graphLaunch = (delegate* unmanaged<nint, nint, CudaResult>)entries[nameof(GraphLaunch)];
        _graphGetNodes = (delegate* unmanaged<nint, nint*, ref nuint, CudaResult>)entries[nameof(GraphGetNodes)];
        _graphExecDestroy = (delegate* unmanaged<nint, CudaResult>)entries[nameof(GraphExecDestroy)];
        _graphDestroy = (delegate* unmanaged<nint, CudaResult>)entries[nameof(GraphDestroy)];
    }

    /// <inheritdoc/>
    public CudaResult Init(uint flags) => _init(flags);

    /// <inheritdoc/>
    public CudaResult DriverGetVersion(out int version) => _driverGetVersion(out version);

    /// <inheritdoc/>
    public CudaResult GetErrorName(CudaResult error, out nint text) => _getErrorName(error, out text);

    /// <inheritdoc/>
    public CudaResult GetErrorString(CudaResult error, out nint text) => _getErrorString(error, out text);

    /// <inheritdoc/>
    public CudaResult DeviceGetCount(out int count) => _deviceGetCount(out count);

    /// <inheritdoc/>
    public CudaResult DeviceGet(out int device, int ordinal) => _deviceGet(out device, ordinal);

    /// <inheritdoc/>
    public CudaResult DeviceGetName(byte* name, int length, int device) => _deviceGetName(name, length, device);

    /// <inheritdoc/>
    public CudaResult DeviceGetAttribute(out int value, CudaDeviceAttribute attribute, int device) => _deviceGetAttribute(out value, attribute, device);

    /// <inheritdoc/>
    public CudaResult DeviceTotalMem(out nuint bytes, int device) => _deviceTotalMem(out bytes, device);

    /// <inheritdoc/>
    public CudaResult DevicePrimaryCtxRetain(out nint context, int device) => _devicePrimaryCtxRetain(out context, device);

    /// <inheritdoc/>
    public CudaResult DevicePrimaryCtxRelease(int device) => _devicePrimaryCtxRelease(device);

    /// <inheritdoc/>
    public CudaResult CtxSetCurrent(nint context) => _ctxSetCurrent(context);

    /// <inheritdoc/>
    public CudaResult CtxSynchronize() => _ctxSynchronize();

    /// <inheritdoc/>
    public CudaResult MemGetInfo(out nuint free, out nuint total) => _memGetInfo(out free, out total);

    /// <inheritdoc/>
    public CudaResult MemAlloc(out ulong pointer, nuint bytes) => _memAlloc(out pointer, bytes);

    /// <inheritdoc/>
    public CudaResult MemFree(ulong pointer) => _memFree(pointer);

    /// <inheritdoc/>
    public CudaResult MemHostAlloc(out nint pointer, nuint bytes, CudaHostAllocFlags flags) => _memHostAlloc(out pointer, bytes, flags);

    /// <inheritdoc/>
    public CudaResult MemFreeHost(nint pointer) => _memFreeHost(pointer);

    /// <inheritdoc/>
    public CudaResult MemcpyHtoDAsync(ulong target, nint source, nuint bytes, nint stream) => _memcpyHtoDAsync(target, source, bytes, stream);

    /// <inheritdoc/>
    public CudaResult MemcpyDtoHAsync(nint target, ulong source, nuint bytes, nint stream) => _memcpyDtoHAsync(target, source, bytes, stream);

    /// <inheritdoc/>
    public CudaResult MemcpyDtoDAsync(ulong target, ulong source, nuint bytes, nint stream) => _memcpyDtoDAsync(target, source, bytes, stream);

    /// <inheritdoc/>
    public CudaResult MemsetD8Async(ulong target, byte value, nuint count, nint stream) => _memsetD8Async(target, value, count, stream);

    /// <inheritdoc/>
    public CudaResult MemsetD16Async(ulong target, ushort value, nuint count, nint stream) => _memsetD16Async(target, value, count, stream);

    /// <inheritdoc/>
    public CudaResult MemsetD32Async(ulong target, uint value, nuint count, nint stream) => _memsetD32Async(target, value, count, stream);

    /// <inheritdoc/>
    public CudaResult StreamCreate(out nint stream, CudaStreamFlags flags) => _streamCreate(out stream, flags);

    /// <inheritdoc/>
    public CudaResult StreamDestroy(nint stream) => _streamDestroy(stream);

    /// <inheritdoc/>
    public CudaResult StreamSynchronize(nint stream) => _streamSynchronize(stream);

    /// <inheritdoc/>
    public CudaResult StreamWaitEvent(nint stream, nint e, uint flags) => _streamWaitEvent(stream, e, flags);

    /// <inheritdoc/>
    public CudaResult EventCreate(out nint e, CudaEventFlags flags) => _eventCreate(out e, flags);

    /// <inheritdoc/>
    public CudaResult EventDestroy(nint e) => _eventDestroy(e);

    /// <inheritdoc/>
    public CudaResult EventRecord(nint e, nint stream) => _eventRecord(e, stream);

    /// <inheritdoc/>
    public CudaResult EventSynchronize(nint e) => _eventSynchronize(e);

    /// <inheritdoc/>
    public CudaResult EventQuery(nint e) => _eventQuery(e);

    /// <inheritdoc/>
    public CudaResult EventElapsedTime(out float milliseconds, nint start, nint end) => _eventElapsedTime(out milliseconds, start, end);

    /// <inheritdoc/>
    public CudaResult ModuleLoadDataEx(out nint module, void* image, uint optionCount, CudaJitOption* options, void** optionValues) =>
        _moduleLoadDataEx(out module, image, optionCount, options, optionValues);

    /// <inheritdoc/>
    public CudaResult ModuleUnload(nint module) => _moduleUnload(module);

    /// <inheritdoc/>
    public CudaResult ModuleGetFunction(out nint function, nint module, byte* name) => _moduleGetFunction(out function, module, name);

    /// <inheritdoc/>
    public CudaResult FuncGetAttribute(out int value, CudaFunctionAttribute attribute, nint function) => _funcGetAttribute(out value, attribute, function);

    /// <inheritdoc/>
    public CudaResult FuncSetAttribute(nint function, CudaFunctionAttribute attribute, int value) => _funcSetAttribute(function, attribute, value);

    /// <inheritdoc/>
    public CudaResult LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters,
        void** extra) =>
        _launchKernel(function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, parameters, extra);

    /// <inheritdoc/>
    public CudaResult StreamBeginCapture(nint stream, CudaCaptureMode mode) => _streamBeginCapture(stream, mode);

    /// <inheritdoc/>
    public CudaResult StreamEndCapture(nint stream, out nint graph) => _streamEndCapture(stream, out graph);

    /// <inheritdoc/>
    public CudaResult GraphInstantiate(out nint executable, nint graph, ulong flags) => _graphInstantiate(out executable, graph, flags);

    /// <inheritdoc/>
    public CudaResult GraphLaunch(nint executable, nint stream) => _graphLaunch(executable, stream);

    /// <inheritdoc/>
    public CudaResult GraphGetNodes(nint graph, nint* nodes, ref nuint count) => _graphGetNodes(graph, nodes, ref count);

    /// <inheritdoc/>
    public CudaResult GraphExecDestroy(nint executable) => _graphExecDestroy(executable);

    /// <inheritdoc/>
    public CudaResult GraphDestroy(nint graph) => _graphDestroy(graph);
}
