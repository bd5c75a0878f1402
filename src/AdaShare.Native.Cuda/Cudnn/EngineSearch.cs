using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>Engine configurations for an operation graph, best first, without those whose rounding or order of addition is not wanted.</summary>
/// <remarks>The filters are PyTorch's (aten/src/ATen/native/cudnn/Conv_v8.cpp); where single precision must not be rounded, Winograd's and Fourier's transforms are left out too as long as there is anything else.</remarks>
internal sealed class EngineSearch(CudaDevice device, CudaBackendOptions options)
{
    // As many as there are.
    private const int MostNotes = (int)CudnnNumericalNote.StrictNanPropagation + 1;

    /// <summary>Configurations that the heuristics name and the options allow; each belongs to whoever takes it. Those that nobody takes are disposed.</summary>
    /// <param name="graph">The convolution.</param>
    /// <param name="operands">The type of its operands.</param>
    /// <param name="transforms">Whether engines that use transforms may come although single precision must not be rounded.</param>
    public IEnumerable<CudnnDescriptor> Candidates(ConvolutionGraph graph, CudnnDataType operands, bool transforms)
    {
        // The recommended heuristics, or the simple ones where a version lacks them; then engines that run nearly everything.
        CudnnDescriptor[] best = Query(graph, CudnnHeuristicMode.A);
        if (best.Length == 0)
        {
            best = Query(graph, CudnnHeuristicMode.Instant);
        }

        foreach (CudnnDescriptor config in Allowed(best, operands, transforms))
        {
            yield return config;
        }

        foreach (CudnnDescriptor config in Allowed(Query(graph, CudnnHeuristicMode.Fallback), operands, transforms))
        {
            yield return config;
        }
    }

    /// <summary>What an engine does to numbers.</summary>
    public IReadOnlyList<CudnnNumericalNote> Notes(CudnnDescriptor config)
    {
        using CudnnDescriptor engine = EngineOf(config);
        var notes = new CudnnNumericalNote[MostNotes];
        int count = engine.Get<CudnnNumericalNote>(CudnnAttribute.EngineNumericalNotes, CudnnAttributeType.NumericalNote, notes);
        return notes[..count];
    }

    /// <summary>A configuration's engine, in a descriptor that the caller disposes.</summary>
    public CudnnDescriptor EngineOf(CudnnDescriptor config)
    {
        var engine = new CudnnDescriptor(device, CudnnDescriptorType.Engine);
        Span<nint> handles = [engine.Handle];
        config.Get(CudnnAttribute.EngineConfigEngine, CudnnAttributeType.BackendDescriptor, handles);
        return engine;
    }

    private IEnumerable<CudnnDescriptor> Allowed(CudnnDescriptor[] configs, CudnnDataType operands, bool transforms)
    {
        int taken = 0;
        try
        {
            while (taken < configs.Length)
            {
                CudnnDescriptor config = configs[taken++];
                if (IsAllowed(config, operands, transforms))
                {
                    yield return config;
                }
                else
                {
                    config.Dispose();
                }
            }
        }
        finally
        {
            Array.ForEach(configs[taken..], static config => config.Dispose());
        }
    }

    private bool IsAllowed(CudnnDescriptor config, CudnnDataType operands, bool transforms)
    {
        bool exact = operands == CudnnDataType.Float && !options.AllowTf32;
        foreach (CudnnNumericalNote note in Notes(config))
        {
            bool allowed = note switch
            {
                CudnnNumericalNote.Nondeterministic => !options.Deterministic,
                CudnnNumericalNote.DownConvertInputs or CudnnNumericalNote.ReducedPrecisionReduction => false,
                CudnnNumericalNote.TensorCore => !exact,
                CudnnNumericalNote.Fft or CudnnNumericalNote.Winograd or CudnnNumericalNote.WinogradTile4x4 or CudnnNumericalNote.WinogradTile6x6
                    or CudnnNumericalNote.WinogradTile13x13 => !exact || transforms,
                _ => true,
            };
            if (!allowed)
            {
                return false;
            }
        }

        return true;
    }

    private CudnnDescriptor[] Query(ConvolutionGraph graph, CudnnHeuristicMode mode)
    {
        using var heuristics = new CudnnDescriptor(device, CudnnDescriptorType.EngineHeuristics);
        heuristics.Set(CudnnAttribute.EngineHeuristicsOperationGraph, graph.Graph).Set(CudnnAttribute.EngineHeuristicsMode, CudnnAttributeType.HeuristicMode, mode);
        if (heuristics.TryBuild() != CudnnStatus.Success
            || heuristics.TryCount(CudnnAttribute.EngineHeuristicsResults, CudnnAttributeType.BackendDescriptor, out long count) != CudnnStatus.Success)
        {
            return [];
        }

        var configs = new CudnnDescriptor[(int)count];
        var handles = new nint[configs.Length];
        for (int i = 0; i < configs.Length; i++)
        {
            configs[i] = new CudnnDescriptor(device, CudnnDescriptorType.EngineConfig);
            handles[i] = configs[i].Handle;
        }

        // Fewer may come back than were counted.
        int returned = configs.Length == 0 ? 0 : heuristics.Get<nint>(CudnnAttribute.EngineHeuristicsResults, CudnnAttributeType.BackendDescriptor, handles);
        foreach (CudnnDescriptor unused in configs[returned..])
        {
            unused.Dispose();
        }

        return configs[..returned];
    }
}
