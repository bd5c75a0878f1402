using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>The CUDA driver of the simulated device: start, device, context. It answers as the real one does, and where the real one would forgive or crash it also reports a finding.</summary>
internal sealed unsafe partial class SimulatedDriver(DeviceState state) : ICudaDriver, IMemoryObserver
{
    private static readonly Dictionary<CudaResult, (nint Name, nint Text)> ErrorTexts = Enum.GetValues<CudaResult>().ToDictionary(
        static result => result,
        static result => (Marshal.StringToCoTaskMemUTF8(CName(result)), Marshal.StringToCoTaskMemUTF8(Words(result.ToString()))));

    private readonly Dictionary<int, nint> _current = [];
    private bool _isInitialized;
    private nint _context;
    private int _retained;

    /// <summary>How often the primary context is held.</summary>
    public int RetainCount => _retained;

    /// <inheritdoc/>
    public CudaResult Init(uint flags)
    {
        _isInitialized = flags == 0;
        return flags == 0 ? CudaResult.Success : CudaResult.InvalidValue;
    }

    /// <inheritdoc/>
    public CudaResult DriverGetVersion(out int version)
    {
        version = state.Options.DriverVersion;
        return CudaResult.Success;
    }

    /// <inheritdoc/>
    public CudaResult GetErrorName(CudaResult error, out nint text)
    {
        bool known = ErrorTexts.TryGetValue(error, out (nint Name, nint Text) texts);
        text = texts.Name;
        return known ? CudaResult.Success : CudaResult.InvalidValue;
    }

    /// <inheritdoc/>
    public CudaResult GetErrorString(CudaResult error, out nint text)
    {
        bool known = ErrorTexts.TryGetValue(error, out (nint Name, nint Text) texts);
        text = texts.Text;
        return known ? CudaResult.Success : CudaResult.InvalidValue;
    }

    /// <inheritdoc/>
    public CudaResult DeviceGetCount(out int count)
    {
        count = _isInitialized ? 1 : 0;
        return _isInitialized ? CudaResult.Success : CudaResult.NotInitialized;
    }

    /// <inheritdoc/>
    public CudaResult DeviceGet(out int device, int ordinal)
    {
        device = 0;
        return !_isInitialized ? CudaResult.NotInitialized : ordinal == 0 ? CudaResult.Success : CudaResult.InvalidDevice;
    }

    /// <inheritdoc/>
    public CudaResult DeviceGetName(byte* name, int length, int device)
    {
        if (device != 0 || length <= 0)
        {
            return device != 0 ? CudaResult.InvalidDevice : CudaResult.InvalidValue;
        }

        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(state.Options.Name);
        int count = Math.Min(bytes.Length, length - 1);
        bytes.AsSpan(0, count).CopyTo(new Span<byte>(name, count));
        name[count] = 0;
        return CudaResult.Success;
    }

    /// <inheritdoc/>
    public CudaResult DeviceGetAttribute(out int value, CudaDeviceAttribute attribute, int device)
    {
        int? known = attribute switch
        {
            CudaDeviceAttribute.MaxThreadsPerBlock => MaxThreads,
            CudaDeviceAttribute.MaxSharedMemoryPerBlock => MaxShared,
            CudaDeviceAttribute.WarpSize => 32,
            CudaDeviceAttribute.MultiprocessorCount => state.Options.Multiprocessors,
            CudaDeviceAttribute.L2CacheSize => 4 << 20,
            CudaDeviceAttribute.ComputeCapabilityMajor => state.Options.ComputeCapability / 10,
            CudaDeviceAttribute.ComputeCapabilityMinor => state.Options.ComputeCapability % 10,
            CudaDeviceAttribute.MaxSharedMemoryPerBlockOptin => MaxSharedOptIn,
            _ => null,
        };
        value = known ?? 0;
        return device != 0 ? CudaResult.InvalidDevice : known is null ? CudaResult.InvalidValue : CudaResult.Success;
    }

