namespace AdaShare.Native.Cuda.Interop;

/// <summary><c>cudnnStatus_t</c> as numbered from version 9 on; other values pass through as numbers. The thousands are the category.</summary>
public enum CudnnStatus
{
    /// <summary>CUDNN_STATUS_SUCCESS.</summary>
    Success = 0,

    /// <summary>CUDNN_STATUS_NOT_INITIALIZED.</summary>
    NotInitialized = 1001,

    /// <summary>CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH.</summary>
    SublibraryVersionMismatch = 1002,

    /// <summary>CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED.</summary>
    SublibraryLoadingFailed = 1008,

    /// <summary>CUDNN_STATUS_BAD_PARAM, the first of its category.</summary>
    BadParam = 2000,

    /// <summary>CUDNN_STATUS_NOT_SUPPORTED, the first of its category: another engine may do it.</summary>
    NotSupported = 3000,

    /// <summary>CUDNN_STATUS_INTERNAL_ERROR, the first of its category.</summary>
    InternalError = 4000,

    /// <summary>CUDNN_STATUS_EXECUTION_FAILED, the first of its category.</summary>
    ExecutionFailed = 5000,
}

/// <summary><c>cudnnBackendDescriptorType_t</c>: the ones that the backend creates.</summary>
public enum CudnnDescriptorType
{
    /// <summary>How a convolution's window moves.</summary>
    Convolution = 1,

    /// <summary>A way to run an operation graph.</summary>
    Engine = 2,

    /// <summary>An engine with its knobs set.</summary>
    EngineConfig = 3,

    /// <summary>A list of engine configurations, best first.</summary>
    EngineHeuristics = 4,

    /// <summary>An engine configuration made ready to run.</summary>
    ExecutionPlan = 5,

    /// <summary>One knob of an engine.</summary>
    KnobChoice = 7,

    /// <summary>Forward convolution.</summary>
    OperationConvolutionForward = 10,

    /// <summary>Gradient with respect to the filter.</summary>
    OperationConvolutionBackwardFilter = 11,

    /// <summary>Gradient with respect to the input.</summary>
    OperationConvolutionBackwardData = 12,

    /// <summary>The operations that a plan runs.</summary>
    OperationGraph = 15,

    /// <summary>The pointers of one execution.</summary>
    VariantPack = 16,

    /// <summary>A tensor's type and layout.</summary>
    Tensor = 17,
}

/// <summary><c>cudnnBackendAttributeType_t</c>: the ones that the backend uses.</summary>
public enum CudnnAttributeType
{
    /// <summary>cudnnHandle_t.</summary>
    Handle = 0,

    /// <summary>cudnnDataType_t, 4 bytes.</summary>
    DataType = 1,

    /// <summary>bool, 1 byte.</summary>
    Boolean = 2,

    /// <summary>int64_t.</summary>
    Int64 = 3,

    /// <summary>float.</summary>
    Float = 4,

    /// <summary>double.</summary>
    Double = 5,

    /// <summary>void*.</summary>
    VoidPointer = 6,

    /// <summary>cudnnConvolutionMode_t, 4 bytes.</summary>
    ConvolutionMode = 7,

    /// <summary>cudnnBackendHeurMode_t, 4 bytes.</summary>
    HeuristicMode = 8,

    /// <summary>cudnnBackendKnobType_t, 4 bytes.</summary>
    KnobType = 9,

    /// <summary>cudnnBackendNumericalNote_t, 4 bytes.</summary>
    NumericalNote = 11,

    /// <summary>cudnnBackendDescriptor_t.</summary>
    BackendDescriptor = 15,

    /// <summary>cudnnBackendBehaviorNote_t, 4 bytes.</summary>
    BehaviorNote = 19,
}

/// <summary><c>cudnnBackendAttributeName_t</c>: the ones that the backend uses.</summary>
public enum CudnnAttribute
{
    /// <summary>DataType: in which convolutions add up.</summary>
    ConvolutionComputeType = 100,

    /// <summary>ConvolutionMode.</summary>
    ConvolutionMode = 101,

    /// <summary>Int64 for each spatial dimension.</summary>
    ConvolutionDilations = 102,

    /// <summary>Int64 for each spatial dimension.</summary>
    ConvolutionFilterStrides = 103,

    /// <summary>Int64 for each spatial dimension: below and right.</summary>
    ConvolutionPostPaddings = 104,

    /// <summary>Int64 for each spatial dimension: above and left.</summary>
    ConvolutionPrePaddings = 105,

    /// <summary>Int64: 2 for images.</summary>
    ConvolutionSpatialDimensions = 106,

    /// <summary>HeuristicMode.</summary>
    EngineHeuristicsMode = 200,

    /// <summary>BackendDescriptor.</summary>
    EngineHeuristicsOperationGraph = 201,

    /// <summary>BackendDescriptor for each engine configuration, best first.</summary>
    EngineHeuristicsResults = 202,

    /// <summary>BackendDescriptor.</summary>
    EngineConfigEngine = 300,

    /// <summary>BackendDescriptor for each knob.</summary>
    EngineConfigKnobChoices = 302,

    /// <summary>Handle.</summary>
    ExecutionPlanHandle = 400,

    /// <summary>BackendDescriptor.</summary>
    ExecutionPlanEngineConfig = 401,

    /// <summary>Int64: bytes.</summary>
    ExecutionPlanWorkspaceSize = 402,

    /// <summary>KnobType.</summary>
    KnobChoiceType = 600,

    /// <summary>Int64.</summary>
    KnobChoiceValue = 601,

    /// <summary>Float.</summary>
    ForwardAlpha = 700,

    /// <summary>Float.</summary>
    ForwardBeta = 701,

