using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Builds and runs convolutions by cuDNN's calls, one descriptor after the other.</summary>
internal sealed unsafe class CudnnBench : IDisposable
{
    public CudnnBench()
    {
        Cudnn = Driver.Device.Libraries.Cudnn;
        Expect(Cudnn.Create(out nint handle));
        Expect(Cudnn.SetStream(handle, Driver.Stream));
        Handle = handle;
    }

    public DriverBench Driver { get; } = new();

    public ICudnn Cudnn { get; }

    public nint Handle { get; }

    /// <summary>Logical sizes, strides in elements and type of a tensor.</summary>
    internal sealed record Tensor(long[] Sizes, long[] Strides, CudnnDataType Type = CudnnDataType.Float)
    {
        /// <summary>Channels last, dense, or with room for more channels.</summary>
        public static Tensor ChannelsLast(long n, long c, long h, long w, long pitch = 0, CudnnDataType type = CudnnDataType.Float)
        {
            long step = pitch == 0 ? c : pitch;
            return new Tensor([n, c, h, w], [h * w * step, 1, w * step, step], type);
        }

        public long Offset(long n, long c, long h, long w) => (n * Strides[0]) + (c * Strides[1]) + (h * Strides[2]) + (w * Strides[3]);

        public int Span => (int)Sizes.Zip(Strides, static (size, stride) => (size - 1) * stride).Sum() + 1;
    }

    internal sealed record Window(long Padding, long Stride, long Dilation, CudnnConvolutionMode Mode = CudnnConvolutionMode.CrossCorrelation);

    public static void Expect(CudnnStatus status, CudnnStatus expected = CudnnStatus.Success) => Assert.That(status, Is.EqualTo(expected));

    public nint New(CudnnDescriptorType type)
    {
        Expect(Cudnn.BackendCreateDescriptor(type, out nint descriptor));
        return descriptor;
    }

    public CudnnStatus TrySet<T>(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, params ReadOnlySpan<T> values) where T : unmanaged
    {
        fixed (T* elements = values)
        {
            return Cudnn.BackendSetAttribute(descriptor, attribute, type, values.Length, elements);
        }
    }

    public void Set<T>(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, params ReadOnlySpan<T> values) where T : unmanaged => Expect(TrySet(descriptor, attribute, type, values));

    public void SetLongs(nint descriptor, CudnnAttribute attribute, params ReadOnlySpan<long> values) => Set(descriptor, attribute, CudnnAttributeType.Int64, values);

    public void Finish(nint descriptor) => Expect(Cudnn.BackendFinalize(descriptor));

    /// <summary>A tensor's descriptor, not finalized.</summary>
    public nint NewTensor(long id, Tensor tensor, long alignment = 16)
    {
        nint descriptor = New(CudnnDescriptorType.Tensor);
        Set(descriptor, CudnnAttribute.TensorDataType, CudnnAttributeType.DataType, tensor.Type);
        SetLongs(descriptor, CudnnAttribute.TensorDimensions, tensor.Sizes);
        SetLongs(descriptor, CudnnAttribute.TensorStrides, tensor.Strides);
        SetLongs(descriptor, CudnnAttribute.TensorUniqueId, id);
        SetLongs(descriptor, CudnnAttribute.TensorByteAlignment, alignment);
        return descriptor;
    }

    public nint NewWindow(Window window)
    {
        nint descriptor = New(CudnnDescriptorType.Convolution);
        Set(descriptor, CudnnAttribute.ConvolutionComputeType, CudnnAttributeType.DataType, CudnnDataType.Float);
        Set(descriptor, CudnnAttribute.ConvolutionMode, CudnnAttributeType.ConvolutionMode, window.Mode);
        SetLongs(descriptor, CudnnAttribute.ConvolutionSpatialDimensions, 2);
        SetLongs(descriptor, CudnnAttribute.ConvolutionPrePaddings, window.Padding, window.Padding);
        SetLongs(descriptor, CudnnAttribute.ConvolutionPostPaddings, window.Padding, window.Padding);
        SetLongs(descriptor, CudnnAttribute.ConvolutionDilations, window.Dilation, window.Dilation);
        SetLongs(descriptor, CudnnAttribute.ConvolutionFilterStrides, window.Stride, window.Stride);
        return descriptor;
    }

