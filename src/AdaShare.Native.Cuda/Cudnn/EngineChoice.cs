using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>An engine with its knobs, by the numbers that cuDNN gives them: enough to make its configuration again.</summary>
/// <param name="Engine">The engine's global index.</param>
/// <param name="Knobs">Type and value of each knob.</param>
/// <param name="Milliseconds">What a run took when the choice was made.</param>
internal sealed record EngineChoice(long Engine, long[][] Knobs, double Milliseconds)
{
    private const int MostKnobs = 64;

    /// <summary>Reads the choice from a configuration.</summary>
    public static EngineChoice Of(CudaDevice device, EngineSearch search, CudnnDescriptor config, double milliseconds)
    {
        using CudnnDescriptor engine = search.EngineOf(config);
        CudnnDescriptor[] knobs = [.. Enumerable.Range(0, MostKnobs).Select(_ => new CudnnDescriptor(device, CudnnDescriptorType.KnobChoice))];
        int count = config.GetIfSet<nint>(
            CudnnAttribute.EngineConfigKnobChoices, CudnnAttributeType.BackendDescriptor, Array.ConvertAll(knobs, static knob => knob.Handle));
        var values = new long[count][];
        Span<int> type = stackalloc int[1];
        for (int i = 0; i < count; i++)
        {
            knobs[i].Get(CudnnAttribute.KnobChoiceType, CudnnAttributeType.KnobType, type);
            values[i] = [type[0], knobs[i].GetLong(CudnnAttribute.KnobChoiceValue)];
        }

        Array.ForEach(knobs, static knob => knob.Dispose());
        return new EngineChoice(engine.GetLong(CudnnAttribute.EngineGlobalIndex), values, milliseconds);
    }

    /// <summary>The configuration for a graph, or null where this cuDNN does not take it.</summary>
    public CudnnDescriptor? TryBuild(CudaDevice device, ConvolutionGraph graph)
    {
        CudnnDescriptor engine = graph.Own(CudnnDescriptorType.Engine)
            .Set(CudnnAttribute.EngineOperationGraph, graph.Graph)
            .Set(CudnnAttribute.EngineGlobalIndex, Engine);
        if (engine.TryBuild() != CudnnStatus.Success)
        {
            return null;
        }

        CudnnDescriptor[] knobs = Array.ConvertAll(Knobs, knob => graph.Own(CudnnDescriptorType.KnobChoice)
            .Set(CudnnAttribute.KnobChoiceType, CudnnAttributeType.KnobType, (int)knob[0])
            .Set(CudnnAttribute.KnobChoiceValue, knob[1])
            .Build());
        var config = new CudnnDescriptor(device, CudnnDescriptorType.EngineConfig);
        config.Set(CudnnAttribute.EngineConfigEngine, engine);
        if (knobs.Length > 0)
        {
            config.Set(CudnnAttribute.EngineConfigKnobChoices, knobs);
        }

        if (config.TryBuild() == CudnnStatus.Success)
        {
            return config;
        }

        config.Dispose();
        return null;
    }
}