    /// <inheritdoc/>
    public CudaResult DeviceTotalMem(out nuint bytes, int device)
    {
        bytes = (nuint)state.Options.MemoryBytes;
        return device == 0 ? CudaResult.Success : CudaResult.InvalidDevice;
    }

    /// <inheritdoc/>
    public CudaResult DevicePrimaryCtxRetain(out nint context, int device)
    {
        lock (state.Lock)
        {
            context = 0;
            if (!_isInitialized || device != 0)
            {
                return _isInitialized ? CudaResult.InvalidDevice : CudaResult.NotInitialized;
            }

            if (_retained++ == 0)
            {
                _context = state.Handles.Add(this);
            }

            context = _context;
            return state.Sticky;
        }
    }

    /// <inheritdoc/>
    public CudaResult DevicePrimaryCtxRelease(int device)
    {
        lock (state.Lock)
        {
            if (device != 0 || _retained == 0)
            {
                state.Report(FindingKind.InvalidCall, "cuDevicePrimaryCtxRelease_v2", "the primary context is released more often than it was retained");
                return CudaResult.InvalidContext;
            }

            if (--_retained == 0)
            {
                state.Handles.Remove(_context);
                _context = 0;
            }

            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult CtxSetCurrent(nint context)
    {
        lock (state.Lock)
        {
            if (context != 0 && context != _context)
            {
                state.Report(FindingKind.InvalidCall, "cuCtxSetCurrent", "the handle is no context");
                return CudaResult.InvalidContext;
            }

            _current[Environment.CurrentManagedThreadId] = context;
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult CtxSynchronize()
    {
        lock (state.Lock)
        {
            return Refuse("cuCtxSynchronize", endsCapture: true) is { } error ? error : state.SynchronizeAll();
        }
    }

    /// <summary>
    /// Whether a call can't be done: no context is current on the thread, the context is dead, or the call is not allowed while a stream is captured, which also spoils the recording.
    /// </summary>
    private CudaResult? Refuse(string call, bool endsCapture = false)
    {
        if (_current.GetValueOrDefault(Environment.CurrentManagedThreadId) is var current && (current == 0 || current != _context))
        {
            state.Report(FindingKind.InvalidCall, call, "no context is current on this thread");
            return CudaResult.InvalidContext;
        }

        if (endsCapture && ForbiddingCapture() is { } capture)
        {
            return SpoilCapture(capture, call, "the call is not allowed while a stream is captured");
        }

        return state.Sticky == CudaResult.Success ? null : state.Sticky;
    }

    /// <summary>A recording that forbids unsafe calls on this thread: a global one anywhere, a thread's own on that thread.</summary>
    private CaptureSession? ForbiddingCapture() => state.Handles.All<SimulatedStream>().Select(static stream => stream.Capture).FirstOrDefault(static capture =>
        capture is not null && (capture.Mode == CudaCaptureMode.Global || (capture.Mode == CudaCaptureMode.ThreadLocal && capture.Thread == Environment.CurrentManagedThreadId)));

    private CudaResult SpoilCapture(CaptureSession capture, string call, string problem)
    {
        capture.IsInvalid = true;
        state.Report(FindingKind.IllegalCapture, call, problem);
        return CudaResult.StreamCaptureUnsupported;
    }

    /// <summary>A handle's object; a finding where the handle is wrong.</summary>
    private T? Get<T>(string call, nint handle) where T : class
    {
        T? found = state.Handles.Get<T>(handle);
        if (found is null)
        {
            state.Report(FindingKind.InvalidCall, call, handle == 0 ? "the handle is null; the default stream is not used here" : "the handle was destroyed, or is of another kind");
        }

        return found;
    }

    /// <summary>IllegalAddress: CUDA_ERROR_ILLEGAL_ADDRESS.</summary>
    private static string CName(CudaResult result) => result == CudaResult.Success ? "CUDA_SUCCESS" : "CUDA_ERROR_" + Words(result.ToString()).Replace(' ', '_').ToUpperInvariant();

    /// <summary>IllegalAddress: illegal address.</summary>
    private static string Words(string name) => string.Concat(name.Select(static (c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
}
