namespace AdaShare.Native.Cuda.Interop;

/// <summary>The installed cuBLAS: every member calls the export that its <see cref="EntryPointAttribute"/> names.</summary>
internal sealed unsafe class NativeCublas : ICublas
{
    private readonly delegate* unmanaged<out nint, CublasStatus> _create;
    private readonly delegate* unmanaged<nint, CublasStatus> _destroy;
    private readonly delegate* unmanaged<nint, out int, CublasStatus> _getVersion;
    private readonly delegate* unmanaged<CublasStatus, nint> _getStatusName;
    private readonly delegate* unmanaged<nint, nint, CublasStatus> _setStream;
    private readonly delegate* unmanaged<nint, ulong, nuint, CublasStatus> _setWorkspace;
    private readonly delegate* unmanaged<nint, CublasMath, CublasStatus> _setMathMode;
    private readonly delegate* unmanaged<
        nint, CublasOperation, CublasOperation, int, int, int, void*, ulong, CublasDataType, int, ulong, CublasDataType, int, void*, ulong,
        CublasDataType, int, CublasCompute, CublasAlgorithm, CublasStatus> _gemmEx;
    private readonly delegate* unmanaged<
        nint, CublasOperation, CublasOperation, int, int, int, void*, ulong, CublasDataType, int, long, ulong, CublasDataType, int, long, void*, ulong,
        CublasDataType, int, long, int, CublasCompute, CublasAlgorithm, CublasStatus> _gemmStridedBatchedEx;

    /// <summary>Binds the library's functions.</summary>
    /// <param name="entries">Their addresses; none that is required may be missing.</param>
    public NativeCublas(EntryPoints entries)
    {
        entries.ThrowIfIncomplete();
        _create = (delegate* unmanaged<out nint, CublasStatus>)entries[nameof(Create)];
        _destroy = (delegate* unmanaged<nint, CublasStatus>)entries[nameof(Destroy)];
        _getVersion = (delegate* unmanaged<nint, out int, CublasStatus>)entries[nameof(GetVersion)];
        _getStatusName = (delegate* unmanaged<CublasStatus, nint>)entries[nameof(GetStatusName)];
        _setStream = (delegate* unmanaged<nint, nint, CublasStatus>)entries[nameof(SetStream)];
        _setWorkspace = (delegate* unmanaged<nint, ulong, nuint, CublasStatus>)entries[nameof(SetWorkspace)];
        _setMathMode = (delegate* unmanaged<nint, CublasMath, CublasStatus>)entries[nameof(SetMathMode)];
        _gemmEx = (delegate* unmanaged<
            nint, CublasOperation, CublasOperation, int, int, int, void*, ulong, CublasDataType, int, ulong, CublasDataType, int, void*, ulong,
            CublasDataType, int, CublasCompute, CublasAlgorithm, CublasStatus>)entries[nameof(GemmEx)];
        _gemmStridedBatchedEx = (delegate* unmanaged<
            nint, CublasOperation, CublasOperation, int, int, int, void*, ulong, CublasDataType, int, long, ulong, CublasDataType, int, long, void*, ulong,
            CublasDataType, int, long, int, CublasCompute, CublasAlgorithm, CublasStatus>)entries[nameof(GemmStridedBatchedEx)];
    }

    /// <inheritdoc/>
    public CublasStatus Create(out nint handle) => _create(out handle);

    /// <inheritdoc/>
    public CublasStatus Destroy(nint handle) => _destroy(handle);

    /// <inheritdoc/>
    public CublasStatus GetVersion(nint handle, out int version) => _getVersion(handle, out version);

    /// <inheritdoc/>
    public nint GetStatusName(CublasStatus status) => _getStatusName == null ? 0 : _getStatusName(status);

    /// <inheritdoc/>
    public CublasStatus SetStream(nint handle, nint stream) => _setStream(handle, stream);

    /// <inheritdoc/>
    public CublasStatus SetWorkspace(nint handle, ulong workspace, nuint bytes) => _setWorkspace(handle, workspace, bytes);

    /// <inheritdoc/>
    public CublasStatus SetMathMode(nint handle, CublasMath mode) => _setMathMode(handle, mode);

    /// <inheritdoc/>
    public CublasStatus GemmEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k, void* alpha, ulong a, CublasDataType typeA,
        int leadingA, ulong b, CublasDataType typeB, int leadingB, void* beta, ulong c, CublasDataType typeC, int leadingC, CublasCompute compute,
        CublasAlgorithm algorithm) =>
        _gemmEx(handle, operationA, operationB, m, n, k, alpha, a, typeA, leadingA, b, typeB, leadingB, beta, c, typeC, leadingC, compute, algorithm);

    /// <inheritdoc/>
    public CublasStatus GemmStridedBatchedEx(
        nint handle, CublasOperation operationA, CublasOperation operationB, int m, int n, int k, void* alpha, ulong a, CublasDataType typeA,
        int leadingA, long distanceA, ulong b, CublasDataType typeB, int leadingB, long distanceB, void* beta, ulong c, CublasDataType typeC, int leadingC,
        long distanceC, int count, CublasCompute compute, CublasAlgorithm algorithm) => _gemmStridedBatchedEx(
            handle, operationA, operationB, m, n, k, alpha, a, typeA, leadingA, distanceA, b, typeB, leadingB, distanceB, beta, c, typeC, leadingC, distanceC, count,
            compute, algorithm);
}
