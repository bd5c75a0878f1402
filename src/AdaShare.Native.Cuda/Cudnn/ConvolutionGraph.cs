using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>A convolution as cuDNN's operation graph with one operation: descriptors of three tensors, of the window, of the operation, and the graph.</summary>
internal sealed class ConvolutionGraph : IDisposable
{
    /// <summary>The input, or its gradient.</summary>
    public const long InputId = 1;

    /// <summary>The filter, or its gradient.</summary>
    public const long FilterId = 2;

    /// <summary>The output, or its gradient.</summary>
    public const long OutputId = 3;

    private readonly CudaDevice _device;
    private readonly List<CudnnDescriptor> _owned = [];

    public ConvolutionGraph(CudaDevice device, nint handle, in ConvolutionKey key)
    {
        _device = device;
        try
        {
            CudnnDescriptor operation = Operation(key);
            Graph = Own(CudnnDescriptorType.OperationGraph)
                .Set(CudnnAttribute.OperationGraphOperations, operation)
                .Set(CudnnAttribute.OperationGraphHandle, CudnnAttributeType.Handle, handle)
                .Build();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The graph's descriptor.</summary>
    public CudnnDescriptor Graph { get; }

    /// <summary>A descriptor that lives as long as the graph.</summary>
    public CudnnDescriptor Own(CudnnDescriptorType type)
    {
        var descriptor = new CudnnDescriptor(_device, type);
        _owned.Add(descriptor);
        return descriptor;
    }

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        _owned.Clear();
    }

    private CudnnDescriptor Operation(in ConvolutionKey key)
    {
        Conv2dGeometry g = key.Geometry;

        // Sizes are named N, C, H, W and K, C, R, S whatever the layout; strides say that channels are last.
        CudnnDescriptor input = Tensor(InputId, key.Type, key.Alignment, g.Batch, g.InputChannels, g.InputHeight, g.InputWidth);
        CudnnDescriptor filter = Tensor(FilterId, key.Type, key.Alignment, g.OutputChannels, g.InputChannels, g.KernelHeight, g.KernelWidth);
        CudnnDescriptor output = Tensor(OutputId, key.Type, key.Alignment, g.Batch, g.OutputChannels, g.OutputHeight, g.OutputWidth);
        CudnnDescriptor window = Window(g.Options);
        return key.Kind switch
        {
            ConvolutionKind.Forward => Own(CudnnDescriptorType.OperationConvolutionForward)
                .Set(CudnnAttribute.ForwardInput, input)
                .Set(CudnnAttribute.ForwardFilter, filter)
                .Set(CudnnAttribute.ForwardOutput, output)
                .Set(CudnnAttribute.ForwardConvolution, window)
                .Set(CudnnAttribute.ForwardAlpha, CudnnAttributeType.Float, 1f)
                .Set(CudnnAttribute.ForwardBeta, CudnnAttributeType.Float, key.Accumulate ? 1f : 0f)
                .Build(),
            ConvolutionKind.BackwardInput => Own(CudnnDescriptorType.OperationConvolutionBackwardData)
                .Set(CudnnAttribute.BackwardDataInputGradient, input)
                .Set(CudnnAttribute.BackwardDataFilter, filter)
                .Set(CudnnAttribute.BackwardDataOutputGradient, output)
                .Set(CudnnAttribute.BackwardDataConvolution, window)
                .Set(CudnnAttribute.BackwardDataAlpha, CudnnAttributeType.Float, 1f)
                .Set(CudnnAttribute.BackwardDataBeta, CudnnAttributeType.Float, key.Accumulate ? 1f : 0f)
                .Build(),
            _ => Own(CudnnDescriptorType.OperationConvolutionBackwardFilter)
                .Set(CudnnAttribute.BackwardFilterInput, input)
                .Set(CudnnAttribute.BackwardFilterOutputGradient, output)
                .Set(CudnnAttribute.BackwardFilterFilterGradient, filter)
                .Set(CudnnAttribute.BackwardFilterConvolution, window)
                .Set(CudnnAttribute.BackwardFilterAlpha, CudnnAttributeType.Float, 1f)
                .Set(CudnnAttribute.BackwardFilterBeta, CudnnAttributeType.Float, key.Accumulate ? 1f : 0f)
                .Build(),
        };
    }

    private CudnnDescriptor Tensor(long id, CudnnDataType type, int alignment, long n, long c, long h, long w) => Own(CudnnDescriptorType.Tensor)
        .Set(CudnnAttribute.TensorDataType, CudnnAttributeType.DataType, type)
        .Set(CudnnAttribute.TensorDimensions, n, c, h, w)
        .Set(CudnnAttribute.TensorStrides, h * w * c, 1, w * c, c)
        .Set(CudnnAttribute.TensorUniqueId, id)
        .Set(CudnnAttribute.TensorByteAlignment, (long)alignment)
        .Build();

    private CudnnDescriptor Window(Conv2dOptions o) => Own(CudnnDescriptorType.Convolution)
        .Set(CudnnAttribute.ConvolutionComputeType, CudnnAttributeType.DataType, CudnnDataType.Float)
        .Set(CudnnAttribute.ConvolutionMode, CudnnAttributeType.ConvolutionMode, CudnnConvolutionMode.CrossCorrelation)
        .Set(CudnnAttribute.ConvolutionSpatialDimensions, 2L)
        .Set(CudnnAttribute.ConvolutionPrePaddings, o.PadHeight, o.PadWidth)
        .Set(CudnnAttribute.ConvolutionPostPaddings, o.PadHeight, o.PadWidth)
        .Set(CudnnAttribute.ConvolutionDilations, o.DilationHeight, o.DilationWidth)
        .Set(CudnnAttribute.ConvolutionFilterStrides, o.StrideHeight, o.StrideWidth)
        .Build();
}