    /// <summary>BackendDescriptor.</summary>
    ForwardConvolution = 702,

    /// <summary>BackendDescriptor.</summary>
    ForwardFilter = 703,

    /// <summary>BackendDescriptor.</summary>
    ForwardInput = 704,

    /// <summary>BackendDescriptor.</summary>
    ForwardOutput = 705,

    /// <summary>Float.</summary>
    BackwardDataAlpha = 706,

    /// <summary>Float.</summary>
    BackwardDataBeta = 707,

    /// <summary>BackendDescriptor.</summary>
    BackwardDataConvolution = 708,

    /// <summary>BackendDescriptor.</summary>
    BackwardDataFilter = 709,

    /// <summary>BackendDescriptor.</summary>
    BackwardDataInputGradient = 710,

    /// <summary>BackendDescriptor.</summary>
    BackwardDataOutputGradient = 711,

    /// <summary>Float.</summary>
    BackwardFilterAlpha = 712,

    /// <summary>Float.</summary>
    BackwardFilterBeta = 713,

    /// <summary>BackendDescriptor.</summary>
    BackwardFilterConvolution = 714,

    /// <summary>BackendDescriptor.</summary>
    BackwardFilterFilterGradient = 715,

    /// <summary>BackendDescriptor.</summary>
    BackwardFilterInput = 716,

    /// <summary>BackendDescriptor.</summary>
    BackwardFilterOutputGradient = 717,

    /// <summary>Handle.</summary>
    OperationGraphHandle = 800,

    /// <summary>BackendDescriptor for each operation.</summary>
    OperationGraphOperations = 801,

    /// <summary>Int64: bytes to which the data pointer is a multiple.</summary>
    TensorByteAlignment = 900,

    /// <summary>DataType.</summary>
    TensorDataType = 901,

    /// <summary>Int64 for each dimension, always N, C, H, W or K, C, R, S.</summary>
    TensorDimensions = 902,

    /// <summary>Int64 for each dimension, in elements.</summary>
    TensorStrides = 903,

    /// <summary>Int64: by which a variant pack names the tensor.</summary>
    TensorUniqueId = 906,

    /// <summary>Boolean: whether the tensor has no memory.</summary>
    TensorIsVirtual = 907,

    /// <summary>Int64 for each pointer.</summary>
    VariantPackUniqueIds = 1000,

    /// <summary>VoidPointer for each tensor.</summary>
    VariantPackDataPointers = 1001,

    /// <summary>VoidPointer.</summary>
    VariantPackWorkspace = 1003,

    /// <summary>BackendDescriptor.</summary>
    EngineOperationGraph = 1300,

    /// <summary>Int64: the engine's number.</summary>
    EngineGlobalIndex = 1301,

    /// <summary>NumericalNote for each note.</summary>
    EngineNumericalNotes = 1303,

    /// <summary>BehaviorNote for each note.</summary>
    EngineBehaviorNotes = 1305,
}

/// <summary><c>cudnnDataType_t</c>: the ones that the backend uses.</summary>
public enum CudnnDataType
{
    /// <summary>IEEE single precision.</summary>
    Float = 0,

    /// <summary>bfloat16.</summary>
    Bfloat16 = 9,
}

/// <summary><c>cudnnConvolutionMode_t</c>.</summary>
public enum CudnnConvolutionMode
{
    /// <summary>The filter is turned by 180 degrees.</summary>
    Convolution = 0,

    /// <summary>The filter is used as it lies.</summary>
    CrossCorrelation = 1,
}

/// <summary><c>cudnnBackendHeurMode_t</c>.</summary>
public enum CudnnHeuristicMode
{
    /// <summary>A decision tree.</summary>
    Instant = 0,

    /// <summary>A neural network; not thread-safe.</summary>
    B = 1,

    /// <summary>Engines that run nearly everything.</summary>
    Fallback = 2,

    /// <summary>The recommended one.</summary>
    A = 3,
}

/// <summary><c>cudnnBackendNumericalNote_t</c>: what an engine does to numbers.</summary>
public enum CudnnNumericalNote
{
    /// <summary>Uses tensor cores: single precision is rounded to TF32.</summary>
    TensorCore = 0,

    /// <summary>Rounds inputs to a smaller type.</summary>
    DownConvertInputs = 1,

    /// <summary>Adds up in a smaller type.</summary>
    ReducedPrecisionReduction = 2,

    /// <summary>Uses Fourier transforms.</summary>
    Fft = 3,

    /// <summary>May give other bits the next time.</summary>
    Nondeterministic = 4,

    /// <summary>Uses Winograd's transforms.</summary>
    Winograd = 5,

    /// <summary>Uses Winograd's transforms with tiles of 4x4.</summary>
    WinogradTile4x4 = 6,

    /// <summary>Uses Winograd's transforms with tiles of 6x6.</summary>
    WinogradTile6x6 = 7,

    /// <summary>Uses Winograd's transforms with tiles of 13x13.</summary>
    WinogradTile13x13 = 8,

    /// <summary>Propagates NaN strictly.</summary>
    StrictNanPropagation = 9,
}

/// <summary><c>cudnnBackendBehaviorNote_t</c>: what an engine needs.</summary>
public enum CudnnBehaviorNote
{
    /// <summary>Compiles when its plan is made, which needs NVRTC.</summary>
    RuntimeCompilation = 0,

    /// <summary>Wants the filter reordered.</summary>
    RequiresFilterInt8X32Reorder = 1,

    /// <summary>Wants the bias reordered.</summary>
    RequiresBiasInt8X32Reorder = 2,

    /// <summary>Can add itself to a CUDA graph.</summary>
    SupportsCudaGraphNativeApi = 3,
}
