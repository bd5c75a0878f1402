namespace AdaShare.Native.Cuda.Interop;

/// <summary><c>cublasStatus_t</c>.</summary>
public enum CublasStatus
{
    /// <summary>CUBLAS_STATUS_SUCCESS.</summary>
    Success = 0,

    /// <summary>CUBLAS_STATUS_NOT_INITIALIZED.</summary>
    NotInitialized = 1,

    /// <summary>CUBLAS_STATUS_ALLOC_FAILED.</summary>
    AllocationFailed = 3,

    /// <summary>CUBLAS_STATUS_INVALID_VALUE.</summary>
    InvalidValue = 7,

    /// <summary>CUBLAS_STATUS_ARCH_MISMATCH.</summary>
    ArchitectureMismatch = 8,

    /// <summary>CUBLAS_STATUS_MAPPING_ERROR.</summary>
    MappingError = 11,

    /// <summary>CUBLAS_STATUS_EXECUTION_FAILED.</summary>
    ExecutionFailed = 13,

    /// <summary>CUBLAS_STATUS_INTERNAL_ERROR.</summary>
    InternalError = 14,

    /// <summary>CUBLAS_STATUS_NOT_SUPPORTED.</summary>
    NotSupported = 15,
}

/// <summary><c>cublasOperation_t</c>.</summary>
public enum CublasOperation
{
    /// <summary>The matrix as it lies.</summary>
    None = 0,

    /// <summary>Its transpose.</summary>
    Transpose = 1,
}

/// <summary><c>cudaDataType</c>: the ones that the backend uses.</summary>
public enum CublasDataType
{
    /// <summary>IEEE single precision.</summary>
    Float32 = 0,

    /// <summary>bfloat16.</summary>
    Bfloat16 = 14,
}

/// <summary><c>cublasComputeType_t</c>: the ones that the backend uses.</summary>
public enum CublasCompute
{
    /// <summary>Single precision.</summary>
    Float32 = 68,

    /// <summary>Single precision, factors rounded to TF32.</summary>
    Float32FastTf32 = 77,
}

/// <summary><c>cublasMath_t</c>.</summary>
[Flags]
public enum CublasMath
{
    /// <summary>The fastest that keeps the compute type's precision.</summary>
    Default = 0,

    /// <summary>Single-precision products may use TF32.</summary>
    Tf32TensorOp = 3,

    /// <summary>Sums of 16-bit products are not rounded before they are complete.</summary>
    DisallowReducedPrecisionReduction = 16,
}

/// <summary><c>cublasGemmAlgo_t</c>.</summary>
public enum CublasAlgorithm
{
    /// <summary>Chosen by heuristics.</summary>
    Default = -1,
}
