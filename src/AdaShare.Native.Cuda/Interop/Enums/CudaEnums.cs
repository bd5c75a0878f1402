namespace AdaShare.Native.Cuda.Interop;

/// <summary><c>CUdevice_attribute</c>: the ones that the backend asks for.</summary>
public enum CudaDeviceAttribute
{
    /// <summary>Threads of a block.</summary>
    MaxThreadsPerBlock = 1,

    /// <summary>Bytes of shared memory of a block without asking for more.</summary>
    MaxSharedMemoryPerBlock = 8,

    /// <summary>Threads of a warp.</summary>
    WarpSize = 10,

    /// <summary>Streaming multiprocessors.</summary>
    MultiprocessorCount = 16,

    /// <summary>Bytes of the second-level cache.</summary>
    L2CacheSize = 38,

    /// <summary>Major part of the compute capability.</summary>
    ComputeCapabilityMajor = 75,

    /// <summary>Minor part of the compute capability.</summary>
    ComputeCapabilityMinor = 76,

    /// <summary>Bytes of shared memory of a block that a kernel can ask for.</summary>
    MaxSharedMemoryPerBlockOptin = 97,
}

/// <summary><c>CUfunction_attribute</c>: the ones that the backend asks for.</summary>
public enum CudaFunctionAttribute
{
    /// <summary>The largest block that the kernel can be launched with.</summary>
    MaxThreadsPerBlock = 0,

    /// <summary>Bytes of static shared memory.</summary>
    SharedBytes = 1,

    /// <summary>Bytes of local memory of a thread: spilled registers.</summary>
    LocalBytes = 3,

    /// <summary>Registers of a thread.</summary>
    Registers = 4,

    /// <summary>Bytes of dynamic shared memory that the kernel may be launched with.</summary>
    MaxDynamicSharedBytes = 8,
}

/// <summary><c>CUjit_option</c>: the ones that the backend sets.</summary>
public enum CudaJitOption
{
    /// <summary>A buffer for messages.</summary>
    InfoLogBuffer = 3,

    /// <summary>Its size.</summary>
    InfoLogBufferBytes = 4,

    /// <summary>A buffer for errors.</summary>
    ErrorLogBuffer = 5,

    /// <summary>Its size.</summary>
    ErrorLogBufferBytes = 6,
}

/// <summary><c>CUstream_flags</c>.</summary>
[Flags]
public enum CudaStreamFlags : uint
{
    /// <summary>Waits for the default stream and makes it wait.</summary>
    Default = 0,

    /// <summary>Does not synchronise with the default stream.</summary>
    NonBlocking = 1,
}

/// <summary><c>CUevent_flags</c>.</summary>
[Flags]
public enum CudaEventFlags : uint
{
    /// <summary>Records the time.</summary>
    Default = 0,

    /// <summary>Threads that wait for it sleep.</summary>
    BlockingSync = 1,

    /// <summary>Records no time.</summary>
    DisableTiming = 2,
}

/// <summary>Flags of <c>cuMemHostAlloc</c>.</summary>
[Flags]
public enum CudaHostAllocFlags : uint
{
    /// <summary>Page-locked for the current context.</summary>
    None = 0,

    /// <summary>Page-locked for all contexts.</summary>
    Portable = 1,

    /// <summary>Fast to write, slow to read for the host.</summary>
    WriteCombined = 4,
}

/// <summary><c>CUstreamCaptureMode</c>.</summary>
public enum CudaCaptureMode
{
    /// <summary>Unsafe calls of any thread spoil the capture.</summary>
    Global = 0,

    /// <summary>Unsafe calls of the capturing thread spoil it.</summary>
    ThreadLocal = 1,

    /// <summary>Unsafe calls are allowed.</summary>
    Relaxed = 2,
}