    /// <summary>A finalized graph of one convolution over tensors 1 (input), 2 (filter) and 3 (output).</summary>
    public nint NewGraph(CudnnDescriptorType kind, Tensor input, Tensor filter, Tensor output, Window window, float beta = 0)
    {
        nint x = NewTensor(1, input), w = NewTensor(2, filter), y = NewTensor(3, output), c = NewWindow(window);
        foreach (nint part in new[] { x, w, y, c })
        {
            Finish(part);
        }

        nint operation = New(kind);
        (CudnnAttribute forX, CudnnAttribute forW, CudnnAttribute forY, CudnnAttribute forWindow, CudnnAttribute alpha, CudnnAttribute forBeta) = Names(kind);
        Set(operation, forX, CudnnAttributeType.BackendDescriptor, x);
        Set(operation, forW, CudnnAttributeType.BackendDescriptor, w);
        Set(operation, forY, CudnnAttributeType.BackendDescriptor, y);
        Set(operation, forWindow, CudnnAttributeType.BackendDescriptor, c);
        Set(operation, alpha, CudnnAttributeType.Float, 1f);
        Set(operation, forBeta, CudnnAttributeType.Float, beta);
        Finish(operation);
        nint graph = New(CudnnDescriptorType.OperationGraph);
        Set(graph, CudnnAttribute.OperationGraphOperations, CudnnAttributeType.BackendDescriptor, operation);
        Set(graph, CudnnAttribute.OperationGraphHandle, CudnnAttributeType.Handle, Handle);
        Finish(graph);
        return graph;
    }

    /// <summary>A plan of an engine by its index, finalized where the engine can.</summary>
    public CudnnStatus TryPlan(nint graph, long engineIndex, out nint plan)
    {
        nint engine = New(CudnnDescriptorType.Engine), config = New(CudnnDescriptorType.EngineConfig);
        Set(engine, CudnnAttribute.EngineOperationGraph, CudnnAttributeType.BackendDescriptor, graph);
        SetLongs(engine, CudnnAttribute.EngineGlobalIndex, engineIndex);
        Finish(engine);
        Set(config, CudnnAttribute.EngineConfigEngine, CudnnAttributeType.BackendDescriptor, engine);
        Finish(config);
        plan = New(CudnnDescriptorType.ExecutionPlan);
        Set(plan, CudnnAttribute.ExecutionPlanHandle, CudnnAttributeType.Handle, Handle);
        Set(plan, CudnnAttribute.ExecutionPlanEngineConfig, CudnnAttributeType.BackendDescriptor, config);
        return Cudnn.BackendFinalize(plan);
    }

    public CudnnStatus Execute(nint plan, ulong x, ulong w, ulong y, ulong workspace, params long[] ids)
    {
        nint pack = New(CudnnDescriptorType.VariantPack);
        SetLongs(pack, CudnnAttribute.VariantPackUniqueIds, ids.Length == 0 ? [1, 2, 3] : ids);
        Set<ulong>(pack, CudnnAttribute.VariantPackDataPointers, CudnnAttributeType.VoidPointer, x, w, y);
        Set(pack, CudnnAttribute.VariantPackWorkspace, CudnnAttributeType.VoidPointer, workspace);
        Finish(pack);
        return Cudnn.BackendExecute(Handle, plan, pack);
    }

    /// <summary>Device memory with floats, or with their nearest bfloat16.</summary>
    public ulong Upload(float[] values, CudnnDataType type = CudnnDataType.Float)
    {
        if (type == CudnnDataType.Float)
        {
            return Driver.Upload(MemoryMarshal.Cast<float, int>(values));
        }

        ushort[] bits = [.. values.Select(static v => Interpreter.Bfloat16.FromSingle(v)), 0];
        return Driver.Upload(MemoryMarshal.Cast<ushort, int>(bits.AsSpan(0, bits.Length / 2 * 2)));
    }

    public float[] Download(ulong address, int count) => MemoryMarshal.Cast<int, float>(Driver.Download(address, count)).ToArray();

    public void Dispose() => Driver.Dispose();

    private static (CudnnAttribute, CudnnAttribute, CudnnAttribute, CudnnAttribute, CudnnAttribute, CudnnAttribute) Names(CudnnDescriptorType kind) => kind switch
    {
        CudnnDescriptorType.OperationConvolutionForward => (CudnnAttribute.ForwardInput, CudnnAttribute.ForwardFilter, CudnnAttribute.ForwardOutput,
            CudnnAttribute.ForwardConvolution, CudnnAttribute.ForwardAlpha, CudnnAttribute.ForwardBeta),
        CudnnDescriptorType.OperationConvolutionBackwardData => (CudnnAttribute.BackwardDataInputGradient, CudnnAttribute.BackwardDataFilter, CudnnAttribute.BackwardDataOutputGradient,
            CudnnAttribute.BackwardDataConvolution, CudnnAttribute.BackwardDataAlpha, CudnnAttribute.BackwardDataBeta),
        _ => (CudnnAttribute.BackwardFilterInput, CudnnAttribute.BackwardFilterFilterGradient, CudnnAttribute.BackwardFilterOutputGradient,
            CudnnAttribute.BackwardFilterConvolution, CudnnAttribute.BackwardFilterAlpha, CudnnAttribute.BackwardFilterBeta),
    };
}
