using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>Which attributes each descriptor has, of which type, how many elements, and whether finalizing needs them (cuDNN 9 backend API reference).</summary>
internal static class AttributeRules
{
    /// <summary>What an attribute must look like.</summary>
    /// <param name="Type">The type of an element.</param>
    /// <param name="Most">The most elements.</param>
    /// <param name="IsRequired">Whether finalizing needs it.</param>
    /// <param name="Descriptor">Of descriptors: their type.</param>
    internal sealed record Rule(CudnnAttributeType Type, int Most, bool IsRequired, CudnnDescriptorType? Descriptor = null);

    private static readonly Dictionary<(CudnnDescriptorType, CudnnAttribute), Rule> Rules = Create();

    /// <summary>The rule for an attribute, or null where the descriptor does not have it, or it can't be set.</summary>
    public static Rule? Find(CudnnDescriptorType descriptor, CudnnAttribute attribute) => Rules.GetValueOrDefault((descriptor, attribute));

    /// <summary>The attributes without which a descriptor can't be finalized.</summary>
    public static IEnumerable<CudnnAttribute> Required(CudnnDescriptorType descriptor) =>
        Rules.Where(rule => rule.Key.Item1 == descriptor && rule.Value.IsRequired).Select(static rule => rule.Key.Item2);

    /// <summary>The bytes of an element.</summary>
    public static int ElementBytes(CudnnAttributeType type) => type switch
    {
        CudnnAttributeType.Boolean => 1,
        CudnnAttributeType.Handle or CudnnAttributeType.Int64 or CudnnAttributeType.Double or CudnnAttributeType.VoidPointer or CudnnAttributeType.BackendDescriptor => 8,
        _ => 4,
    };

