using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Tests.Fakes;

/// <summary>A cuBLAS for tests of the host's side: keeps calls.</summary>
internal sealed unsafe class FakeCublas : ICublas
{
    /// <summary>Calls in order, with what matters of their arguments.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What the next product gives.</summary>
    public CublasStatus Status { get; set; }

    public CublasStatus Create(out nint handle)
    {
        handle = 0x7000;
        return Log("create");
    }

    public CublasStatus Destroy(nint handle) => Log("destroy");

    public CublasStatus GetVersion(nint handle, out int version)
    {
        version = 130100;
        return Log("version");
    }

    public nint GetStatusName(CublasStatus status) => Marshal.StringToCoTaskMemUTF8($"CUBLAS_STATUS_{status}");

    public CublasStatus SetStream(nint handle, nint stream) => Log("stream");

    public CublasStatus SetWorkspace(nint handle, ulong workspace, nuint bytes) => Log($"workspace {bytes}");

    public CublasStatus SetMathMode(nint handle, CublasMath mode) => Log($"math {mode}");

    public CublasStatus GemmEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k,
        void* alpha, ulong a, CublasDataType typeA, int leadingA, ulong b, CublasDataType typeB, int leadingB,
        void* beta, ulong c, CublasDataType typeC, int leadingC, CublasCompute compute, CublasAlgorithm algorithm)
    {
        Log($"gemm {operationA} {operationB} {m}x{n}x{k} ld {leadingA} {leadingB} {leadingC} alpha {*(float*)alpha} beta {*(float*)beta} {compute}");
        return Status;
    }

    public CublasStatus GemmStridedBatchedEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k,
        void* alpha, ulong a, CublasDataType typeA, int leadingA, long distanceA, ulong b, CublasDataType typeB, int leadingB, long distanceB,
        void* beta, ulong c, CublasDataType typeC, int leadingC, long distanceC, int count, CublasCompute compute, CublasAlgorithm algorithm)
    {
        Log(
            $"{count} gemm {operationA} {operationB} {m}x{n}x{k} ld {leadingA} {leadingB} {leadingC} distances {distanceA} {distanceB} {distanceC} " +
            $"alpha {*(float*)alpha} beta {*(float*)beta} {compute}");
        return Status;
    }

    private CublasStatus Log(string call)
    {
        Calls.Add(call);
        return CublasStatus.Success;
    }
}
