using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>A convolution that is ready to run: an engine configuration finalized as a plan, and the variant packs of the addresses that it has run on.</summary>
internal sealed class ConvolutionPlan : IDisposable
{
    // A plan serves the layers of one geometry; addresses repeat from step to step.
    private const int MostPacks = 64;

    private readonly CudaDevice _device;
    private readonly nint _handle;
    private readonly CudnnDescriptor _config;
    private readonly CudnnDescriptor _plan;
    private readonly Dictionary<(ulong Input, ulong Filter, ulong Output, ulong Workspace), CudnnDescriptor> _packs = [];

    private ConvolutionPlan(CudaDevice device, nint handle, CudnnDescriptor config, CudnnDescriptor plan)
    {
        _device = device;
        _handle = handle;
        _config = config;
        _plan = plan;
        WorkspaceBytes = plan.GetLong(CudnnAttribute.ExecutionPlanWorkspaceSize);
    }

    /// <summary>Bytes that <see cref="Execute"/> needs as workspace.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>The engine configuration.</summary>
    public CudnnDescriptor Config => _config;

    /// <summary>The plan's number in the command stream.</summary>
    public int Index { get; set; } = -1;

    /// <summary>A plan for a configuration, or null where its engine can't do it. The plan owns the configuration; without a plan it is disposed.</summary>
    public static ConvolutionPlan? TryCreate(CudaDevice device, nint handle, CudnnDescriptor config)
    {
        var plan = new CudnnDescriptor(device, CudnnDescriptorType.ExecutionPlan);
        plan.Set(CudnnAttribute.ExecutionPlanHandle, CudnnAttributeType.Handle, handle).Set(CudnnAttribute.ExecutionPlanEngineConfig, config);
        if (plan.TryBuild() == CudnnStatus.Success)
        {
            return new ConvolutionPlan(device, handle, config, plan);
        }

        plan.Dispose();
        config.Dispose();
        return null;
    }

    /// <summary>Runs the plan in the handle's stream.</summary>
    /// <param name="input">The input, or its gradient.</param>
    /// <param name="filter">The filter, or its gradient.</param>
    /// <param name="output">The output, or its gradient.</param>
    /// <param name="workspace">At least <see cref="WorkspaceBytes"/> bytes, or 0 where none are needed.</param>
    public CudnnStatus Execute(ulong input, ulong filter, ulong output, ulong workspace)
    {
        (ulong, ulong, ulong, ulong) addresses = (input, filter, output, workspace);
        if (!_packs.TryGetValue(addresses, out CudnnDescriptor? pack))
        {
            if (_packs.Count == MostPacks)
            {
                DisposePacks();
            }

            pack = Pack(input, filter, output, workspace);
            _packs.Add(addresses, pack);
        }

        return _device.Libraries.Cudnn.BackendExecute(_handle, _plan.Handle, pack.Handle);
    }

    public void Dispose()
    {
        DisposePacks();
        _plan.Dispose();
        _config.Dispose();
    }

    private CudnnDescriptor Pack(ulong input, ulong filter, ulong output, ulong workspace)
    {
        var pack = new CudnnDescriptor(_device, CudnnDescriptorType.VariantPack);
        return pack
            .Set(CudnnAttribute.VariantPackUniqueIds, ConvolutionGraph.InputId, ConvolutionGraph.FilterId, ConvolutionGraph.OutputId)
            .Set<ulong>(CudnnAttribute.VariantPackDataPointers, CudnnAttributeType.VoidPointer, [input, filter, output])
            .Set(CudnnAttribute.VariantPackWorkspace, CudnnAttributeType.VoidPointer, workspace)
            .Build();
    }

    private void DisposePacks()
    {
        foreach (CudnnDescriptor pack in _packs.Values)
        {
            pack.Dispose();
        }

        _packs.Clear();
    }
}
