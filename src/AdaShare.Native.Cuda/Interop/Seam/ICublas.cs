namespace AdaShare.Native.Cuda.Interop;

/// <summary>cuBLAS as far as the backend uses it: each member is the C function that its <see cref="EntryPointAttribute"/> names, with the same arguments and status.</summary>
public unsafe interface ICublas
{
    /// <summary>Creates a handle for the current context.</summary>
    [EntryPoint("cublasCreate_v2")]
    CublasStatus Create(out nint handle);

    /// <summary>Destroys a handle.</summary>
    [EntryPoint("cublasDestroy_v2")]
    CublasStatus Destroy(nint handle);

    /// <summary>The library's version: 10000 major + 100 minor + patch.</summary>
    [EntryPoint("cublasGetVersion_v2")]
    CublasStatus GetVersion(nint handle, out int version);

    /// <summary>The C name of a status, a zero-terminated string that lives as long as the library.</summary>
    [EntryPoint("cublasGetStatusName", required: false)]
    nint GetStatusName(CublasStatus status);

    /// <summary>Says in which stream products of the handle run; forgets the workspace.</summary>
    [EntryPoint("cublasSetStream_v2")]
    CublasStatus SetStream(nint handle, nint stream);

    /// <summary>Gives products a workspace in device memory, aligned to 256 bytes: graph capture and repeatable results need it.</summary>
    [EntryPoint("cublasSetWorkspace_v2")]
    CublasStatus SetWorkspace(nint handle, ulong workspace, nuint bytes);

    /// <summary>Says how products may round.</summary>
    [EntryPoint("cublasSetMathMode")]
    CublasStatus SetMathMode(nint handle, CublasMath mode);

    /// <summary>
    /// C = alpha op(A) op(B) + beta C over column-major matrices, C [m, n]; <paramref name="alpha"/> and <paramref name="beta"/> are host pointers to the compute type's scalar.
    /// </summary>
    [EntryPoint("cublasGemmEx")]
    CublasStatus GemmEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k,
        void* alpha, ulong a, CublasDataType typeA, int leadingA, ulong b, CublasDataType typeB, int leadingB,
        void* beta, ulong c, CublasDataType typeC, int leadingC, CublasCompute compute, CublasAlgorithm algorithm);

    /// <summary>
    /// As <see cref="GemmEx"/>, for <paramref name="count"/> products of one size whose matrices lie at equal distances; distances are numbers of elements.
    /// </summary>
    [EntryPoint("cublasGemmStridedBatchedEx")]
    CublasStatus GemmStridedBatchedEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k,
        void* alpha, ulong a, CublasDataType typeA, int leadingA, long distanceA, ulong b, CublasDataType typeB, int leadingB, long distanceB,
        void* beta, ulong c, CublasDataType typeC, int leadingC, long distanceC, int count, CublasCompute compute, CublasAlgorithm algorithm);
}
