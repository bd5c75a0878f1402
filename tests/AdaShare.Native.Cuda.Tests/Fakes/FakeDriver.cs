using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Tests.Fakes;

/// <summary>
/// A driver for tests of the host's side: device memory is host memory, copies are done at once, kernels only leave their name, calls are counted and can be made to fail.
/// </summary>
internal sealed unsafe class FakeDriver : ICudaDriver, IDisposable
{
    private readonly Dictionary<ulong, nuint> _device = [];
    private readonly HashSet<nint> _host = [];
    private readonly Dictionary<nint, (string Name, string Image)> _functions = [];
    private readonly Dictionary<nint, string> _images = [];
    private readonly Dictionary<nint, List<Action>> _graphs = [];
    private readonly HashSet<nint> _handles = [];
    private readonly Dictionary<string, Queue<CudaResult>> _failures = [];
    private List<Action>? _capture;
    private nint _next = 0x1000;

    /// <summary>The names of all calls, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The kernels that ran.</summary>
    public List<string> Kernels { get; } = [];

    /// <summary>Bytes that were copied from the host.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Bytes that can be allocated.</summary>
    public long Capacity { get; set; } = 1L << 32;

    /// <summary>The compute capability.</summary>
    public (int Major, int Minor) Capability { get; set; } = (9, 0);

    /// <summary>What is allocated on the device.</summary>
    public int DeviceBlocks => _device.Count;

    /// <summary>Device memory, host memory and handles that nobody has given back.</summary>
    public int Leaks => _device.Count + _host.Count + _handles.Count + _graphs.Count;

    /// <summary>Kernels by handle, each with its module's PTX.</summary>
    public IReadOnlyDictionary<nint, (string Name, string Image)> Functions => _functions;

    /// <summary>The last module image.</summary>
    public string Image { get; private set; } = string.Empty;

    /// <summary>Lets the next calls of a function fail.</summary>
    public void Fail(string call, params CudaResult[] results)
    {
        if (!_failures.TryGetValue(call, out Queue<CudaResult>? queue))
        {
            _failures.Add(call, queue = new Queue<CudaResult>());
        }

        Array.ForEach(results, queue.Enqueue);
    }

    /// <summary>How often a function was called.</summary>
    public int Count(string call) => Calls.Count(c => c == call);

    public CudaResult Init(uint flags) => Enter();

    public CudaResult DriverGetVersion(out int version)
    {
        version = 12020;
        return Enter();
    }

    public CudaResult GetErrorName(CudaResult error, out nint text)
    {
        text = Text($"CUDA_ERROR_{error}");
        return CudaResult.Success;
    }

    public CudaResult GetErrorString(CudaResult error, out nint text)
    {
        text = Text($"the driver's words for {(int)error}");
        return CudaResult.Success;
    }

    public CudaResult DeviceGetCount(out int count)
    {
        count = 1;
        return Enter();
    }

    public CudaResult DeviceGet(out int device, int ordinal)
    {
        device = ordinal;
        return Enter();
    }

    public CudaResult DeviceGetName(byte* name, int length, int device)
    {
        Encoding.UTF8.GetBytes("Fake GPU\0").CopyTo(new Span<byte>(name, length));
        return Enter();
    }

    public CudaResult DeviceGetAttribute(out int value, CudaDeviceAttribute attribute, int device)
    {
        value = attribute switch
        {
            CudaDeviceAttribute.ComputeCapabilityMajor => Capability.Major,
            CudaDeviceAttribute.ComputeCapabilityMinor => Capability.Minor,
            _ => 1,
        };
        return Enter();
    }

    public CudaResult DeviceTotalMem(out nuint bytes, int device)
    {
        bytes = (nuint)Capacity;
        return Enter();
    }

    public CudaResult DevicePrimaryCtxRetain(out nint context, int device)
    {
        context = Handle();
        return Enter();
    }

    public CudaResult DevicePrimaryCtxRelease(int device)
    {
        // The context is the first handle that the backend takes.
        _handles.Remove(_handles.Min());
        return Enter();
    }

    public CudaResult CtxSetCurrent(nint context) => Enter();

    public CudaResult CtxSynchronize() => Enter();

    public CudaResult MemGetInfo(out nuint free, out nuint total)
    {
        total = (nuint)Capacity;
        free = total - (nuint)_device.Values.Sum(static bytes => (long)bytes);
        return Enter();
    }

    public CudaResult MemAlloc(out ulong pointer, nuint bytes)
    {
        pointer = 0;
        CudaResult result = Enter();
        if (result != CudaResult.Success)
        {
            return result;
        }

        if (_device.Values.Sum(static b => (long)b) + (long)bytes > Capacity)
        {
            return CudaResult.OutOfMemory;
        }

        pointer = (ulong)NativeMemory.AlignedAlloc(bytes, 512);
        _device.Add(pointer, bytes);
        return CudaResult.Success;
    }

    public CudaResult MemFree(ulong pointer)
    {
        if (!_device.Remove(pointer))
        {
            return CudaResult.InvalidValue;
        }

        NativeMemory.AlignedFree((void*)pointer);
        return Enter();
    }

    public CudaResult MemHostAlloc(out nint pointer, nuint bytes, CudaHostAllocFlags flags)
    {
        pointer = (nint)NativeMemory.Alloc(bytes);
        _host.Add(pointer);
        return Enter();
    }

    public CudaResult MemFreeHost(nint pointer)
    {
        _host.Remove(pointer);
        NativeMemory.Free((void*)pointer);
        return Enter();
    }

    public CudaResult MemcpyHtoDAsync(ulong target, nint source, nuint bytes, nint stream)
    {
        SentBytes += (long)bytes;
        return Do(() => Buffer.MemoryCopy((void*)source, (void*)target, (long)bytes, (long)bytes));
    }

