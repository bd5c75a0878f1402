using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Driver;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>Finalizing descriptors, and running plans.</summary>
internal sealed unsafe partial class SimulatedCudnn
{
    /// <inheritdoc/>
    public CudnnStatus BackendFinalize(nint descriptor)
    {
        lock (state.Lock)
        {
            const string Call = "cudnnBackendFinalize";
            if (state.Handles.Get<BackendDescriptor>(descriptor) is not { } found)
            {
                return Refuse(Call, "the descriptor was destroyed, or is none");
            }

            if (found.IsFinalized)
            {
                return Refuse(Call, $"the descriptor {found.Type} was finalized before");
            }

            foreach (CudnnAttribute attribute in AttributeRules.Required(found.Type))
            {
                if (!found.Has(attribute))
                {
                    return Refuse(Call, $"{attribute} of a descriptor {found.Type} is not set");
                }
            }

            string? problem = found.Type switch
            {
                CudnnDescriptorType.Tensor => DescriptorChecks.Tensor(found),
                CudnnDescriptorType.Convolution => DescriptorChecks.Window(found),
                CudnnDescriptorType.OperationGraph => Graph(found),
                CudnnDescriptorType.VariantPack => DescriptorChecks.VariantPack(found),
                CudnnDescriptorType.EngineConfig => EngineConfig(found),
                _ => OperationAttributes.Of(found.Type) is { } names ? DescriptorChecks.Operation(found, names) : null,
            };
            if (problem is not null)
            {
                return Refuse(Call, problem);
            }

            CudnnStatus status = Choose(found);
            found.IsFinalized = status == CudnnStatus.Success;
            return status;
        }
    }

    private string? Graph(BackendDescriptor graph)
    {
        BackendDescriptor[] operations = graph.Descriptors(CudnnAttribute.OperationGraphOperations);
        if (operations.Length != 1 || OperationAttributes.Of(operations[0].Type) is null)
        {
            return "only graphs of one convolution are simulated";
        }

        return state.Handles.Get<CudnnHandle>((nint)graph.Longs(CudnnAttribute.OperationGraphHandle)[0]) is null ? "the graph's handle was destroyed, or is none" : null;
    }

    private static string? EngineConfig(BackendDescriptor config)
    {
        SimulatedEngine engine = EngineOf(config.Descriptor(CudnnAttribute.EngineConfigEngine));
        BackendDescriptor[] knobs = config.Descriptors(CudnnAttribute.EngineConfigKnobChoices);
        return knobs.Length > (engine.Knob is null ? 0 : 1) || knobs.Any(static knob => knob.Int(CudnnAttribute.KnobChoiceType) != KnobType) ? $"engine {engine.Index} has no such knob" : null;
    }

    /// <summary>What finalizing finds out: whether an engine can do the work, and which ones the heuristics name.</summary>
    private static CudnnStatus Choose(BackendDescriptor descriptor)
    {
        switch (descriptor.Type)
        {
            case CudnnDescriptorType.Engine:
                return SimulatedEngine.Find(descriptor.Longs(CudnnAttribute.EngineGlobalIndex)[0]) is null ? CudnnStatus.NotSupported : CudnnStatus.Success;
            case CudnnDescriptorType.ExecutionPlan:
                return EngineOf(descriptor.Descriptor(CudnnAttribute.ExecutionPlanEngineConfig).Descriptor(CudnnAttribute.EngineConfigEngine)).HasPlans ? CudnnStatus.Success : CudnnStatus.NotSupported;
            case CudnnDescriptorType.EngineHeuristics:
                BackendDescriptor graph = descriptor.Descriptor(CudnnAttribute.EngineHeuristicsOperationGraph);
                descriptor.Results = [.. SimulatedEngine.Heuristics((CudnnHeuristicMode)descriptor.Int(CudnnAttribute.EngineHeuristicsMode)).Select(engine => Config(graph, engine))];
                return CudnnStatus.Success;
            default:
                return CudnnStatus.Success;
        }
    }

