using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Driver;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Cublas;

/// <summary>A handle of cuBLAS and its settings.</summary>
internal sealed class CublasHandle
{
    public nint Stream { get; set; }

    public ulong Workspace { get; set; }

    public CublasMath Math { get; set; }
}

/// <summary>cuBLAS on the simulated device: products computed from the leading dimensions and pointers that are really passed.</summary>
internal sealed unsafe class SimulatedCublas(DeviceState state) : ICublas
{
    private static readonly Dictionary<CublasStatus, nint> Names = Enum.GetValues<CublasStatus>().ToDictionary(static status => status, static status => Marshal.StringToCoTaskMemUTF8($"CUBLAS_STATUS_{status}"));

    /// <inheritdoc/>
    public CublasStatus Create(out nint handle)
    {
        lock (state.Lock)
        {
            handle = state.Handles.Add(new CublasHandle());
            return CublasStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CublasStatus Destroy(nint handle)
    {
        lock (state.Lock)
        {
            if (Get("cublasDestroy_v2", handle) is null)
            {
                return CublasStatus.NotInitialized;
            }

            state.Handles.Remove(handle);
            return CublasStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CublasStatus GetVersion(nint handle, out int version)
    {
        version = 120000;
        return CublasStatus.Success;
    }

    /// <inheritdoc/>
    public nint GetStatusName(CublasStatus status) => Names.TryGetValue(status, out nint name) ? name : Names[CublasStatus.InternalError];

    /// <inheritdoc/>
    public CublasStatus SetStream(nint handle, nint stream)
    {
        lock (state.Lock)
        {
            if (Get("cublasSetStream_v2", handle) is not { } found)
            {
                return CublasStatus.NotInitialized;
            }

            if (state.Handles.Get<SimulatedStream>(stream) is null)
            {
                return Refuse("cublasSetStream_v2", "the stream was destroyed, or is none");
            }

            found.Stream = stream;
            found.Workspace = 0;
            return CublasStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CublasStatus SetWorkspace(nint handle, ulong workspace, nuint bytes)
    {
        lock (state.Lock)
        {
            if (Get("cublasSetWorkspace_v2", handle) is not { } found)
            {
                return CublasStatus.NotInitialized;
            }

            if (workspace % 256 != 0)
            {
                return Refuse("cublasSetWorkspace_v2", $"the workspace 0x{workspace:X} is not aligned to 256 bytes");
            }

            found.Workspace = bytes == 0 ? 0 : workspace;
            return CublasStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CublasStatus SetMathMode(nint handle, CublasMath mode)
    {
        lock (state.Lock)
        {
            if (Get("cublasSetMathMode", handle) is not { } found)
            {
                return CublasStatus.NotInitialized;
            }

            if (!Enum.IsDefined(mode & ~CublasMath.DisallowReducedPrecisionReduction))
            {
                return Refuse("cublasSetMathMode", $"the mode {(int)mode} is not simulated");
            }

            found.Math = mode;
            return CublasStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CublasStatus GemmEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k,
        void* alpha, ulong a, CublasDataType typeA, int leadingA, ulong b, CublasDataType typeB, int leadingB,
        void* beta, ulong c, CublasDataType typeC, int leadingC, CublasCompute compute, CublasAlgorithm algorithm) => Multiply(
            "cublasGemmEx", handle, operationA, operationB, m, n, k, alpha, a, typeA, leadingA, 0, b, typeB, leadingB, 0, beta, c, typeC, leadingC, 0, 1, compute);

    /// <inheritdoc/>
    public CublasStatus GemmStridedBatchedEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k,
        void* alpha, ulong a, CublasDataType typeA, int leadingA, long distanceA, ulong b, CublasDataType typeB, int leadingB, long distanceB,
        void* beta, ulong c, CublasDataType typeC, int leadingC, long distanceC, int count, CublasCompute compute, CublasAlgorithm algorithm) => Multiply(
            "cublasGemmStridedBatchedEx", handle, operationA, operationB, m, n, k, alpha, a, typeA, leadingA, distanceA, b, typeB, leadingB, distanceB,
            beta, c, typeC, leadingC, distanceC, count, compute);

    private CublasStatus Multiply(
        string call, nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k,
        void* alpha, ulong a, CublasDataType typeA, int leadingA, long distanceA, ulong b, CublasDataType typeB, int leadingB, long distanceB,
        void* beta, ulong c, CublasDataType typeC, int leadingC, long distanceC, int count, CublasCompute compute)
    {
        lock (state.Lock)
        {
            if (Get(call, handle) is not { } found)
            {
                return CublasStatus.NotInitialized;
            }

            var first = new MatrixView("A", a, typeA, leadingA, operationA == CublasOperation.None ? m : k, operationA == CublasOperation.None ? k : m, operationA == CublasOperation.Transpose);
            var second = new MatrixView("B", b, typeB, leadingB, operationB == CublasOperation.None ? k : n, operationB == CublasOperation.None ? n : k, operationB == CublasOperation.Transpose);
            var third = new MatrixView("C", c, typeC, leadingC, m, n, false);
            if (m < 0 || n < 0 || k < 0 || count < 0 || alpha is null || beta is null)
            {
                return Refuse(call, $"the sizes {m}, {n}, {k} or the number {count} are negative, or a factor is null");
            }

            if (!Enum.IsDefined(operationA) || !Enum.IsDefined(operationB) || !Enum.IsDefined(compute) || typeA != typeB || (typeA == CublasDataType.Float32 && typeC != CublasDataType.Float32))
            {
                return Refuse(call, "this combination of operations and types is not simulated");
            }

            if (new[] { first, second, third }.Select(static matrix => matrix.Problem).FirstOrDefault(static problem => problem is not null) is { } problem)
            {
                return Refuse(call, problem);
            }

            if (count > 1 && (long)leadingC * n > Math.Abs(distanceC))
            {
                return Refuse(call, $"results {distanceC} elements from one another overlap: each has {n} columns at {leadingC} elements");
            }

            if (state.Handles.Get<SimulatedStream>(found.Stream) is not { } stream)
            {
                return Refuse(call, "no stream is set, or it was destroyed");
            }

            if (stream.Capture is { } capture && found.Workspace == 0)
            {
                capture.IsInvalid = true;
                state.Report(FindingKind.IllegalCapture, call, "a product without a workspace of the caller's allocates memory, while its stream is captured");
                return CublasStatus.NotSupported;
            }

            if (state.Sticky != CudaResult.Success)
            {
                return CublasStatus.ExecutionFailed;
            }

            bool tf32 = typeA == CublasDataType.Float32 && (compute == CublasCompute.Float32FastTf32 || (found.Math & ~CublasMath.DisallowReducedPrecisionReduction) == CublasMath.Tf32TensorOp);
            for (int i = 0; i < count && m > 0 && n > 0; i++)
            {
                var product = new ProductWork(first.At(i * distanceA), second.At(i * distanceB), third.At(i * distanceC), m, n, k, *(float*)alpha, *(float*)beta, tf32);
                state.Enqueue(stream, new WorkTemplate(call, 1, product.Run));
            }

            return CublasStatus.Success;
        }
    }

    private CublasHandle? Get(string call, nint handle)
    {
        CublasHandle? found = state.Handles.Get<CublasHandle>(handle);
        if (found is null)
        {
            Refuse(call, "the handle was destroyed, or is of another kind");
        }

        return found;
    }

    private CublasStatus Refuse(string call, string problem)
    {
        state.Report(FindingKind.InvalidCall, call, problem);
        return CublasStatus.InvalidValue;
    }
}