    public CudaResult MemcpyDtoHAsync(nint target, ulong source, nuint bytes, nint stream) => Do(() => Buffer.MemoryCopy((void*)source, (void*)target, (long)bytes, (long)bytes));

    public CudaResult MemcpyDtoDAsync(ulong target, ulong source, nuint bytes, nint stream) => Do(() => Buffer.MemoryCopy((void*)source, (void*)target, (long)bytes, (long)bytes));

    public CudaResult MemsetD8Async(ulong target, byte value, nuint count, nint stream) => Do(() => NativeMemory.Fill((void*)target, count, value));

    public CudaResult MemsetD16Async(ulong target, ushort value, nuint count, nint stream) => Do(() => new Span<ushort>((void*)target, (int)count).Fill(value));

    public CudaResult MemsetD32Async(ulong target, uint value, nuint count, nint stream) => Do(() => new Span<uint>((void*)target, (int)count).Fill(value));

    public CudaResult StreamCreate(out nint stream, CudaStreamFlags flags)
    {
        stream = Handle();
        return Enter();
    }

    public CudaResult StreamDestroy(nint stream) => Release(stream);

    public CudaResult StreamSynchronize(nint stream) => Enter();

    public CudaResult StreamWaitEvent(nint stream, nint e, uint flags) => Enter();

    public CudaResult EventCreate(out nint e, CudaEventFlags flags)
    {
        e = Handle();
        return Enter();
    }

    public CudaResult EventDestroy(nint e) => Release(e);

    public CudaResult EventRecord(nint e, nint stream) => Enter();

    public CudaResult EventSynchronize(nint e) => Enter();

    public CudaResult EventQuery(nint e) => Enter();

    public CudaResult EventElapsedTime(out float milliseconds, nint start, nint end)
    {
        milliseconds = Milliseconds.TryDequeue(out float next) ? next : 1;
        return Enter();
    }

    /// <summary>What timed runs will take.</summary>
    public Queue<float> Milliseconds { get; } = [];

    public CudaResult ModuleLoadDataEx(out nint module, void* image, uint optionCount, CudaJitOption* options, void** optionValues)
    {
        CudaResult result = Enter();
        Image = Marshal.PtrToStringUTF8((nint)image)!;
        module = result == CudaResult.Success ? Handle() : 0;
        _images[module] = Image;
        if (result != CudaResult.Success)
        {
            Encoding.UTF8.GetBytes("ptxas says no\0").CopyTo(new Span<byte>(optionValues[0], (int)(nint)optionValues[1]));
        }

        return result;
    }

    public CudaResult ModuleUnload(nint module) => Release(module);

    public CudaResult ModuleGetFunction(out nint function, nint module, byte* name)
    {
        function = _next++;
        string image = _images[module];
        _functions.Add(function, (Marshal.PtrToStringUTF8((nint)name)!, image));
        return image.Contains($".entry {_functions[function].Name}(", StringComparison.Ordinal) ? Enter() : CudaResult.NotFound;
    }

    public CudaResult FuncGetAttribute(out int value, CudaFunctionAttribute attribute, nint function)
    {
        value = 0;
        return Enter();
    }

    public CudaResult FuncSetAttribute(nint function, CudaFunctionAttribute attribute, int value) => Enter();

    public CudaResult LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters, void** extra)
    {
        string name = _functions[function].Name;
        return Do(() => Kernels.Add(name));
    }

    public CudaResult StreamBeginCapture(nint stream, CudaCaptureMode mode)
    {
        _capture = [];
        return Enter();
    }

    public CudaResult StreamEndCapture(nint stream, out nint graph)
    {
        CudaResult result = Enter();
        graph = result == CudaResult.Success ? Handle() : 0;
        if (graph != 0)
        {
            _graphs.Add(graph, _capture!);
        }

        _capture = null;
        return result;
    }

    public CudaResult GraphInstantiate(out nint executable, nint graph, ulong flags)
    {
        executable = Handle();
        _graphs.Add(executable, _graphs[graph]);
        return Enter();
    }

    public CudaResult GraphLaunch(nint executable, nint stream)
    {
        CudaResult result = Enter();
        if (result == CudaResult.Success)
        {
            _graphs[executable].ForEach(static work => work());
        }

        return result;
    }

    public CudaResult GraphGetNodes(nint graph, nint* nodes, ref nuint count)
    {
        count = (nuint)_graphs[graph].Count;
        return Enter();
    }

    public CudaResult GraphExecDestroy(nint executable)
    {
        _graphs.Remove(executable);
        return Release(executable);
    }

    public CudaResult GraphDestroy(nint graph)
    {
        _graphs.Remove(graph);
        return Release(graph);
    }

    public void Dispose()
    {
        foreach (ulong pointer in _device.Keys)
        {
            NativeMemory.AlignedFree((void*)pointer);
        }

        foreach (nint pointer in _host)
        {
            NativeMemory.Free((void*)pointer);
        }
    }

    private static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    private nint Handle()
    {
        _handles.Add(_next);
        return _next++;
    }

    private CudaResult Release(nint handle, [CallerMemberName] string call = "") => _handles.Remove(handle) ? Enter(call) : CudaResult.InvalidHandle;

    private CudaResult Enter([CallerMemberName] string call = "")
    {
        Calls.Add(call);
        return _failures.TryGetValue(call, out Queue<CudaResult>? queue) && queue.TryDequeue(out CudaResult result) ? result : CudaResult.Success;
    }

    private CudaResult Do(Action work, [CallerMemberName] string call = "")
    {
        CudaResult result = Enter(call);
        if (result == CudaResult.Success)
        {
            if (_capture is { } capture)
            {
                capture.Add(work);
            }
            else
            {
                work();
            }
        }

        return result;
    }
}