    private const int KnobType = 1;

    private static BackendDescriptor Config(BackendDescriptor graph, SimulatedEngine engine)
    {
        var descriptor = new BackendDescriptor(CudnnDescriptorType.Engine) { IsFinalized = true };
        descriptor.Set(CudnnAttribute.EngineOperationGraph, graph);
        descriptor.SetLong(CudnnAttribute.EngineGlobalIndex, engine.Index);
        var config = new BackendDescriptor(CudnnDescriptorType.EngineConfig) { IsFinalized = true };
        config.Set(CudnnAttribute.EngineConfigEngine, descriptor);
        if (engine.Knob is { } value)
        {
            var knob = new BackendDescriptor(CudnnDescriptorType.KnobChoice) { IsFinalized = true };
            knob.Set(CudnnAttribute.KnobChoiceType, CudnnAttributeType.KnobType, BitConverter.GetBytes(KnobType));
            knob.SetLong(CudnnAttribute.KnobChoiceValue, value);
            config.Set(CudnnAttribute.EngineConfigKnobChoices, knob);
        }

        return config;
    }

    /// <inheritdoc/>
    public CudnnStatus BackendExecute(nint handle, nint plan, nint variantPack)
    {
        lock (state.Lock)
        {
            const string Call = "cudnnBackendExecute";
            if (state.Handles.Get<CudnnHandle>(handle) is not { } library || state.Handles.Get<SimulatedStream>(library.Stream) is not { } stream)
            {
                return Refuse(Call, "the handle was destroyed, or no stream is set, or the stream was destroyed");
            }

            if (state.Handles.Get<BackendDescriptor>(plan) is not { Type: CudnnDescriptorType.ExecutionPlan, IsFinalized: true } found
                || state.Handles.Get<BackendDescriptor>(variantPack) is not { Type: CudnnDescriptorType.VariantPack, IsFinalized: true } pack)
            {
                return Refuse(Call, "the plan or the variant pack is destroyed, not finalized, or of another kind");
            }

            if (state.Sticky != CudaResult.Success)
            {
                return CudnnStatus.ExecutionFailed;
            }

            BackendDescriptor engine = found.Descriptor(CudnnAttribute.ExecutionPlanEngineConfig).Descriptor(CudnnAttribute.EngineConfigEngine);
            SimulatedEngine kind = EngineOf(engine);
            var work = new ConvolutionWork(engine.Descriptor(CudnnAttribute.EngineOperationGraph).Descriptor(CudnnAttribute.OperationGraphOperations), kind);
            var pointers = new Dictionary<long, ulong>();
            long[] ids = pack.Longs(CudnnAttribute.VariantPackUniqueIds), addresses = pack.Longs(CudnnAttribute.VariantPackDataPointers);
            for (int i = 0; i < ids.Length; i++)
            {
                pointers[ids[i]] = (ulong)addresses[i];
            }

            foreach (TensorView tensor in work.Tensors)
            {
                if (!pointers.TryGetValue(tensor.Id, out ulong address) || address == 0 || address % (ulong)tensor.Alignment != 0)
                {
                    return Refuse(Call, $"the tensor {tensor.Id} has no pointer that is aligned to {tensor.Alignment} bytes");
                }
            }

            ulong workspace = pack.Has(CudnnAttribute.VariantPackWorkspace) ? (ulong)pack.Longs(CudnnAttribute.VariantPackWorkspace)[0] : 0;
            if (kind.WorkspaceBytes > 0 && (workspace == 0 || workspace % 16 != 0))
            {
                return Refuse(Call, $"the plan needs a workspace of {kind.WorkspaceBytes} bytes, aligned to 16");
            }

            state.Enqueue(stream, new WorkTemplate(work.Name, 1, context => work.Run(context, pointers, workspace)));
            return CudnnStatus.Success;
        }
    }
}