    private static Dictionary<(CudnnDescriptorType, CudnnAttribute), Rule> Create()
    {
        var rules = new Dictionary<(CudnnDescriptorType, CudnnAttribute), Rule>();
        void Add(CudnnDescriptorType descriptor, CudnnAttribute attribute, CudnnAttributeType type, int most = 1, bool required = true, CudnnDescriptorType? of = null) =>
            rules[(descriptor, attribute)] = new Rule(type, most, required, of);

        Add(CudnnDescriptorType.Tensor, CudnnAttribute.TensorDataType, CudnnAttributeType.DataType);
        Add(CudnnDescriptorType.Tensor, CudnnAttribute.TensorDimensions, CudnnAttributeType.Int64, 8);
        Add(CudnnDescriptorType.Tensor, CudnnAttribute.TensorStrides, CudnnAttributeType.Int64, 8);
        Add(CudnnDescriptorType.Tensor, CudnnAttribute.TensorUniqueId, CudnnAttributeType.Int64);
        Add(CudnnDescriptorType.Tensor, CudnnAttribute.TensorByteAlignment, CudnnAttributeType.Int64);
        Add(CudnnDescriptorType.Tensor, CudnnAttribute.TensorIsVirtual, CudnnAttributeType.Boolean, required: false);

        Add(CudnnDescriptorType.Convolution, CudnnAttribute.ConvolutionComputeType, CudnnAttributeType.DataType);
        Add(CudnnDescriptorType.Convolution, CudnnAttribute.ConvolutionMode, CudnnAttributeType.ConvolutionMode);
        Add(CudnnDescriptorType.Convolution, CudnnAttribute.ConvolutionSpatialDimensions, CudnnAttributeType.Int64);
        Add(CudnnDescriptorType.Convolution, CudnnAttribute.ConvolutionPrePaddings, CudnnAttributeType.Int64, 3);
        Add(CudnnDescriptorType.Convolution, CudnnAttribute.ConvolutionPostPaddings, CudnnAttributeType.Int64, 3);
        Add(CudnnDescriptorType.Convolution, CudnnAttribute.ConvolutionDilations, CudnnAttributeType.Int64, 3);
        Add(CudnnDescriptorType.Convolution, CudnnAttribute.ConvolutionFilterStrides, CudnnAttributeType.Int64, 3);

        foreach (OperationAttributes names in OperationAttributes.All)
        {
            Add(names.Type, names.Input, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.Tensor);
            Add(names.Type, names.Filter, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.Tensor);
            Add(names.Type, names.Output, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.Tensor);
            Add(names.Type, names.Convolution, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.Convolution);
            Add(names.Type, names.Alpha, CudnnAttributeType.Float);
            Add(names.Type, names.Beta, CudnnAttributeType.Float);
        }

        Add(CudnnDescriptorType.OperationGraph, CudnnAttribute.OperationGraphHandle, CudnnAttributeType.Handle);
        Add(CudnnDescriptorType.OperationGraph, CudnnAttribute.OperationGraphOperations, CudnnAttributeType.BackendDescriptor, 16);
        Add(CudnnDescriptorType.EngineHeuristics, CudnnAttribute.EngineHeuristicsOperationGraph, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.OperationGraph);
        Add(CudnnDescriptorType.EngineHeuristics, CudnnAttribute.EngineHeuristicsMode, CudnnAttributeType.HeuristicMode);
        Add(CudnnDescriptorType.Engine, CudnnAttribute.EngineOperationGraph, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.OperationGraph);
        Add(CudnnDescriptorType.Engine, CudnnAttribute.EngineGlobalIndex, CudnnAttributeType.Int64);
        Add(CudnnDescriptorType.KnobChoice, CudnnAttribute.KnobChoiceType, CudnnAttributeType.KnobType);
        Add(CudnnDescriptorType.KnobChoice, CudnnAttribute.KnobChoiceValue, CudnnAttributeType.Int64);
        Add(CudnnDescriptorType.EngineConfig, CudnnAttribute.EngineConfigEngine, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.Engine);
        Add(CudnnDescriptorType.EngineConfig, CudnnAttribute.EngineConfigKnobChoices, CudnnAttributeType.BackendDescriptor, 64, required: false, CudnnDescriptorType.KnobChoice);
        Add(CudnnDescriptorType.ExecutionPlan, CudnnAttribute.ExecutionPlanEngineConfig, CudnnAttributeType.BackendDescriptor, of: CudnnDescriptorType.EngineConfig);
        Add(CudnnDescriptorType.ExecutionPlan, CudnnAttribute.ExecutionPlanHandle, CudnnAttributeType.Handle, required: false);
        Add(CudnnDescriptorType.VariantPack, CudnnAttribute.VariantPackUniqueIds, CudnnAttributeType.Int64, 64);
        Add(CudnnDescriptorType.VariantPack, CudnnAttribute.VariantPackDataPointers, CudnnAttributeType.VoidPointer, 64);
        Add(CudnnDescriptorType.VariantPack, CudnnAttribute.VariantPackWorkspace, CudnnAttributeType.VoidPointer, required: false);
        return rules;
    }
}

/// <summary>The names that the three convolutions have for the same things; gradients count as what they are gradients of.</summary>
internal sealed record OperationAttributes(
    CudnnDescriptorType Type, CudnnAttribute Input, CudnnAttribute Filter, CudnnAttribute Output, CudnnAttribute Convolution, CudnnAttribute Alpha, CudnnAttribute Beta)
{
    public static IReadOnlyList<OperationAttributes> All { get; } =
    [
        new(CudnnDescriptorType.OperationConvolutionForward, CudnnAttribute.ForwardInput, CudnnAttribute.ForwardFilter, CudnnAttribute.ForwardOutput,
            CudnnAttribute.ForwardConvolution, CudnnAttribute.ForwardAlpha, CudnnAttribute.ForwardBeta),
        new(CudnnDescriptorType.OperationConvolutionBackwardData, CudnnAttribute.BackwardDataInputGradient, CudnnAttribute.BackwardDataFilter, CudnnAttribute.BackwardDataOutputGradient,
            CudnnAttribute.BackwardDataConvolution, CudnnAttribute.BackwardDataAlpha, CudnnAttribute.BackwardDataBeta),
        new(CudnnDescriptorType.OperationConvolutionBackwardFilter, CudnnAttribute.BackwardFilterInput, CudnnAttribute.BackwardFilterFilterGradient, CudnnAttribute.BackwardFilterOutputGradient,
            CudnnAttribute.BackwardFilterConvolution, CudnnAttribute.BackwardFilterAlpha, CudnnAttribute.BackwardFilterBeta),
    ];

    public static OperationAttributes? Of(CudnnDescriptorType type) => All.FirstOrDefault(names => names.Type == type);
}
