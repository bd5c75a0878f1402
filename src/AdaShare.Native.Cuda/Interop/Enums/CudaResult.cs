namespace AdaShare.Native.Cuda.Interop;

/// <summary><c>CUresult</c>: the statuses that the backend tells apart; others pass through as numbers.</summary>
public enum CudaResult
{
    /// <summary>CUDA_SUCCESS.</summary>
    Success = 0,

    /// <summary>CUDA_ERROR_INVALID_VALUE.</summary>
    InvalidValue = 1,

    /// <summary>CUDA_ERROR_OUT_OF_MEMORY.</summary>
    OutOfMemory = 2,

    /// <summary>CUDA_ERROR_NOT_INITIALIZED.</summary>
    NotInitialized = 3,

    /// <summary>CUDA_ERROR_DEINITIALIZED: the driver is shutting down.</summary>
    Deinitialized = 4,

    /// <summary>CUDA_ERROR_STUB_LIBRARY: the library is the toolkit's stub, not a driver.</summary>
    StubLibrary = 34,

    /// <summary>CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER.</summary>
    CallRequiresNewerDriver = 36,

    /// <summary>CUDA_ERROR_NO_DEVICE.</summary>
    NoDevice = 100,

    /// <summary>CUDA_ERROR_INVALID_DEVICE.</summary>
    InvalidDevice = 101,

    /// <summary>CUDA_ERROR_INVALID_IMAGE.</summary>
    InvalidImage = 200,

    /// <summary>CUDA_ERROR_INVALID_CONTEXT: none is current on the thread.</summary>
    InvalidContext = 201,

    /// <summary>CUDA_ERROR_NO_BINARY_FOR_GPU.</summary>
    NoBinaryForGpu = 209,

    /// <summary>CUDA_ERROR_INVALID_PTX.</summary>
    InvalidPtx = 218,

    /// <summary>CUDA_ERROR_JIT_COMPILER_NOT_FOUND.</summary>
    JitCompilerNotFound = 221,

    /// <summary>CUDA_ERROR_UNSUPPORTED_PTX_VERSION.</summary>
    UnsupportedPtxVersion = 222,

    /// <summary>CUDA_ERROR_JIT_COMPILATION_DISABLED.</summary>
    JitCompilationDisabled = 223,

    /// <summary>CUDA_ERROR_INVALID_HANDLE.</summary>
    InvalidHandle = 400,

    /// <summary>CUDA_ERROR_NOT_FOUND.</summary>
    NotFound = 500,

    /// <summary>CUDA_ERROR_NOT_READY: not an error, the work goes on.</summary>
    NotReady = 600,

    /// <summary>CUDA_ERROR_ILLEGAL_ADDRESS; from here to <see cref="LaunchFailed"/> the context is lost.</summary>
    IllegalAddress = 700,

    /// <summary>CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES.</summary>
    LaunchOutOfResources = 701,

    /// <summary>CUDA_ERROR_LAUNCH_TIMEOUT.</summary>
    LaunchTimeout = 702,

    /// <summary>CUDA_ERROR_ASSERT.</summary>
    Assert = 710,

    /// <summary>CUDA_ERROR_HARDWARE_STACK_ERROR.</summary>
    HardwareStackError = 714,

    /// <summary>CUDA_ERROR_ILLEGAL_INSTRUCTION.</summary>
    IllegalInstruction = 715,

    /// <summary>CUDA_ERROR_MISALIGNED_ADDRESS.</summary>
    MisalignedAddress = 716,

    /// <summary>CUDA_ERROR_INVALID_ADDRESS_SPACE.</summary>
    InvalidAddressSpace = 717,

    /// <summary>CUDA_ERROR_INVALID_PC.</summary>
    InvalidProgramCounter = 718,

    /// <summary>CUDA_ERROR_LAUNCH_FAILED.</summary>
    LaunchFailed = 719,

    /// <summary>CUDA_ERROR_NOT_PERMITTED.</summary>
    NotPermitted = 800,

    /// <summary>CUDA_ERROR_NOT_SUPPORTED.</summary>
    NotSupported = 801,

    /// <summary>CUDA_ERROR_SYSTEM_DRIVER_MISMATCH.</summary>
    SystemDriverMismatch = 803,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED: the call is not allowed while a stream is captured.</summary>
    StreamCaptureUnsupported = 900,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_INVALIDATED: an earlier call has spoilt the capture.</summary>
    StreamCaptureInvalidated = 901,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_MERGE.</summary>
    StreamCaptureMerge = 902,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_UNMATCHED.</summary>
    StreamCaptureUnmatched = 903,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_UNJOINED.</summary>
    StreamCaptureUnjoined = 904,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_ISOLATION.</summary>
    StreamCaptureIsolation = 905,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_IMPLICIT: the call would wait for the default stream.</summary>
    StreamCaptureImplicit = 906,

    /// <summary>CUDA_ERROR_CAPTURED_EVENT.</summary>
    CapturedEvent = 907,

    /// <summary>CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD.</summary>
    StreamCaptureWrongThread = 908,

    /// <summary>CUDA_ERROR_UNKNOWN.</summary>
    Unknown = 999,
}

/// <summary>Facts about driver statuses.</summary>
public static class CudaResults
{
    /// <summary>Whether the context is lost: every later call on the device gives the same status.</summary>
    public static bool IsSticky(this CudaResult result) => result is >= CudaResult.IllegalAddress and <= CudaResult.LaunchFailed;

    /// <summary>Whether the call failed because a stream is being captured.</summary>
    public static bool IsCaptureError(this CudaResult result) => result is >= CudaResult.StreamCaptureUnsupported and <= CudaResult.StreamCaptureWrongThread;
}
